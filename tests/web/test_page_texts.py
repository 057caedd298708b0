"""The German texts of the page have each hint and each code of an error."""

import re
from pathlib import Path
from types import ModuleType

from recsys import errors
from recsys.errors import Hint, RecsysError
from recsys.web import problems
from recsys.web.jobs import job

TEXTS = Path(__file__).parents[2] / "web" / "src" / "i18n" / "de" / "problems.ts"


def keys(part: str) -> set[str]:
    text = TEXTS.read_text("utf-8")
    block = re.search(rf"^  {part}: {{$(.*?)^  }},$", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    return set(re.findall(r"^    ([a-z_]+):", block[1], re.MULTILINE))


def codes(module: ModuleType) -> set[str]:
    classes = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, RecsysError)]
    return {each.code for each in classes}


def test_each_hint_has_a_german_text() -> None:
    assert keys("hints") == {hint.value for hint in Hint}


def test_each_code_has_a_german_text() -> None:
    assert job.JobCrashed.code in codes(job)
    assert codes(errors) | codes(job) | set(problems.CODES.values()) | set(problems.STATUS) <= keys("codes")
