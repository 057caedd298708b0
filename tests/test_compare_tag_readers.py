"""The comparison of tag readers reports what differs, and only that."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from compare_tag_readers import mismatches

OWN: dict[str, Any] = {"title": "A Title", "artists": ["Foo", "Cee"], "track": 3, "year": 1995, "duration": 10.0}


def test_the_same_values_are_no_mismatch() -> None:
    other = {"title": "a title", "artists": ["Foo; Cee"], "track": 3, "year": None, "duration": 10.1}
    assert mismatches({"recsys": OWN, "taglib": other, "ffprobe": dict(OWN)}) == []


def test_differences_are_reported_with_both_values() -> None:
    assert mismatches({"recsys": OWN, "ffprobe": OWN | {"artists": ["Foo"], "duration": 11.0}}) == [
        "artists: ['Foo', 'Cee'], ffprobe: ['Foo']",
        "duration: 10.00, ffprobe: 11.00",
    ]
    assert mismatches({"recsys": OWN, "ffprobe": OWN | {"year": None}}) == ["year: only recsys has 1995"]
    assert mismatches({"recsys": OWN, "mediafile": {"error": "unknown"}}) == ["file: read, mediafile: unknown"]
