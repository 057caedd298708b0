import numpy as np
import pytest
from synthetic_library import SyntheticTracks, genre_vector, make_track

from recsys.domain.arrays import FloatArray
from recsys.domain.tracks import Track
from recsys.recommend import versions
from recsys.recommend.selection import same_recording
from recsys.recommend.versions import title_without_version, version_groups

VERSIONS = [
    ("Hurt", "Hurt (Live at the Paradiso)"),
    ("Hurt", "Hurt - 2009 Remaster"),
    ("Hurt", "Hurt [Remastered 2011]"),
    ("Hurt", "Hurt - Live"),
    ("Hurt", "Hurt (Radio Edit)"),
    ("Heroes (2017 Remaster)", "Heroes - Single Version"),
    ("Come Together (Demo)", "Come Together (feat. Guest) (Live)"),
]
DIFFERENT_WORKS = [
    ("Live Forever", "Forever"),
    ("Take Five", "Five"),
    ("Radio Ga Ga", "Ga Ga"),
    ("Bohemian Rhapsody (Remastered 2011)", "Radio Ga Ga (Remastered 2011)"),
    ("Queen - Bohemian Rhapsody (Remastered 2011)", "Queen - Radio Ga Ga (Remastered 2011)"),
    ("Symphony No. 5 - I. Allegro con brio (Live)", "Symphony No. 5 - II. Andante con moto (Live)"),
    ("The Köln Concert, Part I (Live)", "The Köln Concert, Part II a (Live)"),
    ("Suite - Take Five", "Suite - Radio Ga Ga"),
    ("Blues (Take My Hand)", "Blues (Live and Let Live)"),
    ("Untitled (Demo 1)", "Untitled (Demo 2)"),
    ("Single Ladies", "Ladies"),
    ("Original Sin", "Sin"),
    ("Allegro", "Allegro"),  # one artist may have several
]


def numbers(one: str, other: str, *, artist: str | None = "artist") -> list[int]:
    tracks = {i: make_track(i, title=t, artist=artist, duration=100.0 * i) for i, t in ((1, one), (2, other))}
    library = SyntheticTracks(tracks, np.stack([genre_vector("jazz", 1), genre_vector("metal", 2)]))
    return version_groups(list(tracks.values()), library.index.vectors(library.ids)).tolist()


@pytest.mark.parametrize(("one", "other"), VERSIONS)
def test_versions_are_one_group(one: str, other: str) -> None:
    assert numbers(one, other) == [0, 0]
    assert numbers(other, one) == [0, 0]
    assert numbers(one, other, artist=None) == [0, 1]  # titles by unknown artists are not compared


@pytest.mark.parametrize(("one", "other"), DIFFERENT_WORKS)
def test_different_works_are_different_groups(one: str, other: str) -> None:
    assert numbers(one, other) == [0, 1]


def test_same_recording_is_one_group_for_any_title() -> None:
    tracks = [make_track(1, title="a", duration=200.0), make_track(2, title="b", duration=201.0), make_track(3)]
    library = SyntheticTracks({t.id: t for t in tracks}, np.stack([genre_vector("jazz", i) for i in (1, 1, 3)]))
    assert version_groups(tracks, library.index.vectors(library.ids)).tolist() == [0, 0, 2]
    assert version_groups([], np.empty((0, 12), np.float32)).tolist() == []


def test_title_with_only_version_words_is_kept() -> None:
    assert title_without_version("(Live)") == ("live", False)


def former_version_groups(tracks: list[Track], vectors: FloatArray) -> list[int]:
    """The definition: every pair of versions, and every pair of recordings of similar length, is joined."""
    numbers = list(range(len(tracks)))

    def join(one: int, other: int) -> None:
        first, second = sorted((numbers[one], numbers[other]))
        numbers[:] = [first if number == second else number for number in numbers]

    titles = [title_without_version(track.title) for track in tracks]
    versions = {(track.artist, title) for track, (title, is_version) in zip(tracks, titles, strict=True) if is_version}
    for i, one in enumerate(tracks):
        for j, other in enumerate(tracks[:i]):
            work = (one.artist, titles[i][0])
            if one.artist and work == (other.artist, titles[j][0]) and work in versions:
                join(i, j)
            if same_recording(one, other, float(vectors[i] @ vectors[j])):
                join(i, j)
    return numbers


@pytest.mark.parametrize("block", [1, 128])
@pytest.mark.parametrize("seed", range(30))
def test_groups_are_those_of_all_pairs(seed: int, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "_BLOCK", block)
    rng = np.random.default_rng(seed)
    n, kinds = int(rng.integers(1, 120)), int(rng.integers(1, 12))
    centres = rng.standard_normal((kinds, 8))
    noise = rng.choice([0.0, 0.03, 0.1, 0.3], size=(n, 1)) * rng.standard_normal((n, 8))
    vectors = (centres[rng.integers(kinds, size=n)] + noise).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    tracks = [
        make_track(
            i + 1,
            artist=None if rng.random() < 0.1 else f"artist {rng.integers(3)}",
            title=f"song {rng.integers(4)}" + (" (live)" if rng.random() < 0.05 else ""),
            duration=float(rng.choice([200.0, 201.5, 203.4, 205.0, 300.0])),
        )
        for i in range(n)
    ]
    assert version_groups(tracks, vectors).tolist() == former_version_groups(tracks, vectors)


def test_many_copies_are_one_group() -> None:
    tracks = [make_track(i + 1, title="same", duration=200.0) for i in range(3000)]
    vectors = np.tile(np.array([[0.6, 0.8]], np.float32), (3000, 1))
    assert not version_groups(tracks, vectors).any()


@pytest.mark.parametrize("block", [1, 2, 3, 128])
@pytest.mark.parametrize("seed", range(12))
def test_recordings_of_exactly_the_largest_difference_are_joined(
    seed: int, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lengths are multiples of half a second, so that many pairs differ by two seconds."""
    monkeypatch.setattr(versions, "_BLOCK", block)
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 30))
    vectors = np.eye(3, dtype=np.float32)[rng.integers(3, size=n)]
    tracks = [
        make_track(i + 1, duration=float(duration)) for i, duration in enumerate(rng.choice(np.arange(60, 90, 0.5), n))
    ]
    assert version_groups(tracks, vectors).tolist() == former_version_groups(tracks, vectors)


@pytest.mark.parametrize(
    ("cosine", "title", "is_same"),
    [
        (0.5, "a", False),
        (0.625, "a", True),
        (0.625, "b", False),
        (0.75, "b", False),
        (0.875, "b", True),
        (0.75, "a (feat. Guest)", True),
        (0.75, "a (live)", True),  # a version
        (0.25, "a (live)", True),
    ],
)
@pytest.mark.parametrize("block", [1, 128])
def test_recordings_are_above_the_limits_of_the_cosine(
    cosine: float, title: str, is_same: bool, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "_BLOCK", block)
    monkeypatch.setattr(versions, "DUPLICATE_COSINE", 0.5)
    monkeypatch.setattr(versions, "IDENTICAL_COSINE", 0.75)
    vectors = np.array([[1, 0], [cosine, np.sqrt(1 - cosine**2)]], np.float32)
    tracks = [make_track(1, artist="x", title="a"), make_track(2, artist="x", title=title)]
    assert version_groups(tracks, vectors).tolist() == [0, 0 if is_same else 1]
    assert version_groups(tracks[::-1], vectors).tolist() == [0, 0 if is_same else 1]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Hurt (Demo 2)", ("hurt 2", True)),
        ("Hurt (Demo 2) [Live 1999]", ("hurt 2", True)),
        ("Hurt (Demo 2) [Take 3, live]", ("hurt 2 3", True)),
        ("Hurt - Live 1899", ("hurt 1899", True)),
        ("Hurt - Live 2099", ("hurt", True)),
        ("Hurt - 2009 Remaster", ("hurt", True)),
        ("Hurt", ("hurt", False)),
        (" - Live", (title_without_version(" - Live")[0], False)),
        ("Hurt (Live) - Mono", ("hurt mono", True)),
    ],
)
def test_the_words_of_a_version_are_left_out_but_for_numbers(title: str, expected: tuple[str, bool]) -> None:
    assert title_without_version(title) == expected


def test_works_are_those_of_each_artist_and_of_all_their_tracks() -> None:
    names = [
        (("a",), "Hurt"), (("b",), "Hurt"), (("b", "a"), "Hurt (Live)"), (("c",), "Hurt"), (("a",), "Other"),
        (("c",), ""), (("c",), "(Live)"), (("a",), "Hurt"),
    ]  # fmt: skip
    tracks = [
        make_track(i, artists=artists, title=title, duration=50.0 * i) for i, (artists, title) in enumerate(names, 1)
    ]
    assert version_groups(tracks, np.eye(8, dtype=np.float32)).tolist() == [0, 0, 0, 3, 4, 5, 6, 0]
