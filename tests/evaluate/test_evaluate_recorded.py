"""The similarity that ships, on a few real tracks kept as numbers, is as good as when it was last recorded."""

import importlib.util
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECORDED = json.loads((ROOT / "benchmarks" / "recorded.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def scores() -> dict[str, float]:
    spec = importlib.util.spec_from_file_location("record", ROOT / "benchmarks" / "record.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, float] = module.score()
    return found


@pytest.mark.parametrize("metric", RECORDED)
def test_it_is_what_was_recorded(metric: str, scores: dict[str, float]) -> None:
    # Other BLAS libraries may turn a close decision or two among 148 queries.
    assert scores[metric] == pytest.approx(RECORDED[metric], abs=0.02 if metric != "skew" else 0.1), (
        "if the change was meant, run benchmarks/record.py and say in the commit why it is better"
    )
