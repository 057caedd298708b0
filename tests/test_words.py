"""One plain technical language: words that the documents, the program and its names do not use, and what replaces them.

Whole files of ``recsys``, ``scripts``, ``benchmarks``, ``migrations`` and the documents are searched, line by line; of
tests, the docstrings. Names that Python code defines are searched too, by the words they consist of.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WORDS = {
    # pattern, of a whole word or phrase: what to write instead
    "whoever": "the caller, a program that; or the passive",
    "nobody|somebody|everybody|everyone": "no user, a user, all users; or the passive",
    "its owners?": "the user",
    "hear|hears|heard|hearing": "analyse, analysed",
    "unheard": "not analysed; of predictions: out-of-fold",
    "listens? to|listened": "analyse, analysed",
    r"(?<!\.)tells?|told|telling": "report, show; of tags: distinctive",
    "says?|said|sayings?": "state, report, predict; or name what the file, the label or the model has",
    "believes?|believed": "assume, use",
    "knows|knew": "has, contains, supports",
    "thinks?|thought of": "rating; predict",
    "wants": "needs, requests",
    "wish|wishes|wished": "request, constraint, option",
    "speaks?|spoken": "use, contain",
    "talks?": "use, call",
    "alike": "similar, the same, equal",
    "gives? way|gave way|given way|gave_way": "unmet constraint, not met, relaxed",
    "(?:is|are) none (?:that|of)": "unknown",
    "companies|company": "same-artist context",
    "honest|honestly|honesty": "cross-validated, out-of-fold",
    "shelf|shelves|shelved": "collection, library, tracks",
    "strangers?": "another artist, another library, other tracks",
    "opinions?": "rating",
    "lessons?": "training set, labelled tracks",
    "renew|renews|renewed|renewal": "refresh",
    "forgets|forgot|forgotten|forgetting": "delete, prune, remove a rating",
    "cures?": "remedy",
    "takes? back|taken back|took back": "undo",
    "learned numbers": "embedding",
    "models? in use": "active model",
    "lies|lie|lay|lain": "is in, is stored at, is between",
    "slip of the pen": "typing error",
    "precious": "needed",
    "patience|manners": "timeout, settings",
}
# Lines that use such a word as it is meant: their file, and a part of the line.
ALLOWED = {
    ("CHANGELOG.md", "the column `alike` is now"),
    ("docs/reference/renamed.md", '"gave way" is now "not met"'),
    ("docs/reference/renamed.md", '"says / would say" is "current / new"'),
    ("recsys/atomic.py", "gets the permissions of the old one, and its owner"),
    ("recsys/features/dynamics.py", '_biquad(z, sr, "shelf"'),
    ("recsys/features/dynamics.py", "of a high shelf or high-pass"),
    ("recsys/features/dynamics.py", 'if kind == "shelf":'),
    ("scripts/postgres.py", "as the user ``postgres`` or ``nobody``"),
    ("scripts/postgres.py", '("postgres", "nobody")'),
    ("scripts/postgres.py", "no user postgres or nobody"),
}
SEARCH = {pattern: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE) for pattern in WORDS}
ANY = re.compile("|".join(search.pattern for search in SEARCH.values()), re.IGNORECASE)
DOCUMENTED = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def files(*patterns: str) -> list[Path]:
    """Files of the tree by patterns, without what is generated."""
    found = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    return sorted(path for path in found if not {"_build", "__pycache__"} & set(path.parts))


CODE = files(
    "recsys/**/*.py",
    "beetsplug/*.py",
    "scripts/*.py",
    "scripts/demo",
    "scripts/test",
    "benchmarks/*.py",
    "migrations/*.py",
)
DOCUMENTS = files("*.md", "docs/**/*.md", "docs/**/*.py", "benchmarks/*.md", "pyproject.toml", ".ci/run")
TESTS = [path for path in files("tests/**/*.py") if path != Path(__file__)]


def names_defined(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Lines and names of the functions, classes, parameters and variables that a module defines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr


def docstrings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Lines of the docstrings of a module, with their numbers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(
            node
        ):
            first = node.body[0]
            assert isinstance(first, ast.Expr)
            assert isinstance(first.value, ast.Constant)
            yield from enumerate(str(first.value.value).splitlines(), first.lineno)


@cache
def allowed_in(path: str) -> tuple[str, ...]:
    return tuple(text for allowed, text in ALLOWED if allowed == path)


def hits(path: Path) -> list[str]:
    """Words of the list in a file: the place, the word, what to write instead, and the line."""
    name, source = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    lines = list(enumerate(source.splitlines(), 1))
    texts = lines
    if path in CODE or path in TESTS:
        tree = ast.parse(source)
        if path in TESTS:
            texts = list(docstrings(tree))
        texts = texts + [(number, " ".join(PART.findall(name))) for number, name in names_defined(tree)]
    found = {}
    for number, text in texts:
        if ANY.search(text) and not any(part in lines[number - 1][1] for part in allowed_in(name)):
            for pattern, search in SEARCH.items():
                if match := search.search(text):
                    line = lines[number - 1][1].strip()
                    found[number, match[0].lower()] = f"{name}:{number}: {match[0]!r} (write: {WORDS[pattern]}): {line}"
    return list(found.values())


@pytest.mark.parametrize("path", [*CODE, *DOCUMENTS, *TESTS], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_language_is_plain(path: Path) -> None:
    assert "\n".join(hits(path)) == ""


def test_every_exception_is_needed() -> None:
    for path, text in ALLOWED:
        assert any(text in line and ANY.search(line) for line in (ROOT / path).read_text(encoding="utf-8").splitlines())


def test_the_words_of_a_line_and_of_a_name_are_found(tmp_path: Path) -> None:
    assert ANY.search("Whoever interrupts it")
    assert ANY.search(" ".join(PART.findall("unheardTracks")))
    assert ANY.search(" ".join(PART.findall("_wish_of")))
    assert not ANY.search("file.tell() is an outlier")
