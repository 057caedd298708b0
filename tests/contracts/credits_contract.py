"""What the catalogue must make of the artists, albums and genres in the tags, whatever the database."""

from collections.abc import Sequence
from typing import Any

import pytest
from catalogue_fixtures import CatalogueFixtures
from make_entries import make_entry

from recsys.database import credit_queries
from recsys.database.catalogue import Catalogue
from recsys.domain.audio import IngestRecord, Reread, Tags
from recsys.errors import AmbiguousTrack, NotFound

RELEASE = "0c6bd6b5-8b5c-4a4e-8d0e-0d2a4f3b2a11"


def songs(folder: str, n: int = 3, *, hashes: str = "p", **tags: Any) -> list[IngestRecord]:
    """``n`` files of an album in a folder; files with the same hashes are of the same recordings."""
    defaults: dict[str, Any] = {"album": "Loud", "artists": ("Foo",)}
    return [
        make_entry(f"{folder}/{i}.mp3", f"{hashes}{i}", tags=Tags(**(defaults | {"track_number": i} | tags)))
        for i in range(1, n + 1)
    ]


def album_of(catalogue: Catalogue, paths: Sequence[str]) -> int | None:
    """The id of the one album that all these files have."""
    [album_id] = {track.album_id for track in catalogue.tracks_by_id(catalogue.ids_at(paths).values()).values()}
    return album_id


def move(catalogue: Catalogue, before: Sequence[IngestRecord], after: Sequence[IngestRecord]) -> None:
    """Store files at new paths, in two batches, as an ingest does."""
    catalogue.store(after[:1])
    catalogue.store(after[1:])
    catalogue.mark_missing([entry.stat.path for entry in before])
    catalogue.complete_credits()


class CreditsContract(CatalogueFixtures):
    """See recsys.database.credits and recsys.database.album_links."""

    def test_each_value_of_a_tag_is_an_artist_and_a_genre(self, catalogue: Catalogue) -> None:
        tags = Tags(
            title="T",
            artists=("Foo", "Cee", "FOO"),
            album_artists=("Various Artists",),
            genres=("Rock", "Pop"),
            composers=("Bach",),
        )
        catalogue.store([make_entry("/a.mp3", tags=tags), make_entry("/b.mp3", tags=Tags(artists=("Kairon; IRSE!",)))])
        track = catalogue.resolve("T")
        assert (track.artist, track.artists, track.album_artists) == ("Foo; Cee; FOO", ("Foo", "Cee"), ())
        assert (track.tagged_genre, track.tagged_genres) == ("Rock; Pop", ("Rock", "Pop"))
        assert catalogue.track_details(track.id)["composers"] == ("Bach",)
        assert [(artist.name, artist.n_tracks) for artist in catalogue.artists()] == [
            ("Cee", 1), ("Foo", 1), ("Kairon; IRSE!", 1),
        ]  # fmt: skip
        assert [(genre.name, genre.n_tracks) for genre in catalogue.tagged_genres()] == [("Pop", 1), ("Rock", 1)]
        for name in ("Foo", "cee"):
            assert catalogue.resolve_artist(name)[1] == [track.id]

    def test_many_files_have_the_same_credits_as_few(
        self, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of thousands of files all links are read at once."""
        names: dict[str, Any] = {
            "artists": ("Foo", "Cee"),
            "album_artists": ("Foo",),
            "genres": ("Rock", "Pop"),
            "composers": ("Bach",),
        }
        catalogue.store([*songs("/one", **names), *songs("/two", hashes="q", artists=("Bar",))])
        few = catalogue.tracks()
        monkeypatch.setattr(credit_queries, "_MANY", 1)
        catalogue.store(songs("/three", 1, hashes="r"))  # or the tracks of before are remembered
        assert [track for track in catalogue.tracks() if "/three/" not in track.path] == few

    def test_new_tags_replace_links(self, catalogue: Catalogue) -> None:
        entry = make_entry("/a.mp3", tags=Tags(artists=("Foo", "Cee"), genres=("Rock",), album="Loud"))
        catalogue.store([entry])
        [loud] = catalogue.albums()
        catalogue.store_rereads([(entry.stat, Reread(Tags(artists=("Dee",), genres=("Pop",)), 128_000, 16))])
        catalogue.complete_credits()
        [track] = catalogue.tracks()
        assert (track.artists, track.tagged_genres, track.album_id) == (("Dee",), ("Pop",), None)
        assert (track.bit_rate, track.bit_depth) == (128_000, 16)
        assert catalogue.albums() == []
        catalogue.store([entry])
        assert [album.id for album in catalogue.albums()] == [loud.id]  # its key has its id for ever

    def test_most_frequent_spelling_is_the_name(self, catalogue: Catalogue) -> None:
        names = ["Beatles, The", "The Beatles", "The Beatles", "The Beatles feat. Billy Preston"]
        catalogue.store([make_entry(f"/{i}.mp3", tags=Tags(artists=(name,))) for i, name in enumerate(names)])
        catalogue.complete_credits()
        [artist] = catalogue.artists()
        assert (artist.name, artist.n_tracks) == ("The Beatles", 4)
        assert catalogue.resolve_artist("beatles")[0] == artist
        assert catalogue.tracks()[0].artists == ("The Beatles",)
        catalogue.store([make_entry(f"/{i}.mp3", tags=Tags(artists=("BEATLES",))) for i in range(3)])
        catalogue.complete_credits()
        assert [(again.id, again.name) for again in catalogue.artists()] == [(artist.id, "BEATLES")]

    def test_album_has_its_discs_artists_and_year(self, catalogue: Catalogue) -> None:
        first, second = songs("/19/CD1", 2, year=2008), songs("/19/CD2", 2, hashes="q", year=2008)
        catalogue.store([*second, *first])
        [album] = catalogue.albums()
        assert (album.title, album.artists, album.year, album.n_tracks, album.n_discs) == ("Loud", ("Foo",), 2008, 4, 2)
        found, ids = catalogue.resolve_album("LOUD")
        assert found == album
        tracks = [catalogue.tracks_by_id([i])[i] for i in ids]
        assert [(track.disc_number, track.track_number) for track in tracks] == [(1, 1), (1, 2), (2, 1), (2, 2)]

    @pytest.mark.parametrize(
        ("folder", "tags"),
        [
            ("/moved", {}),
            ("/here", {"album_artists": ("Foo",)}),
            ("/here", {"musicbrainz_album": RELEASE}),
            ("/moved", {"musicbrainz_album": RELEASE, "album": "Louder"}),
        ],
    )
    def test_album_that_moves_as_a_whole_keeps_its_id(
        self, catalogue: Catalogue, folder: str, tags: dict[str, Any]
    ) -> None:
        before, other = songs("/here"), songs("/other", hashes="o", album="Quiet")
        catalogue.store([*before, *other])
        album_id = album_of(catalogue, [entry.stat.path for entry in before])
        after = songs(folder, **tags)
        move(catalogue, [entry for entry in before if folder != "/here"], after)
        assert album_id == album_of(catalogue, [entry.stat.path for entry in after])
        assert len(catalogue.albums()) == 2
        move(catalogue, after if folder != "/here" else [], before)
        assert album_id == album_of(catalogue, [entry.stat.path for entry in before])

    def test_album_stays_with_the_files_that_stay(self, catalogue: Catalogue) -> None:
        before = songs("/here")
        catalogue.store(before)
        album_id = album_of(catalogue, [entry.stat.path for entry in before])
        moved = songs("/there", 2)
        move(catalogue, before[:2], moved)
        assert album_of(catalogue, ["/here/3.mp3"]) == album_id
        assert album_of(catalogue, [entry.stat.path for entry in moved]) != album_id

    def test_copy_of_an_album_is_another_album(self, catalogue: Catalogue) -> None:
        catalogue.store(songs("/here"))
        [album] = catalogue.albums()
        catalogue.store(songs("/copy", artists=("Bar",)))
        catalogue.complete_credits()
        copy = next(each for each in catalogue.albums() if each.id != album.id)
        assert album in catalogue.albums()
        assert (copy.n_tracks, copy.artists) == (3, ("Bar",))
        for reference in (album.id, copy.id):  # the tracks are of both
            assert catalogue.resolve_album(reference)[1] == [1, 2, 3]
            assert len(catalogue.tracks(album_id=reference)) == 3
        assert catalogue.resolve_artist("Bar")[1] == catalogue.resolve_artist("Foo")[1] == [1, 2, 3]
        assert {track.album_id for track in catalogue.tracks()} == {album.id}  # of the primary file

    def test_album_of_a_better_copy_is_the_same(self, catalogue: Catalogue) -> None:
        catalogue.store(songs("/here"))
        [album] = catalogue.albums()
        catalogue.store(songs("/here", hashes="flac", album_artists=("Foo",)))
        catalogue.complete_credits()
        assert [(again.id, again.n_tracks) for again in catalogue.albums()] == [(album.id, 3)]

    def test_killed_ingest_is_completed_by_the_next(self, catalogue: Catalogue) -> None:
        before = songs("/here")
        catalogue.store(before)
        album_id = album_of(catalogue, [entry.stat.path for entry in before])
        after = songs("/moved", musicbrainz_album=RELEASE)
        catalogue.store(after)
        catalogue.mark_missing([entry.stat.path for entry in before])
        catalogue.complete_credits(changed=False)
        assert album_id == album_of(catalogue, [entry.stat.path for entry in after])

    def test_ids_are_not_reused(self, catalogue: Catalogue) -> None:
        catalogue.store(songs("/a", 1, genres=("Rock",)))
        ids = catalogue.albums()[0].id, catalogue.artists()[0].id, catalogue.tagged_genres()[0].id
        catalogue.mark_missing(["/a/1.mp3"])
        catalogue.delete(["/a/1.mp3"])
        assert [*catalogue.albums(), *catalogue.artists(), *catalogue.tagged_genres()] == []
        catalogue.store(songs("/b", 1, hashes="q", album="Quiet", artists=("Bar",), genres=("Pop",)))
        new = catalogue.albums()[0].id, catalogue.artists()[0].id, catalogue.tagged_genres()[0].id
        assert all(one > other for one, other in zip(new, ids, strict=True))
        catalogue.store(songs("/a", 1, genres=("Rock",)))
        with_both = ({each.id for each in some} for some in (catalogue.albums(), catalogue.artists()))
        assert [one in some for one, some in zip(ids, with_both, strict=False)] == [True, True]

    def test_references_of_albums(self, catalogue: Catalogue) -> None:
        catalogue.store([
            *songs("/foo", year=1999, album_artists=("Foo",), musicbrainz_album=RELEASE),
            *songs("/foo 2", hashes="q", year=2011, album_artists=("Foo",)),
            *songs("/cee", hashes="c", album_artists=("Cee",)),
            *songs("/va", hashes="v", album_artists=("VA",)),
            *songs("/19", hashes="n", album="19"),
        ])  # fmt: skip
        by_folder = {
            folder: album_of(catalogue, [f"/{folder}/1.mp3"]) for folder in ("foo", "foo 2", "cee", "va", "19")
        }
        for reference, folder in (
            (RELEASE.upper(), "foo"), ("Foo - Loud (1999)", "foo"), ("Loud (2011)", "foo 2"), ("CEE - LOUD", "cee"),
            ("Various Artists - Loud", "va"), ("19", "19"), (by_folder["va"] or 0, "va"),
            (f"{by_folder['cee']}", "cee"),
        ):  # fmt: skip
            assert catalogue.resolve_album(reference)[0].id == by_folder[folder]
        with pytest.raises(AmbiguousTrack, match="4 albums have the name 'loud'") as raised:
            catalogue.resolve_album("loud")
        assert f"{by_folder['foo']}  Foo - Loud (1999), 3 tracks" in raised.value.candidates
        with pytest.raises(AmbiguousTrack, match="2 albums"):
            catalogue.resolve_album("Foo - Loud")
        for unknown in ("Lou", "", "Dee - Loud", "Loud (1900)", 12345, "99999999999"):
            with pytest.raises(NotFound, match="no album has the name"):
                catalogue.resolve_album(unknown)

    def test_references_of_artists(self, catalogue: Catalogue) -> None:
        artist = "8e68819d-71be-4e7d-b41d-f1df81b01d3f"
        catalogue.store([
            make_entry("/1.mp3", tags=Tags(artists=("Foo", "Cee"), musicbrainz_artist=artist)),
            make_entry("/2.mp3", tags=Tags(artists=("Cee",), album_artists=("311",))),
            make_entry("/3.mp3", tags=Tags(artists=("Various Artists",))),
        ])  # fmt: skip
        foo = catalogue.resolve_artist(artist)[0]
        assert foo.name == "Foo"
        assert catalogue.resolve_artist(foo.id)[0] == catalogue.resolve_artist(f"{foo.id}")[0] == foo
        assert catalogue.resolve_artist("311")[1] == [2]  # an album artist
        assert catalogue.resolve_artist("Cée")[1] == [1, 2]
        for unknown in ("Various Artists", "", "Fo", 999, artist[:-1] + "0"):
            with pytest.raises(NotFound, match="no artist has the name"):
                catalogue.resolve_artist(unknown)

    def test_many_tracks_have_the_credits_of_few(self, catalogue: Catalogue) -> None:
        """From some number on, all links are read at once."""
        entries = [
            make_entry(f"/{i}.mp3", tags=Tags(artists=(f"a{i % 7}", "b"), genres=(f"g{i % 3}",)), dimensions=1)
            for i in range(5001)
        ]
        for start in range(0, len(entries), 1000):
            catalogue.store(entries[start : start + 1000])
        everything = {track.id: track for track in catalogue.tracks()}
        few = catalogue.tracks_by_id(list(everything)[:10])
        assert {i: everything[i] for i in few} == few
        assert all(len(track.artists) == 2 and len(track.tagged_genres) == 1 for track in everything.values())
