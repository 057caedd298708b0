"""What belongs to a listener, whatever the database: ratings, stars, plays, saved playlists; and listeners."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from catalogue_fixtures import CatalogueFixtures
from make_entries import DIMENSIONS, VERSION, make_entry
from sqlalchemy import delete, update

from recsys.database.catalogue import Catalogue
from recsys.database.engine import writing
from recsys.database.listener_tables import play_count
from recsys.database.saved_playlists import MAX_HISTORY, SavedPlaylist
from recsys.database.tables import recording
from recsys.domain.audio import FileStat, IngestRecord, Tags
from recsys.domain.catalogue import RemovedCounts
from recsys.domain.listeners import CreditKind, PlayCount, PlayEvent, Stars
from recsys.domain.play_queues import PlayQueue
from recsys.domain.requests import PathOptions, PlaylistRequest
from recsys.domain.tracks import Rating
from recsys.errors import Hint, InvalidRequest, NotFound

AT = 1_700_000_000_000  # milliseconds
ISO = "2023-11-14T22:13:20.000+00:00"


class ListenerContract(CatalogueFixtures):
    """See recsys.database.listeners, ratings, plays and saved_playlists."""

    @pytest.fixture
    def opened(self, url: str, catalogue: Catalogue) -> Iterator[Callable[[str], Catalogue]]:
        """Open the catalogue of five tracks for a listener."""
        catalogue.store([make_entry(f"/{i}") for i in range(1, 6)])
        found: list[Catalogue] = []

        def open_for(listener: str) -> Catalogue:
            found.append(Catalogue.open(url, feature_version=VERSION, listener=listener))
            return found[-1]

        yield open_for
        for each in found:
            each.close()

    def test_ratings_belong_to_a_listener(self, catalogue: Catalogue, opened: Callable[[str], Catalogue]) -> None:
        anna = opened("Anna")
        catalogue.set_rating([1, 2], 1)
        anna.set_rating([2], -1)
        anna.set_rating([3], 1)
        assert catalogue.rated_tracks() == {1: 1, 2: 1}
        assert opened("ANNA").rated_tracks() == {2: -1, 3: 1}
        anna.set_rating([2], 0)
        assert (catalogue.rated_tracks(), anna.rated_tracks()) == ({1: 1, 2: 1}, {3: 1})
        assert opened("default").rated_tracks() == {1: 1, 2: 1}

    def test_a_play_queue_belongs_to_a_listener_and_is_replaced(
        self, catalogue: Catalogue, opened: Callable[[str], Catalogue]
    ) -> None:
        anna = opened("Anna")
        assert catalogue.play_queue() == PlayQueue()
        catalogue.save_play_queue([2, 1, 2], 2, 1500, "phone")
        anna.save_play_queue([3], None, 0, "")
        saved = catalogue.play_queue()
        assert (saved.track_ids, saved.current, saved.position_ms, saved.changed_by) == ((2, 1, 2), 2, 1500, "phone")
        assert saved.changed_at
        with pytest.raises(NotFound):
            catalogue.save_play_queue([1, 99], 0, 0, "phone")
        assert catalogue.play_queue() == saved
        catalogue.save_play_queue([], None, 0, "desk")
        assert (catalogue.play_queue().track_ids, anna.play_queue().track_ids) == ((), (3,))

    @pytest.mark.parametrize(
        ("removed", "ids", "current", "position"),
        [([1], (2, 3, 4), 1, 9), ([3], (1, 2, 4), 2, 0), ([3, 4], (1, 2), None, 0), ([4], (1, 2, 3), 2, 9)],
    )
    def test_a_play_queue_without_tracks_that_were_removed(
        self,
        catalogue: Catalogue,
        opened: Callable[[str], Catalogue],
        removed: list[int],
        ids: tuple[int, ...],
        current: int | None,
        position: int,
    ) -> None:
        catalogue.save_play_queue([1, 2, 3, 4], 2, 9, "phone")
        with writing(catalogue._engine) as connection:
            connection.execute(delete(recording).where(recording.c.id.in_(removed)))
        found = catalogue.play_queue()
        assert (found.track_ids, found.current, found.position_ms) == (ids, current, position)

    def test_unknown_listener_is_an_error_until_something_is_stored(
        self, opened: Callable[[str], Catalogue], caplog: pytest.LogCaptureFixture
    ) -> None:
        unknown = opened("ana")
        reads: list[Callable[[], Any]] = [
            unknown.ratings, unknown.rated_tracks, unknown.stars, unknown.play_counts, lambda: unknown.recent_plays(1),
            lambda: unknown.track_taste(1), lambda: unknown.clear_ratings([1]), unknown.saved_playlists.list_saved,
            lambda: unknown.saved_playlists.recent(1), lambda: unknown.saved_playlists.add_to_history("list", [1]),
        ]  # fmt: skip
        for read in reads:
            with pytest.raises(NotFound, match="there is no listener 'ana'; there are: default") as raised:
                read()
            assert (raised.value.hint, raised.value.hint_values) == (Hint.ADD_LISTENER, {"name": "ana"})
        with pytest.raises(NotFound, match="no track has the id 77"):
            unknown.set_rating([77], 1)
        assert not unknown.has_listener()
        assert caplog.text == ""
        unknown.add_plays([PlayEvent(1, AT)])
        assert unknown.has_listener()
        assert "'ana' is a new listener" in caplog.text
        assert unknown.rated_tracks() == {}

    def test_listeners_are_added_renamed_and_removed(self, catalogue: Catalogue) -> None:
        catalogue.add_listener(" Zoë ")
        assert [(each.name, each.is_default) for each in catalogue.listeners()] == [("default", True), ("Zoë", False)]
        for taken in ("zoe\u0308", "ZOË", "Default"):
            with pytest.raises(InvalidRequest, match="there is a listener"):
                catalogue.add_listener(taken)
        for invalid in ("", "  ", "a\nb", "x" * 101):
            with pytest.raises(InvalidRequest, match="printable"):
                catalogue.add_listener(invalid)
        catalogue.rename_listener("zoë", "zoë")
        catalogue.rename_listener("default", "me")
        assert [each.name for each in catalogue.listeners()] == ["me", "zoë"]
        with pytest.raises(InvalidRequest, match="there is a listener 'me'"):
            catalogue.rename_listener("zoë", "ME")
        with pytest.raises(InvalidRequest, match="default listener"):
            catalogue.remove_listener("me")
        for change in (catalogue.remove_listener, lambda name: catalogue.rename_listener(name, "x")):
            with pytest.raises(NotFound, match="there is no listener 'default'"):
                change("default")
        catalogue.remove_listener("zoë")
        catalogue.add_listener("zoë")
        assert len(catalogue.listeners()) == 2

    def test_removed_listener_takes_everything_along(
        self, catalogue: Catalogue, opened: Callable[[str], Catalogue]
    ) -> None:
        for listener in (catalogue, anna := opened("anna")):
            listener.set_rating([1, 2], 1)
            listener.set_rating([3], -1)
            listener.set_stars([4], 3)
            listener.add_plays([PlayEvent(1, AT), PlayEvent(1, AT + 1), PlayEvent(2, AT, skipped=True)])
            listener.saved_playlists.save(saved("run"))
            listener.saved_playlists.add_to_history("run", [1])
        removed = anna.remove_listener("anna")
        assert removed[2:] == (False, 2, 1, 1, 2, 1)
        [left] = catalogue.listeners()
        assert (left.name, *left[2:]) == ("default", True, 2, 1, 1, 2, 1)
        with pytest.raises(NotFound):
            anna.ratings()
        assert len(catalogue.saved_playlists.recent(5)) == 1
        opened("anna").set_rating([5], 1)
        assert opened("anna").saved_playlists.recent(5) == []

    # Stars

    def test_stars_imply_ratings_and_likes_outrank_them(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry(f"/{i}") for i in range(1, 6)])
        for i in range(1, 6):
            catalogue.set_stars([i], i)
        assert {i: given.stars for i, given in catalogue.stars().items()} == {i: i for i in range(1, 6)}
        assert {i: (r.value, r.strength, r.stars, r.from_stars, r.source) for i, r in catalogue.ratings().items()} == {
            1: (-1, 1.0, 1, True, "manual"), 2: (-1, 0.5, 2, True, "manual"),
            4: (1, 0.5, 4, True, "manual"), 5: (1, 1.0, 5, True, "manual"),
        }  # fmt: skip
        catalogue.set_rating([1, 3], 1)
        assert {i: (r.value, r.stars, r.from_stars) for i, r in catalogue.ratings().items() if i in (1, 3)} == {
            1: (1, 1, False), 3: (1, 3, False),
        }  # fmt: skip
        catalogue.set_rating([1, 3], 0)
        assert catalogue.rated_tracks()[1] == -1
        catalogue.set_stars([1, 2], 0)
        assert list(catalogue.stars()) == [3, 4, 5]
        catalogue.set_rating([4], -1)
        catalogue.clear_ratings([4, 5])
        assert (list(catalogue.stars()), catalogue.ratings()) == ([3], {})
        with pytest.raises(NotFound, match="no track has the id 9"):
            catalogue.set_stars([1, 9], 5)
        for wrong in (6, -1, 2.5):
            with pytest.raises(InvalidRequest, match="stars must be a whole number from 0 to 5"):
                catalogue.set_stars([1], wrong)  # type: ignore[arg-type]
        assert list(catalogue.stars()) == [3]

    def test_manual_stars_outrank_an_imported_like(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/1"), make_entry("/2")])
        catalogue.import_ratings({1: Rating(1, 1.0, 7, ISO, "lastfm"), 2: Rating(1, 0.5, 0, ISO, "lastfm")})
        catalogue.set_stars([1], 2)
        catalogue.set_stars([2], 3)
        found = catalogue.ratings()
        assert found[1]._replace(rated_at="") == Rating(-1, 0.5, 7, "", "manual", 2, from_stars=True)
        assert found[2] == Rating(1, 0.5, 0, ISO, "lastfm", 3)

    def test_imported_ratings_that_stars_imply_are_stars(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry(f"/{i}") for i in range(1, 4)])
        catalogue.set_rating([1], -1)
        imported = {1: Rating(1, 1.0, 4, ISO, "itunes"), 2: Rating(1, 0.5, 0, ISO, "itunes")}
        stars = {1: Stars(5, ISO, "itunes"), 2: Stars(3, ISO, "itunes"), 3: Stars(3, ISO, "itunes")}
        catalogue.import_ratings(imported, stars)
        assert catalogue.stars() == stars
        assert catalogue.ratings() == {
            1: Rating(1, 1.0, 4, ISO, "itunes", 5, from_stars=True), 2: Rating(1, 0.5, 0, ISO, "itunes", 3),
        }  # fmt: skip
        catalogue.set_stars([1, 2], 0)
        assert list(catalogue.ratings()) == [2]
        with pytest.raises(InvalidRequest, match="stars of track 1 are out of range"):
            catalogue.import_ratings({}, {1: Stars(6, ISO, "itunes")})

    # Albums and artists

    @pytest.mark.parametrize("kind", ["album", "artist"])
    def test_albums_and_artists_are_rated_as_tracks_are(
        self, catalogue: Catalogue, opened: Callable[[str], Catalogue], kind: CreditKind
    ) -> None:
        catalogue.store(songs("A", "One", 1, 3) + songs("B", "Two", 11, 12))
        one, two = (each.id for each in (catalogue.albums() if kind == "album" else catalogue.artists()))
        anna = opened("anna")
        anna.set_credit_rating(kind, [one], 1)
        anna.set_credit_stars(kind, [one, two], 2)
        found = anna.credit_ratings(kind)
        assert {i: (r.value, r.strength, r.plays, r.stars, r.from_stars) for i, r in found.items()} == {
            one: (1, 1.0, 0, 2, False), two: (-1, 0.5, 0, 2, True),
        }  # fmt: skip
        assert {i: given.stars for i, given in anna.credit_stars(kind).items()} == {one: 2, two: 2}
        assert anna.ratings() == catalogue.credit_ratings(kind) == {}
        assert [each[3:6] for each in anna.listeners()] == [(0, 0, 0), (1, 0, 2)]
        anna.set_credit_rating(kind, [one], 0)
        assert [rating.value for rating in anna.credit_ratings(kind).values()] == [-1, -1]
        anna.clear_credit_ratings(kind, [one, two])
        assert (anna.credit_ratings(kind), anna.credit_stars(kind)) == ({}, {})
        changes: list[Callable[[], object]] = [
            lambda: anna.set_credit_rating(kind, [one, 77], 1), lambda: anna.set_credit_stars(kind, [one, 77], 1),
            lambda: anna.clear_credit_ratings(kind, [one, 77]),
        ]  # fmt: skip
        for change in changes:
            with pytest.raises(NotFound, match=f"no {kind} has the id 77"):
                change()
        anna.set_credit_rating(kind, [one], 1)
        anna.remove_listener("anna")
        assert opened("default").credit_ratings(kind) == {}

    @pytest.mark.parametrize("kind", ["album", "artist"])
    def test_ratings_of_albums_and_artists_are_imported_with_those_of_tracks(
        self, catalogue: Catalogue, opened: Callable[[str], Catalogue], kind: CreditKind
    ) -> None:
        catalogue.store(songs("A", "One", 1, 3))
        [one] = (each.id for each in (catalogue.albums() if kind == "album" else catalogue.artists()))
        [track, *_] = catalogue.ids_at(["/A/1"]).values()
        anna, given = opened("anna"), Rating(-1, 1.0, 0, "2024-05-01T00:00:00.000000+00:00", "spotify")
        anna.import_ratings({track: given}, credits={kind: {one: given}})
        assert anna.credit_ratings(kind) == {one: given}
        assert anna.ratings().keys() == {track}
        with pytest.raises(NotFound):
            anna.import_ratings({track: given._replace(value=1)}, credits={kind: {99: given}})
        assert anna.ratings()[track].value == -1

    def test_tracks_of_albums_and_artists(self, catalogue: Catalogue) -> None:
        catalogue.store(songs("A", "One", 1, 3) + songs("B", "Two", 11, 12))
        catalogue.store([make_entry("/guest", tags=Tags(title="g", artists=("B", "A")))])
        ids = catalogue.ids_at([f"/{artist}/{n}" for artist, n in (("A", 1), ("A", 2), ("A", 3), ("B", 11), ("B", 12))])
        guest = catalogue.ids_at(["/guest"])["/guest"]
        albums = {each.title: each.id for each in catalogue.albums()}
        artists = {each.name: each.id for each in catalogue.artists()}
        of_a = [ids[f"/A/{n}"] for n in (1, 2, 3)]
        assert catalogue.album_track_ids([albums["One"], 99]) == {albums["One"]: of_a, 99: []}
        assert catalogue.artist_track_ids([artists["A"]]) == {artists["A"]: [*of_a, guest]}
        catalogue.mark_missing(["/A/1"])
        assert catalogue.album_track_ids([albums["One"]]) == {albums["One"]: of_a[1:]}
        assert [each.title for each in catalogue.albums([albums["Two"]])] == ["Two"]
        assert [each.name for each in catalogue.artists([artists["B"]])] == ["B"]

    # Plays

    def test_plays_and_skips_are_stored_once(self, catalogue: Catalogue, opened: Callable[[str], Catalogue]) -> None:
        anna = opened("anna")
        events = [PlayEvent(1, AT), PlayEvent(2, AT), PlayEvent(1, AT + 5, skipped=True), PlayEvent(1, AT)]
        assert anna.add_plays(events) == 3
        assert anna.add_plays([*events, PlayEvent(1, AT - 10)]) == 1
        assert anna.play_counts() == {1: PlayCount(2, 1, ISO), 2: PlayCount(1, 0, ISO)}
        assert anna.play_counts([2, 3]) == {2: PlayCount(1, 0, ISO)}
        assert anna.recent_plays(3) == [PlayEvent(1, AT + 5, True), PlayEvent(2, AT), PlayEvent(1, AT)]
        assert anna.recent_plays(9, track_id=1, since_ms=AT) == [PlayEvent(1, AT + 5, True), PlayEvent(1, AT)]
        assert anna.new_plays([PlayEvent(1, AT), PlayEvent(3, AT)]) == [PlayEvent(3, AT)]
        assert catalogue.play_counts() == {}
        with pytest.raises(NotFound, match="no track has the id 77"):
            anna.add_plays([PlayEvent(3, AT), PlayEvent(77, AT)])
        assert 3 not in anna.play_counts()
        assert anna.add_plays([]) == 0

    def test_likes_have_the_plays_of_their_track(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/1")])
        catalogue.add_plays([PlayEvent(1, AT), PlayEvent(1, AT + 1), PlayEvent(1, AT + 2, skipped=True)])
        assert catalogue.ratings() == {}
        catalogue.set_rating([1], 1)
        assert catalogue.ratings()[1].plays == 2
        taste = catalogue.track_taste(1)
        assert (taste.rating, taste.stars, taste.counts) == (1, None, PlayCount(2, 1, "2023-11-14T22:13:20.001+00:00"))

    def test_counts_of_other_programs_and_histories_may_be_of_the_same_plays(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry("/1"), make_entry("/2")])
        catalogue.import_ratings({1: Rating(1, 1.0, 12, ISO, "itunes")})
        history = [PlayEvent(i, AT + n, False, "lastfm") for i, k in ((1, 10), (2, 3)) for n in range(k)]
        catalogue.import_ratings({}, {}, {}, history)
        assert {i: count.plays for i, count in catalogue.play_counts().items()} == {1: 12, 2: 3}
        catalogue.add_plays([PlayEvent(1, AT + 100), PlayEvent(2, AT + 100)])
        catalogue.import_ratings({}, {}, {}, [*history, PlayEvent(2, AT + 100, False, "lastfm")])
        assert {i: count.plays for i, count in catalogue.play_counts().items()} == {1: 13, 2: 4}
        assert catalogue.play_counts()[1].last_played_at == "2023-11-14T22:13:20.100+00:00"
        catalogue.import_ratings({1: Rating(1, 1.0, 5, ISO, "itunes")})
        assert catalogue.play_counts()[1].plays == 13

    def test_many_plays(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry(f"/{i}") for i in range(1, 1202)])
        history = [PlayEvent(i, AT + 1000 * i + 60_000 * n, False, "lastfm") for i in range(1, 1202) for n in range(3)]
        catalogue.import_ratings({}, {}, {}, history)
        assert len(catalogue.play_counts()) == 1201
        assert {count.plays for count in catalogue.play_counts().values()} == {3}
        assert len(catalogue.play_counts(range(1, 1202))) == 1201
        assert catalogue.new_plays(history) == []

    def test_wrong_counts_are_found_and_repaired(self, catalogue: Catalogue) -> None:
        catalogue.store([make_entry(f"/{i}") for i in range(1, 4)])
        catalogue.add_plays([PlayEvent(1, AT), PlayEvent(2, AT), PlayEvent(2, AT + 1, True), PlayEvent(3, AT)])
        catalogue.import_ratings({3: Rating(1, 1.0, 9, ISO, "itunes")})
        assert listeners_check(catalogue) == ("ok", "default: 1 rating, 11 plays, 0 saved playlists")
        with writing(catalogue._engine) as connection:
            connection.execute(delete(play_count).where(play_count.c.recording_id == 1))
            connection.execute(update(play_count).where(play_count.c.recording_id == 2).values(skips=0))
        assert listeners_check(catalogue) == ("error", "2 play counts are smaller than the plays")
        catalogue.repair(DIMENSIONS)
        assert listeners_check(catalogue)[0] == "ok"
        assert catalogue.play_counts() == {1: PlayCount(1, 0, ISO), 2: PlayCount(1, 1, ISO), 3: PlayCount(9, 0, ISO)}

    # Saved playlists

    def test_playlists_belong_to_a_listener(self, catalogue: Catalogue, opened: Callable[[str], Catalogue]) -> None:
        catalogue.add_listener("anna")
        mine, hers = catalogue.saved_playlists, opened("anna").saved_playlists
        mine.save(saved("run", "/mine.m3u8"))
        hers.save(saved("run", "/hers.m3u8"))
        hers.save(saved("walk", "/walk.m3u8"))
        assert [(each.name, each.output) for each in mine.list_saved()] == [("run", "/mine.m3u8")]
        assert [(each.name, each.output) for each in hers.list_saved()] == [
            ("run", "/hers.m3u8"), ("walk", "/walk.m3u8"),
        ]  # fmt: skip
        assert hers.find_by_output("/hers.m3u8", besides="run") is None
        assert hers.find_by_output("/walk.m3u8", besides="run") == ("walk", None)
        assert mine.find_by_output("/hers.m3u8", besides="run") == ("run", "anna")
        assert hers.delete("run")
        assert not hers.delete("run")
        assert len(mine.list_saved()) == 1

    def test_play_with_a_time_to_the_minute_counts_once(self, catalogue: Catalogue) -> None:
        """Another program exports the same plays to the second; players report what happens."""
        minute = 1_700_000_040_000
        coarse = [PlayEvent(1, minute, False, "csv"), PlayEvent(2, minute, False, "csv")]
        fine = [
            PlayEvent(1, minute + 31_000, False, "lastfm"), PlayEvent(1, minute + 60_000 + 5_000, False, "lastfm"),
            PlayEvent(2, minute - 1_000, False, "lastfm"), PlayEvent(2, minute + 59_999, False, "lastfm"),
        ]  # fmt: skip
        catalogue.store([make_entry("/music/1.mp3"), make_entry("/music/2.mp3")])
        expected = {1: 2, 2: 2}
        for first, second in ((coarse, fine), (fine, coarse)):
            catalogue.import_ratings({}, {}, {}, first)
            catalogue.import_ratings({}, {}, {}, second)
            assert {i: count.plays for i, count in catalogue.play_counts().items()} == expected
            assert catalogue.new_plays([*coarse, *fine]) == []
        fine_twice = [PlayEvent(1, minute + 10 * 60_000 + n, False, "lastfm") for n in (1, 30_000)]
        assert catalogue.new_plays(fine_twice) == fine_twice
        assert len(catalogue.new_plays([*coarse, PlayEvent(1, minute + 1)])) == 1  # of a player

    def test_history_belongs_to_a_listener(self, catalogue: Catalogue, opened: Callable[[str], Catalogue]) -> None:
        catalogue.add_listener("anna")
        mine, hers = catalogue.saved_playlists, opened("anna").saved_playlists
        hers.add_to_history("hers", [3])
        for i in range(MAX_HISTORY + 1):
            mine.add_to_history("mine", [1 + i % 2])
        assert [ids.tolist() for ids in hers.recent(5)] == [[3]]
        assert [ids.tolist() for ids in mine.recent(2)] == [[1], [2]]
        assert len(mine.recent(100)) == MAX_HISTORY

    # Recordings that are merged and removed

    @pytest.mark.parametrize("rated", [1, 2])
    def test_merged_recordings_keep_what_listeners_stated(
        self, catalogue: Catalogue, opened: Callable[[str], Catalogue], rated: int
    ) -> None:
        """The recording of the renamed file and the one with the new hash become one, under the id that is rated."""
        anna, other = opened("anna"), 3 - rated
        catalogue.set_rating([rated], -1)
        anna.set_stars([rated], 2)
        anna.add_plays([PlayEvent(1, AT), PlayEvent(1, AT + 1, skipped=True), PlayEvent(2, AT), PlayEvent(2, AT + 2)])
        catalogue.add_plays([PlayEvent(other, AT)])
        anna.import_ratings({2: Rating(1, 1.0, 9, ISO, "itunes")} if rated == 2 else {})
        assert catalogue.rename(FileStat("/1", *stat_of(catalogue, "/1")), "/2")
        assert catalogue.rated_tracks() == {rated: -1}
        assert {i: given.stars for i, given in anna.stars().items()} == {rated: 2}
        plays = 2 if rated == 1 else 9
        assert anna.play_counts() == {rated: PlayCount(plays, 1, "2023-11-14T22:13:20.002+00:00")}
        assert [event[1:3] for event in anna.recent_plays(9)] == [(AT + 2, False), (AT + 1, True), (AT, False)]
        assert catalogue.play_counts() == {rated: PlayCount(1, 0, ISO)}
        assert listeners_check(catalogue)[0] == "ok"

    def test_removed_tracks_take_everything_along(
        self, catalogue: Catalogue, opened: Callable[[str], Catalogue]
    ) -> None:
        anna = opened("anna")
        catalogue.set_rating([1], 1)
        catalogue.set_stars([1], 5)
        anna.set_rating([1], 1)
        anna.set_stars([2], 3)
        anna.add_plays([PlayEvent(i, AT) for i in range(1, 6)])
        catalogue.mark_missing(["/1", "/2", "/3"])
        assert catalogue.delete(["/1", "/2", "/3"]) == RemovedCounts(tracks=3, locations=3, rated=2)
        assert (catalogue.rated_tracks(), catalogue.stars(), anna.rated_tracks(), anna.stars()) == ({}, {}, {}, {})
        assert list(anna.play_counts()) == [4, 5]
        assert len(anna.recent_plays(9)) == 2


def songs(artist: str, album: str, first: int, last: int) -> list[IngestRecord]:
    """The songs of an album."""
    return [
        make_entry(f"/{artist}/{i}", tags=Tags(title=f"t{i}", artists=(artist,), album=album, track_number=i))
        for i in range(first, last + 1)
    ]


def saved(name: str, output: str = "/list.m3u8") -> SavedPlaylist:
    return SavedPlaylist(name, PlaylistRequest().to_dict(), output, "m3u8", PathOptions().to_dict())


def listeners_check(catalogue: Catalogue) -> tuple[str, str]:
    [found] = [result for result in catalogue.check(DIMENSIONS) if result.name == "listeners"]
    return found.status, found.message


def stat_of(catalogue: Catalogue, path: str) -> tuple[int, int]:
    [known] = catalogue.find_by_hash([path]).values()
    [stat] = [stat for stat in known.paths if stat.path == path]
    return stat.size, stat.mtime_ns
