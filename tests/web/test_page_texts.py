"""The German texts of the page have each hint and each code of an error."""

import re
from pathlib import Path

from recsys.errors import Hint, RecsysError
from recsys.web import problems
from recsys.web.jobs import job

TEXTS = Path(__file__).parents[2] / "web" / "src" / "i18n" / "de" / "problems.ts"


def keys(part: str) -> set[str]:
    text = TEXTS.read_text("utf-8")
    block = re.search(rf"^  {part}: {{$(.*?)^  }},$", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    return set(re.findall(r"^    ([a-z_]+):", block[1], re.MULTILINE))


def codes(error: type[RecsysError]) -> set[str]:
    return {error.code}.union(*map(codes, error.__subclasses__()))


def test_each_hint_has_a_german_text() -> None:
    assert keys("hints") == {hint.value for hint in Hint}


def test_each_code_has_a_german_text() -> None:
    assert job.JobCrashed.code in codes(RecsysError)
    assert codes(RecsysError) | set(problems.CODES.values()) | set(problems.STATUS) <= keys("codes")
