import numpy as np
import pytest
from synthetic_library import Shelf, make_track, sound

from recsys.recommend.versions import title_without_version, version_groups

SAME = [
    ("Hurt", "Hurt (Live at the Paradiso)"),
    ("Hurt", "Hurt - 2009 Remaster"),
    ("Hurt", "Hurt [Remastered 2011]"),
    ("Hurt", "Hurt - Live"),
    ("Hurt", "Hurt (Radio Edit)"),
    ("Heroes (2017 Remaster)", "Heroes - Single Version"),
    ("Come Together (Demo)", "Come Together (feat. Somebody) (Live)"),
]
OTHERS = [
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
    ("Allegro", "Allegro"),  # many an artist has two
]


def numbers(one: str, other: str, *, artist: str | None = "somebody") -> list[int]:
    tracks = {i: make_track(i, title=t, artist=artist, duration=100.0 * i) for i, t in ((1, one), (2, other))}
    shelf = Shelf(tracks, np.stack([sound("jazz", 1), sound("metal", 2)]))
    return version_groups(list(tracks.values()), shelf.index.vectors(shelf.ids)).tolist()


@pytest.mark.parametrize(("one", "other"), SAME)
def test_versions_are_one_work(one: str, other: str) -> None:
    assert numbers(one, other) == [0, 0]
    assert numbers(other, one) == [0, 0]
    assert numbers(one, other, artist=None) == [0, 1]  # of nobody known, names tell nothing


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_other_music_is_another_work(one: str, other: str) -> None:
    assert numbers(one, other) == [0, 1]


def test_the_same_recording_is_one_work_whatever_it_is_called() -> None:
    tracks = [make_track(1, title="a", duration=200.0), make_track(2, title="b", duration=201.0), make_track(3)]
    shelf = Shelf({t.id: t for t in tracks}, np.stack([sound("jazz", 1), sound("jazz", 1), sound("jazz", 3)]))
    assert version_groups(tracks, shelf.index.vectors(shelf.ids)).tolist() == [0, 0, 2]
    assert version_groups([], np.empty((0, 12), np.float32)).tolist() == []


def test_a_title_of_nothing_but_such_words_stays() -> None:
    assert title_without_version("(Live)") == ("live", False)
