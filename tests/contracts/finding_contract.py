"""How tracks are found under every database: by words, ids, paths and the beginnings of names."""

import pytest
from catalogue_fixtures import BJORK, CatalogueFixtures
from make_entries import make_entry

from recsys.database.catalogue import Catalogue
from recsys.domain.audio import Tags
from recsys.errors import AmbiguousTrack, NotFound


class FindingContract(CatalogueFixtures):
    """Lists, pages and references."""

    @pytest.fixture
    def filled(self, catalogue: Catalogue) -> Catalogue:
        catalogue.store(
            [
                make_entry("/music/Björk/02 joga.flac", tags=BJORK),
                make_entry(
                    "/music/Björk/05 Bachelorette.flac",
                    tags=Tags(title="Bachelorette", artists=("Björk",), album="Homogenic"),
                ),
                make_entry("/music/ABBA/gold.mp3", tags=Tags(title="Dancing Queen", artists=("ABBA",), album="Gold")),
                make_entry("/music/ABBA/50%_off.mp3"),
                make_entry(
                    "/music/Dan/dan.mp3", tags=Tags(title="Dan", artists=("Someone",), track_number=1, album="Joga")
                ),
                make_entry("/music/Bj\udcf6rk/latin.mp3", tags=Tags(title="Latin", artists=("Anon",))),
            ]
        )
        return catalogue

    @pytest.mark.parametrize(
        ("query", "titles"),
        [
            (None, ["50%_off", "Dancing Queen", "Latin", "Bachelorette", "Jóga", "Dan"]),
            ("bjork", ["Bachelorette", "Jóga"]),
            ("BJÖRK homogenic 02", ["Jóga"]),
            ("joga", ["Jóga", "Dan"]),
            ("queen abba", ["Dancing Queen"]),
            ("%", ["50%_off"]),
            ("_", ["50%_off"]),
            ("Bj\udcf6rk", ["Latin"]),
            ("nothing like this", []),
        ],
    )
    def test_words_match_names_and_paths(self, filled: Catalogue, query: str | None, titles: list[str]) -> None:
        assert [t.title for t in filled.tracks(query)] == titles

    def test_pages(self, filled: Catalogue) -> None:
        whole = filled.tracks()
        assert filled.tracks(limit=2) == whole[:2]
        assert filled.tracks(limit=2, offset=4) == whole[4:]
        assert filled.tracks(offset=4) == whole[4:]

    @pytest.mark.parametrize(
        ("reference", "title"),
        [
            ("/music/ABBA/gold.mp3", "Dancing Queen"),
            ("/music/ABBA/go", "Dancing Queen"),
            ("/MUSIC/abba/GO", "Dancing Queen"),
            ("/music/../music/ABBA/gold.mp3", "Dancing Queen"),
            ("gold.mp3", "Dancing Queen"),
            ("gold", "Dancing Queen"),
            ("dancing q", "Dancing Queen"),
            ("abba - dancing queen", "Dancing Queen"),
            ("ABBA - Dan", "Dancing Queen"),
            ("Dan", "Dan"),  # a whole name goes before the beginning of another
            ("joga", "Jóga"),  # an album is no name
            ("Jo\u0301ga", "Jóga"),
            ("BJÖRK - JÓGA", "Jóga"),
            ("50%", "50%_off"),
            ("/music/Bj\udcf6rk/latin.mp3", "Latin"),
            ("/music/Bj\udcf6rk", "Latin"),
        ],
    )
    def test_reference_resolves_to_one_track(self, filled: Catalogue, reference: str, title: str) -> None:
        assert filled.resolve(reference).title == title

    def test_ids_are_references(self, filled: Catalogue) -> None:
        for track in filled.tracks():
            assert filled.resolve(str(track.id)) == track
        for number in ("4711", "99999999999999999999", "-1"):
            with pytest.raises(NotFound, match=number):
                filled.resolve(number)

    @pytest.mark.parametrize(
        "reference", ["nobody - nothing", "", " ", "~nobody/x", "Gold - Dancing", "\0", "homogenic"]
    )
    def test_reference_without_match_is_not_found(self, filled: Catalogue, reference: str) -> None:
        with pytest.raises(NotFound):
            filled.resolve(reference)

    def test_relative_path_is_a_reference(
        self, catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path_factory.mktemp("music")
        catalogue.store([make_entry(str(folder / "album" / "song.mp3")), make_entry("/elsewhere/song.mp3")])
        monkeypatch.chdir(folder)
        assert catalogue.resolve("album/song.mp3").path == str(folder / "album" / "song.mp3")
        assert catalogue.resolve("album/so").path == str(folder / "album" / "song.mp3")
        for nothing in ("", " \n"):
            with pytest.raises(NotFound):
                catalogue.resolve(nothing)

    def test_ambiguous_reference_lists_candidates(self, filled: Catalogue) -> None:
        with pytest.raises(AmbiguousTrack, match="'björk -' matches 2 tracks") as caught:
            filled.resolve("björk -")
        assert len(caught.value.candidates) == 2
        assert "Björk - Jóga" in caught.value.candidates[0]
        filled.store(
            [make_entry(f"/many/{i}.mp3", tags=Tags(title="Intro", artists=(f"Band {i}",))) for i in range(30)]
        )
        with pytest.raises(AmbiguousTrack, match="30 tracks") as caught:
            filled.resolve("intro")
        assert len(caught.value.candidates) == 10

    def test_present_track_has_precedence_over_a_missing_one(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/a.mp3", tags=BJORK), make_entry("/b.mp3", tags=BJORK)])
        catalogue.mark_missing(["/a.mp3"])
        assert catalogue.resolve("joga").path == "/b.mp3"
        assert catalogue.resolve("/a.mp3").missing

    def test_id_of_a_missing_track_has_precedence_over_the_beginning_of_a_name(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/a.mp3", tags=BJORK)])
        gone = catalogue.resolve("/a.mp3").id
        named = (Tags(title=f"{gone} more time"), Tags(title=f"{gone}"))
        catalogue.store([make_entry("/b.mp3", tags=named[0])])
        catalogue.mark_missing(["/a.mp3"])
        assert catalogue.resolve(str(gone)).path == "/a.mp3"
        assert catalogue.resolve(f"{gone} m").path == "/b.mp3"
        catalogue.store([make_entry("/c.mp3", tags=named[1])])
        assert catalogue.resolve(str(gone)).path == "/c.mp3"  # a whole name, present

    def test_new_tags_replace_the_names(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/a.mp3", tags=BJORK)])
        catalogue.store([make_entry("/a.mp3", tags=Tags(title="Hunter", artists=("Björk",)))])
        assert catalogue.resolve("hunter").title == catalogue.resolve("björk - h").title == "Hunter"
        for old in ("joga", "björk - jóga"):
            with pytest.raises(NotFound):
                catalogue.resolve(old)

    def test_very_long_names_are_distinguished(self, catalogue: Catalogue) -> None:
        long = "x" * 3000
        catalogue.store([make_entry(f"/{end}.mp3", tags=Tags(title=long + end, artists=("Somebody",))) for end in "ab"])
        assert catalogue.resolve(long + "a").path == "/a.mp3"
        assert catalogue.resolve(f"somebody - {long}b").path == "/b.mp3"
        with pytest.raises(AmbiguousTrack):
            catalogue.resolve(long)

    @pytest.mark.parametrize("last", ["\ud7ff", "\ue000", "\udc80", "\U0010fffe", "\0", "z", "龍"])
    def test_prefix_may_end_in_any_character(self, catalogue: Catalogue, last: str) -> None:
        catalogue.store([make_entry("/a.mp3", tags=Tags(title=f"song{last}and more")), make_entry("/b.mp3")])
        assert catalogue.resolve(f"song{last}").path == catalogue.resolve(f"song{last}an").path == "/a.mp3"

    def test_several_references_are_resolved_as_each_alone(self, filled: Catalogue) -> None:
        filled.store([make_entry("/music/7.mp3"), make_entry("/gone.mp3")])
        filled.mark_missing(["/gone.mp3"])
        references = ["3", "/music/Bj\udcf6rk/latin.mp3", "joga", "3", " 2", "7", "/music/ABBA/../ABBA/gold.mp3", "8"]
        expected = [filled.resolve(each).id for each in references]
        assert [track.id for track in filled.resolve_all(references)] == expected == [3, 6, 1, 3, 2, 7, 3, 8]
        with pytest.raises(NotFound, match=r"no track matches '99'"):
            filled.resolve_all(["1", "99", "x"])

    def test_tracks_by_id_keeps_the_order_and_leaves_out_unknown_ids(self, filled: Catalogue) -> None:
        ids = [int(i) for i in filled.ids()][::-1]
        assert list(filled.tracks_by_id([ids[0], 999, *ids])) == ids
