"""Names of keys, against the circle of fifths."""

import pytest

from recsys import TrackFilter, compatible_keys
from recsys.domain.audio import Key
from recsys.domain.keys import camelot, key_with_code, parse_key
from recsys.errors import InvalidRequest

KEYS = [f"{tonic} {mode}" for tonic in Key.NAMES for mode in ("major", "minor")]
FIFTHS = ["C", "G", "D", "A", "E", "B", "F#", "C#", "Ab", "Eb", "Bb", "F"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Am", "A minor"), ("a minor", "A minor"), ("A moll", "A minor"), ("AM", "A major"), ("C", "C major"),
        ("Db major", "C# major"), ("dbm", "C# minor"), ("D♭", "C# major"), ("g♯ min", "Ab minor"), ("Fb", "E major"),
        ("B#", "C major"), ("8A", "A minor"), ("8B", "C major"), ("1a", "Ab minor"), ("12B", "E major"),
        ("08A", "A minor"), (" 8b ", "C major"), ("1m", "A minor"), ("1D", "C major"), ("12d", "F major"),
        ("2M", "E minor"), ("6m", "Ab minor"),
    ],
)  # fmt: skip
def test_key_is_parsed(text: str, key: str) -> None:
    assert parse_key(text) == key


def test_codes_go_round_the_circle_of_fifths() -> None:
    assert [camelot(f"{tonic} major") for tonic in FIFTHS] == [f"{(7 + i) % 12 + 1}B" for i in range(12)]
    assert [parse_key(f"{i + 1}d") for i in range(12)] == [f"{tonic} major" for tonic in FIFTHS]
    minor = FIFTHS[3:] + FIFTHS[:3]  # A minor has the notes of C major
    assert [camelot(f"{tonic} minor") for tonic in minor] == [f"{(7 + i) % 12 + 1}A" for i in range(12)]
    assert [parse_key(f"{i + 1}m") for i in range(12)] == [f"{tonic} minor" for tonic in minor]


def test_every_key_is_parsed_by_its_names() -> None:
    assert [parse_key(key) for key in KEYS] == KEYS
    assert [parse_key(camelot(key) or "") for key in KEYS] == KEYS
    assert len({camelot(key) for key in KEYS}) == 24


@pytest.mark.parametrize("text", ["H#", "", "13A", "0B", "A dorian", "13m", "0d", "8", "008A"])
def test_invalid_key_names_its_field(text: str) -> None:
    with pytest.raises(InvalidRequest, match="must be a musical key such as Am") as refused:
        parse_key(text)
    assert (refused.value.field, refused.value.value) == ("keys", text)


def test_a_track_without_key_has_no_code() -> None:
    assert camelot(None) is None
    assert (key_with_code(None), key_with_code("")) == ("", "")


def test_a_filter_stores_every_spelling_as_the_name_of_the_key() -> None:
    assert TrackFilter(keys=["8A", "Am", "1m", "C"]).keys == ("A minor", "C major")
    assert compatible_keys("1m") == compatible_keys("8A") == compatible_keys("A minor")
