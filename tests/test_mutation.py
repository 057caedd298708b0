"""The mutation test finds what the tests of a small package miss, and only that."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from mutants import Mutant, mutants
from mutation import EQUIVALENT, ROOT, reason, sample, try_mutants, wilson

CODE = """\
LIMIT = 10


def is_full(n: int) -> bool:
    return n >= LIMIT


def unused(n: int) -> int:
    return n + 1
"""
TESTS = """\
from recsys.box import is_full

def test_full():
    assert is_full(12)

def test_not_full():
    assert not is_full(9)
"""


def texts(source: str) -> list[str]:
    content = source.encode()
    return [mutant.apply(content).decode() for mutant in mutants("module.py", content)]


@pytest.mark.parametrize(
    ("source", "mutant"),
    [
        ("x = a < b\n", "x = a <= b\n"),
        ("x = (a) not in (b)\n", "x = (a) in (b)\n"),
        ("x = 'é' or a * 2\n", "x = 'é' or a / 2\n"),
        ("x = a and b\n", "x = a or b\n"),
        ("x = 2\n", "x = 3\n"),
        ("if a:\n    x\n", "if not (a):\n    x\n"),
        ("x = [a for a in b if a]\n", "x = [a for a in b if (not (a))]\n"),
        ("def f():\n    g()\n", "def f():\n    pass\n"),
        ("def f(a):\n    a = g(a)\n", "def f(a):\n    pass\n"),
        ("def f() -> list[int]:\n    return a\n", "def f() -> list[int]:\n    return []\n"),
        ("def f(a):\n    a += 1\n", "def f(a):\n    a -= 1\n"),
        ("match a:\n    case 1:\n        x = a > b\n", "match a:\n    case 1:\n        x = a >= b\n"),
    ],
)
def test_operators(source: str, mutant: str) -> None:
    assert mutant in texts(source)


def test_text_annotations_and_first_assignments_have_no_mutants() -> None:
    assert texts('"""Text."""\n\n\ndef f(a: int, b: "x[1]") -> None:\n    c = a\n    d: tuple[Literal[1]] = c\n') == []


def test_planted_mutants(tmp_path: Path) -> None:
    pytest.importorskip("coverage")
    for name, text in (("recsys/__init__.py", ""), ("recsys/box.py", CODE), ("tests/test_box.py", TESTS)):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    chosen = sample(tmp_path, ["recsys"], 100, seed=1)
    found: dict[str, str] = {}

    def report(mutant: Mutant, outcome: str) -> None:
        found["".join(mutant.diff(CODE.encode()).splitlines()[-1:])] = outcome

    try_mutants(tmp_path, ["recsys"], ["tests"], chosen, report)
    assert found == {
        "+LIMIT = 11": "survived",  # no test has 10 or 11
        "+    return n > LIMIT": "survived",
        "+    return not (n >= LIMIT)": "killed",
        "+    return n - 1": "no test",
        "+    return n + 2": "no test",
        "+    return 0": "no test",
    }
    assert (tmp_path / "recsys" / "box.py").read_text(encoding="utf-8") == CODE


def test_a_smaller_sample_is_the_start_of_a_larger_one(tmp_path: Path) -> None:
    (tmp_path / "box.py").write_text(CODE, encoding="utf-8")
    larger = sample(tmp_path, ["box.py"], 5, seed=3)
    assert sample(tmp_path, ["box.py"], 3, seed=3) == larger[:3]
    assert sample(tmp_path, ["box.py"], 5, seed=4) != larger


def test_wilson_interval() -> None:
    low, high = wilson(9, 10)  # 0.596 and 0.982: the example of many tables
    assert (round(low, 3), round(high, 3)) == (0.596, 0.982)


def test_listed_equivalent_mutants_are_mutants_of_the_code() -> None:
    known = json.loads(EQUIVALENT.read_text(encoding="utf-8"))
    for path in {entry["path"] for entry in known}:
        found = {reason(ROOT, mutant, known) for mutant in mutants(path, (ROOT / path).read_bytes())} - {None}
        assert found == {entry["reason"] for entry in known if entry["path"] == path}
