"""Messages agree with their numbers: "1 track", "2 tracks", by the one function :func:`recsys.errors.pluralise`.

An f-string in which a value is followed by a plural noun would print "1 tracks". Such strings are searched in the whole
program; those whose number is never 1 are listed with the reason.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from recsys.errors import pluralise

PACKAGE = Path(__file__).parents[1] / "recsys"
NOUNS = [
    "albums",
    "artists",
    "bytes",
    "candidates",
    "characters",
    "clusters",
    "copies",
    "days",
    "degrees",
    "dislikes",
    "edits",
    "elements",
    "entries",
    "errors",
    "failures",
    "fields",
    "files",
    "folders",
    "folds",
    "genres",
    "groups",
    "hours",
    "labels",
    "likes",
    "lines",
    "listeners",
    "minutes",
    "models",
    "months",
    "names",
    "neighbours",
    "packages",
    "paths",
    "performances",
    "places",
    "playlists",
    "plays",
    "queries",
    "ratings",
    "rows",
    "runs",
    "samples",
    "seconds",
    "stars",
    "steps",
    "tags",
    "times",
    "tracks",
    "vectors",
    "versions",
    "weeks",
    "windows",
    "words",
    "years",
]
PLURAL = re.compile(rf"^ (?:[a-z-]+ )?({'|'.join(NOUNS)})\b")
CONSTANT = re.compile(r"[A-Z_0-9.:,]+(?:\s*/\s*\d+)?|self\.[a-z_]*n_[a-z]+")
"""Numbers that are fixed, and are not 1."""

NEVER_ONE = {
    ("genre/model.py", "{len(genres)} genres"): "a model has at least two",
    ("app/validation.py", "{len(known)} names"): "names of moods and tags, which are many",
    ("app/restoring.py", "{len(infos)} files"): "is more than a backup may have",
    ("cli/statistics.py", "{found.duration / 3600} hours"): "has a decimal",
    ("app/unmet_constraints.py", "{got} minutes"): "has a decimal",
    ("app/unmet_constraints.py", "{int(float(wanted or 0)) + 1} places"): "a gap of one track has another message",
    ("app/unmet_constraints.py", "{largest} degrees"): "is far more than one",
    ("database/health.py", "{dimensions} elements"): "of a feature vector",
    ("database/search.py", "{n} tracks"): "several match",
    ("genre/discriminant.py", "{features.shape} and labels"): "is no number",
    ("genre/model_store.py", "{n} tracks"): "a model has at least ten of each genre",
    ("importers/formats.py", "{path} names"): "is no number",
}


def plural_phrases() -> Iterator[tuple[str, int, str]]:
    """The file, line and text of each value that a plural noun follows."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.JoinedStr):
                continue
            for value, text in zip(node.values, node.values[1:], strict=False):
                if not isinstance(value, ast.FormattedValue) or not isinstance(text, ast.Constant):
                    continue
                found = PLURAL.match(str(text.value))
                expression = ast.unparse(value.value)
                if found and "pluralise" not in expression and not CONSTANT.fullmatch(expression):
                    yield str(path.relative_to(PACKAGE).as_posix()), value.lineno, f"{{{expression}}}{found[0]}"


def test_no_message_has_one_tracks() -> None:
    found = [f"{file}:{line} {text}" for file, line, text in plural_phrases() if (file, text) not in NEVER_ONE]
    assert not found, "use recsys.errors.pluralise:\n" + "\n".join(found)


@pytest.mark.parametrize(("n", "expected"), [(0, "0 files are"), (1, "1 file is"), (2, "2 files are")])
def test_a_number_agrees_with_its_noun_and_verb(n: int, expected: str) -> None:
    assert pluralise(n, "file is", "files are") == expected
