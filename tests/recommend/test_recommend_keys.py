"""Compatible keys, by hand and by their Camelot codes."""

import pytest

from recsys.domain.audio import Key
from recsys.domain.keys import camelot
from recsys.recommend.keys import compatible_keys


@pytest.mark.parametrize(
    ("key", "compatible"),
    [
        ("A minor", ["A minor", "C major", "E minor", "G major", "D minor", "F major"]),
        ("C major", ["C major", "A minor", "G major", "E minor", "F major", "D minor"]),
        ("8A", ["A minor", "C major", "E minor", "G major", "D minor", "F major"]),
        ("B major", ["B major", "Ab minor", "F# major", "Eb minor", "E major", "C# minor"]),
        ("Bb minor", ["Bb minor", "C# major", "F minor", "Ab major", "Eb minor", "F# major"]),
    ],
)
def test_compatible_keys_are_the_relative_and_those_a_fifth_apart(key: str, compatible: list[str]) -> None:
    assert compatible_keys(key) == compatible


def test_compatible_keys_are_next_to_each_other_in_camelot_notation() -> None:
    for name in Key.NAMES:
        for mode in ("major", "minor"):
            codes = [camelot(key) for key in compatible_keys(f"{name} {mode}")]
            number = int(str(codes[0])[:-1])
            assert {int(str(code)[:-1]) for code in codes} == {number, number % 12 + 1, (number - 2) % 12 + 1}
            assert len(set(codes)) == 6
