"""How tracks are searched under every database: words, fields, ranks, orders and pages."""

from typing import Any

import pytest
from catalogue_fixtures import CatalogueFixtures
from hypothesis import given, settings
from hypothesis import strategies as st
from make_entries import make_entry

from recsys.database import trigrams
from recsys.database.catalogue import Catalogue
from recsys.database.search import search_text
from recsys.domain.audio import Tags
from recsys.domain.listeners import PlayEvent
from recsys.domain.track_query import SORT_FIELDS, TrackOrder, TrackQuery
from recsys.errors import InvalidRequest
from recsys.metadata.text import fold

_LETTERS = "abcé%_\\\"'?*-^愛の龍ß½\u0301\U0001f3b5\U0010ffff"
_WORDS = st.text(_LETTERS, min_size=1, max_size=5)

_TERMS = ("blue", "bl", "b", "愛", "-kind", "title:e", "year:>1960", "九", "ow", '"so w"', "-b", "zoo, inc")


def tags(title: str | None = None, artist: str | None = None, album: str | None = None, **more: Any) -> Tags:
    return Tags(title=title, artists=(artist,) if artist else (), album=album, **more)


class SearchContract(CatalogueFixtures):
    """Searches, orders and pages."""

    @pytest.fixture
    def songs(self, catalogue: Catalogue) -> Catalogue:
        catalogue.store(
            [
                make_entry("/m/1.mp3", tags=tags("Heroes", "David Bowie", "Heroes", year=1977), genre="rock"),
                make_entry("/m/2.mp3", tags=tags("Warszawa", "David Bowie", "Low", year=1977, genres=("Ambient",))),
                make_entry("/m/3.mp3", tags=tags("So What", "Miles Davis", "Kind of Blue", year=1959), genre="jazz"),
                make_entry(
                    "/m/4.mp3", tags=tags("Blue in Green", "Miles Davis", "Kind of Blue", year=1959), genre="jazz"
                ),
                make_entry("/m/5.mp3", tags=tags("Blue", "Joni Mitchell", "Blue", year=1971), duration=185.0),
                make_entry("/m/6.mp3", tags=tags("Godzilla", "Blue Öyster Cult", "Spectres"), duration=220.2),
                make_entry("/blue/7.mp3", tags=tags("上を向いて歩こう", "坂本 九", year=1961)),
                make_entry("/m/8.mp3", tags=tags("愛", "The Zoo, Inc.", year=2004)),
            ]
        )
        return catalogue

    @pytest.mark.parametrize(
        ("query", "titles"),
        [
            ("artist:bowie", ["Warszawa", "Heroes"]),  # by album: Low is after Heroes
            ("artist:BÖWIE", ["Warszawa", "Heroes"]),
            ('artist:"miles davis" title:so', ["So What"]),
            ("title:blue", ["Blue", "Blue in Green"]),
            ("album:blue -artist:mitchell", ["Blue in Green", "So What"]),
            ("genre:jazz", ["Blue in Green", "So What"]),
            ("genre:ambient", ["Warszawa"]),
            ("-genre:rock -genre:jazz", []),
            ("year:1977", ["Heroes", "Warszawa"]),
            ("year:1959-1971", ["Blue", "Blue in Green", "So What", "上を向いて歩こう"]),
            ("year:>1977", ["愛"]),
            ("-year:1900-2100", ["Godzilla"]),
            ("duration:3:05", ["Blue"]),
            ("duration:>=3:40", ["Godzilla"]),
            ("path:/blue/", ["上を向いて歩こう"]),
            ("added:2000", []),
            ("blue -kind", ["Blue", "Godzilla", "上を向いて歩こう"]),
            ("blue ^kind", ["Blue", "Godzilla", "上を向いて歩こう"]),
            ('"kind of" davis', ["Blue in Green", "So What"]),
            ('"of kind"', []),
            ("愛", ["愛"]),
            ("九", ["上を向いて歩こう"]),
            ("向い", ["上を向いて歩こう"]),
            ("oy", ["Godzilla"]),
            ("w", ["Warszawa", "Heroes", "So What"]),
        ],
    )
    def test_conditions(self, songs: Catalogue, query: str, titles: list[str]) -> None:
        assert sorted(track.title for track in songs.tracks(query)) == sorted(titles)

    def test_title_goes_before_artist_album_and_path(self, songs: Catalogue) -> None:
        assert [track.title for track in songs.tracks("blue")] == [
            "Blue", "Blue in Green", "Godzilla", "So What", "上を向いて歩こう",
        ]  # fmt: skip
        for n in range(1, 6):
            assert songs.tracks("blue", limit=n) == songs.tracks("blue")[:n]

    @pytest.mark.parametrize(
        ("order", "titles"),
        [
            ("title", ["Blue", "Blue in Green", "Godzilla", "Heroes", "So What", "Warszawa", "上を向いて歩こう", "愛"]),
            (
                "title:desc",
                ["愛", "上を向いて歩こう", "Warszawa", "So What", "Heroes", "Godzilla", "Blue in Green", "Blue"],
            ),
            ("year", ["So What", "Blue in Green", "上を向いて歩こう", "Blue", "Heroes", "Warszawa", "愛", "Godzilla"]),
            (
                "year:desc",
                ["愛", "Heroes", "Warszawa", "Blue", "上を向いて歩こう", "So What", "Blue in Green", "Godzilla"],
            ),
        ],
    )
    def test_orders(self, songs: Catalogue, order: str, titles: list[str]) -> None:
        assert [track.title for track in songs.tracks(order=TrackOrder.parse(order))] == titles

    def test_numbers_in_names_are_sorted_by_value_and_articles_are_ignored(self, catalogue: Catalogue) -> None:
        names = ["Track 2", "track 10", "The Track 9", "Ábc", "Beatles, The", "zoo"]
        catalogue.store([make_entry(f"/{i}.mp3", tags=tags(name)) for i, name in enumerate(names)])
        assert [track.title for track in catalogue.tracks(order=TrackOrder("title"))] == [
            "Ábc", "Beatles, The", "Track 2", "The Track 9", "track 10", "zoo",
        ]  # fmt: skip

    def test_every_order_lists_every_track(self, songs: Catalogue) -> None:
        songs.set_rating([1], 1)
        songs.set_stars([2], 3)
        songs.add_plays([PlayEvent(3, 1_700_000_000_000, False, "manual")])
        everything = {track.id for track in songs.tracks()}
        for field in SORT_FIELDS:
            for direction in ("asc", "desc"):
                found = songs.tracks(order=TrackOrder.parse(f"{field}:{direction}"))
                assert {track.id for track in found} == everything
                assert len(found) == len(everything)
        assert [track.id for track in songs.tracks(order=TrackOrder("rating", True), limit=2)] == [1, 2]
        assert songs.tracks(order=TrackOrder("plays", True))[0].id == 3

    @pytest.mark.parametrize("query", [None, "blue", "year:1900-2100"])
    @pytest.mark.parametrize("order", [None, TrackOrder("year", True)])
    def test_pages_make_the_list(self, songs: Catalogue, query: str | None, order: TrackOrder | None) -> None:
        whole = songs.tracks(query, order=order)
        by_offset = [songs.tracks(query, order=order, limit=2, offset=i) for i in range(0, len(whole), 2)]
        assert [track for page in by_offset for track in page] == whole
        pages, after = [], None
        while page := songs.tracks(query, order=order, limit=3, after=after):
            pages += page
            after = page[-1].id
        assert pages == whole
        with pytest.raises(InvalidRequest, match="after must be the id of a track of the list, got 4711"):
            songs.tracks(query, order=order, after=4711)

    def test_changes_of_files_are_found(self, songs: Catalogue) -> None:
        songs.store([make_entry("/m/5.mp3", tags=tags("Carey", "Joni Mitchell", "Blue"))])
        songs.store([make_entry("/m/9.mp3", "/m/1.mp3")])
        songs.mark_missing(["/m/6.mp3"])
        assert [track.title for track in songs.tracks("carey")] == ["Carey"]
        assert songs.tracks("title:blue mitchell") == songs.tracks("godzilla") == []
        assert [track.id for track in songs.tracks("/m/9")] == [1]
        songs.delete(["/m/6.mp3"])
        songs.store([make_entry("/m/6.mp3", "again", tags=tags("Godzilla"))])
        assert [track.id for track in songs.tracks("godzilla")] == [9]
        assert [found for found in songs.check(4) if found.name == "words" and found.status != "ok"] == []

    @settings(max_examples=60, deadline=None)
    @given(data=st.data())
    def test_words_are_those_of_the_texts(self, catalogue: Catalogue, data: st.DataObject) -> None:
        entries = [
            make_entry(f"/{i}/{name}.mp3", tags=tags(title, artist, album))
            for i, (name, title, artist, album) in enumerate(
                data.draw(st.lists(st.tuples(_WORDS, _WORDS, _WORDS, _WORDS), min_size=1, max_size=4))
            )
        ]
        catalogue.store(entries)
        texts = {
            catalogue.resolve(entry.stat.path).id: search_text(entry.stat.path, entry.identity.tags)
            for entry in entries
        }
        query = TrackQuery.of_words(" ".join(data.draw(st.lists(_WORDS, min_size=1, max_size=3))))
        found = {track.id for track in catalogue.tracks(query)} & set(texts)
        words = [fold(word) for word in query.words]
        assert found == {i for i, text in texts.items() if all(word in text for word in words)}

    @settings(max_examples=60, deadline=None)
    @given(words=st.lists(st.sampled_from(_TERMS), min_size=1, max_size=3), limit=st.none() | st.integers(1, 4))
    def test_the_index_changes_nothing(self, songs: Catalogue, words: list[str], limit: int | None) -> None:
        query = " ".join(words)
        indexed = songs.tracks(query, limit=limit)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(trigrams, "narrowed", lambda *_: None)
            assert songs.tracks(query, limit=limit) == indexed
        assert indexed == songs.tracks(query)[:limit]

    @pytest.mark.parametrize("word", ["\u4e01", "\u4e01\u4e02", "q\u4e02", "\u4e01\u4e02\u4e03", "\U0010ffff"])
    def test_word_that_no_file_has_is_not_an_error_of_the_index(
        self, songs: Catalogue, monkeypatch: pytest.MonkeyPatch, word: str
    ) -> None:
        monkeypatch.setattr(trigrams, "is_damage", lambda _: False)  # else the texts would be scanned
        assert songs.tracks(word) == []
