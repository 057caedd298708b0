import numpy as np
import pytest
from synthetic_library import SyntheticTracks, genre_vector, make_track

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
