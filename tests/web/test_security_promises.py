"""Each promise of docs/security.md names a test that exists."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "security.md"
ROW = re.compile(r"^\| (.+?) \| .+? \| ((?:`test_\w+`(?:, )?)+) \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE.read_text(encoding="utf-8"))


def test_the_table_has_no_row_without_a_test() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert len(rows) - 2 == len(ROWS) > 25  # two tables with heads


@pytest.mark.parametrize(("promise", "names"), ROWS)
def test_every_promise_has_tests(promise: str, names: str) -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py"))
    missing = [name for name in re.findall(r"test_\w+", names) if f"def {name}(" not in sources]
    assert missing == [], promise
