"""Mutation test: the share of small changes of the code that the tests notice.

    scripts/mutation.py [--count 300] [--seed 25] [--only recsys/features ...] [--limit MINUTES]

A sample of all mutants (``scripts/mutants.py``) of the stages in ``STAGES``, each with the same probability. Each is
written to a copy of the project, and the tests that execute its statement run against it, the fastest first, until one
fails: the mutant is killed. A mutant that all of them pass survives. The survivors are printed as diffs, and the
share that is killed with its Wilson interval (95 per cent). Mutants that no test executes are survivors. Those in
``scripts/mutation_equivalent.json`` do not change behaviour; they have the reason there, and the second share excludes
them. Survivors that change behaviour need a test.

Which tests execute which line comes from one run of the tests of these stages under coverage.py, with each test as a
context, stored with the duration of each test in ``build/mutation`` until a file changes. Statements that run
when a module is imported (constants) are tested by the tests that execute any function of the module; tests that run
the code only in a subprocess are not counted. A mutant whose tests last longer than ``TIMEOUT`` is killed ("timeout").

mutmut 3 and Cosmic Ray were considered. Neither draws a seeded sample. mutmut selects the tests of a function by names
of its own trampolines, and mutates neither constants of modules nor dropped statements; Cosmic Ray runs one command for
all mutants. The mutants here take 250 lines, and the selection by line is that of coverage.py.
"""

import argparse
import compileall
import hashlib
import json
import os
import py_compile
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from mutants import Mutant, mutants_of

ROOT = Path(__file__).resolve().parents[1]
#: Code, and the files and folders of its tests.
STAGES: dict[str, list[str]] = {
    "recsys/features/tempo.py": ["tests/features/test_features_tempo.py"],
    "recsys/features/key.py": ["tests/features/test_features_key.py"],
    "recsys/nearest": ["tests/nearest"],
    "recsys/tagging": ["tests/tagging"],
    "recsys/database/tag_edits.py": ["tests/contracts/test_contracts_sqlite.py"],
    "recsys/app/tag_journal.py": ["tests/app/test_app_tag_writing.py"],
    "recsys/ingest/pipeline.py": [
        f"tests/ingest/test_ingest_{name}.py"
        for name in ("pipeline", "pipeline_counts", "pipeline_run", "access", "former_hash")
    ],
    "recsys/recommend": ["tests/recommend"],
}
COPIED = ("recsys", "tests", "scripts", "migrations", "docs", "pyproject.toml", "alembic.ini", "README.md")
FIRST = 15  # tests of the first run of a mutant; the others follow if these pass
BUDGET = 60.0  # seconds, of the unchanged code, that the tests of one mutant last at most: the fastest are taken
TIMEOUT = 120.0  # seconds of each of the two runs
EQUIVALENT = ROOT / "scripts" / "mutation_equivalent.json"

# A pytest plugin: each test is a context of coverage.py, and the durations are stored.
PLUGIN = """
import json, os, time
import coverage, pytest
seconds = {}
@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    started, current = time.perf_counter(), coverage.Coverage.current()
    current.switch_context(item.nodeid)
    try:
        return (yield)
    finally:
        current.switch_context("")
        seconds[item.nodeid] = time.perf_counter() - started
def pytest_sessionfinish():
    with open(os.environ["MUTATION_SECONDS"], "w", encoding="utf-8") as file:
        json.dump(seconds, file)
"""


@dataclass(frozen=True)
class Covering:
    """The tests with their durations, and the tests of each line of each file."""

    seconds: dict[str, float]
    lines: dict[str, dict[str, list[str]]]

    def tests(self, mutant: Mutant) -> list[str]:
        """The tests that execute the statement of a mutant, the fastest first."""
        lines = self.lines.get(mutant.path, {})
        own = [lines[str(n)] for n in range(mutant.lines[0], mutant.lines[1] + 1) if str(n) in lines]
        names = {test for tests in own for test in tests if test}
        if not names and any("" in tests for tests in own):  # only the import of the module executes it
            names = {test for tests in lines.values() for test in tests if test}
        ordered = sorted(names, key=lambda test: (self.seconds[test], test))
        total, kept = 0.0, list[str]()
        for test in ordered:
            total += self.seconds[test]
            if kept and total > BUDGET:
                break
            kept.append(test)
        return kept


@contextmanager
def project_copy(root: Path) -> Iterator[Path]:
    """A copy of the project whose compiled files are checked by content, not by time: a mutant is never stale."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as scratch:
        copy = Path(scratch).resolve() / "project"
        copy.mkdir()
        for name in COPIED:
            if (root / name).is_dir():
                shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif (root / name).exists():
                shutil.copy2(root / name, copy / name)
        compileall.compile_dir(copy, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
        yield copy


def run(copy: Path, command: list[str], timeout: float | None, **environment: str) -> int | None:
    """The exit status of a command in the copy; None after ``timeout``, when it and its children are ended."""
    paths = f"{copy}{os.pathsep}{environment.pop('PYTHONPATH', '')}"
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    environment = {**os.environ, **threads, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1", **environment}
    with (copy.parent / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=copy, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def pytest(copy: Path, *arguments: str) -> list[str]:
    return ["-m", "pytest", "-p", "no:cacheprovider", f"--basetemp={copy.parent / 'tests'}", "-q", *arguments]


def measure(copy: Path, code: list[str], tests: list[str]) -> Covering:
    """Run the tests of the unchanged code once, with each test as a context."""
    import coverage

    scratch = copy.parent
    (scratch / "mutation_plugin.py").write_text(PLUGIN, encoding="utf-8")
    settings, data, seconds = scratch / "coveragerc", scratch / "coverage", scratch / "seconds.json"
    settings.write_text(f"[run]\ndata_file = {data}\nsource = {copy / code[0].split('/')[0]}\n", encoding="utf-8")
    command = ["-m", "coverage", "run", f"--rcfile={settings}", *pytest(copy, "-p", "mutation_plugin", *tests)]
    # The core of sys.monitoring reports a line once only, not once in each context.
    status = run(copy, command, None, PYTHONPATH=str(scratch), MUTATION_SECONDS=str(seconds), COVERAGE_CORE="ctrace")
    if status != 0:
        sys.exit(f"the tests fail without a mutant:\n{(scratch / 'output.txt').read_text(errors='replace')[-3000:]}")
    measured = coverage.CoverageData(str(data))
    measured.read()
    lines = {}
    for file in measured.measured_files():
        name = Path(file).relative_to(copy).as_posix()
        if any(name == target or name.startswith(target + "/") for target in code):
            lines[name] = {str(line): sorted(found) for line, found in measured.contexts_by_lineno(file).items()}
    return Covering(json.loads(seconds.read_text(encoding="utf-8")), lines)


def covering(root: Path, copy: Path, code: list[str], tests: list[str]) -> Covering:
    """The tests of each line, from ``build/mutation`` while neither code nor tests have changed."""
    digest = hashlib.sha256(json.dumps([code, tests]).encode())
    for file in sorted(path for name in ("recsys", "tests") for path in (root / name).rglob("*.py")):
        digest.update(file.read_bytes())
    stored = root / "build" / "mutation" / f"{digest.hexdigest()[:16]}.json"
    if stored.exists():
        return Covering(**json.loads(stored.read_text(encoding="utf-8")))
    result = measure(copy, code, tests)
    stored.parent.mkdir(parents=True, exist_ok=True)
    stored.write_text(json.dumps(asdict(result)), encoding="utf-8")
    return result


def outcome(copy: Path, mutant: Mutant, tests: list[str]) -> str:
    """killed, timeout, survived, or "no test"."""
    if not tests:
        return "no test"
    file = copy / mutant.path
    source = file.read_bytes()
    for group in (tests[:FIRST], tests[FIRST:]):
        if not group:
            break
        listed = copy.parent / "tests.txt"
        listed.write_text("\n".join(group), encoding="utf-8")
        command = pytest(copy, "-x", f"@{listed}")
        file.write_bytes(mutant.apply(source))
        try:
            status = run(copy, command, TIMEOUT)
        finally:
            file.write_bytes(source)
        if status is None:
            return "timeout"
        if status > 1 and run(copy, command, TIMEOUT) != 0:  # an import fails, or pytest does not find the tests
            sys.exit(f"the tests do not run without a mutant: {(copy.parent / 'output.txt').read_text()[-3000:]}")
        if status != 0:
            return "killed"
    return "survived"


def wilson(successes: int, n: int) -> tuple[float, float]:
    """95 per cent confidence interval of a share (Wilson 1927)."""
    if n == 0:
        return 0.0, 1.0
    z, share = 1.959964, successes / n
    middle, half = share + z**2 / (2 * n), z * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5
    return (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)


def sample(root: Path, code: list[str], count: int, seed: int) -> list[Mutant]:
    """``count`` mutants of the code that compile; a smaller sample of a seed is the start of a larger one."""
    found = list(mutants_of(root, code))
    random.Random(seed).shuffle(found)
    chosen = list[Mutant]()
    for mutant in found:
        if len(chosen) == count:
            break
        if mutant.compiles((root / mutant.path).read_bytes()):
            chosen.append(mutant)
    return chosen


def reason(root: Path, mutant: Mutant, known: list[dict[str, str]]) -> str | None:
    """Why a mutant does not change behaviour, where that has been found."""
    diff = mutant.diff((root / mutant.path).read_bytes()).splitlines()
    before, after = ("\n".join(line[1:].strip() for line in diff[3:] if line[0] == sign) for sign in "-+")
    same = {"path": mutant.path, "before": before, "after": after}
    return next((entry["reason"] for entry in known if entry.items() >= same.items()), None)


def try_mutants(
    root: Path,
    code: list[str],
    tests: list[str],
    chosen: list[Mutant],
    report: Callable[[Mutant, str], None],
    limit: float = float("inf"),
) -> None:
    """Report the outcome of each mutant, until ``limit`` seconds have passed."""
    with project_copy(root) as copy:
        known, started = covering(root, copy, code, tests), time.monotonic()
        for mutant in chosen:
            if time.monotonic() - started > limit:
                break
            report(mutant, outcome(copy, mutant, known.tests(mutant)))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--count", type=int, default=300, help="mutants (300)")
    parser.add_argument("--seed", type=int, default=25)
    parser.add_argument("--only", nargs="*", help=f"some of: {' '.join(STAGES)}")
    parser.add_argument("--limit", type=float, default=float("inf"), help="minutes, after the run for the coverage")
    options = parser.parse_args()
    stages = {code: STAGES[code] for code in options.only or STAGES}
    code, tests = list(stages), list(dict.fromkeys(test for found in stages.values() for test in found))
    known = json.loads(EQUIVALENT.read_text(encoding="utf-8")) if EQUIVALENT.exists() else []
    outcomes, equivalent = Counter[str](), 0

    def report(mutant: Mutant, result: str) -> None:
        nonlocal equivalent
        outcomes[result] += 1
        print(f"{outcomes.total():4d} {result:8s} {mutant.path}:{mutant.lines[0]} {mutant.operator}", flush=True)
        if result in ("survived", "no test"):
            why = reason(ROOT, mutant, known)
            equivalent += why is not None
            print(mutant.diff((ROOT / mutant.path).read_bytes()), *([f"# equivalent: {why}"] if why else []), sep="\n")

    chosen = sample(ROOT, code, options.count, options.seed)
    try_mutants(ROOT, code, tests, chosen, report, 60 * options.limit)
    killed, tried = outcomes["killed"] + outcomes["timeout"], outcomes.total()
    print(f"mutants: {tried} of {len(chosen)} (seed {options.seed}): {dict(outcomes)}")
    for name, n in (("all", tried), ("that change behaviour", tried - equivalent)):
        low, high = wilson(killed, n)
        print(f"killed, of {n} {name}: {killed / max(n, 1):.1%} ({low:.1%} to {high:.1%})")


if __name__ == "__main__":
    main()
