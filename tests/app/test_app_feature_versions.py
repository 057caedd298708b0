"""Queries on a library of feature version 1, as an earlier release has written it."""

import logging
from pathlib import Path

import pytest
from synthetic_library import all_kinds, make_library

from recsys import Library, load_settings
from recsys.features.version import COMPATIBLE_VERSIONS, FEATURE_VERSION


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Twelve songs of version 1, and one of the present version."""
    songs = all_kinds(3)
    make_library(tmp_path, songs, version=COMPATIBLE_VERSIONS[0])
    make_library(tmp_path, songs[:1])
    return Library(load_settings({}, home=tmp_path))


def test_query_uses_older_features_and_logs_it(library: Library, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        found = library.similar("2", n=2)
    assert {track.id for track in found} == {1, 3}
    message = (
        "11 tracks have features of an older version, which are used until an ingest of their folders analyses them "
        f"for version {FEATURE_VERSION}"
    )
    assert caplog.messages == [message]


def test_check_counts_tracks_of_each_version(library: Library) -> None:
    results = {result.name: result for result in library.check()}
    assert results["features"].status == "warning"
    assert results["features"].message == (
        f"1 of 12 tracks has been analysed with feature version {FEATURE_VERSION}; "
        "an older version is used for 11 until then"
    )
    assert results["vectors"].message.startswith("12 of version 1 and 1 of version 2, all finite")
    assert {result.status for result in results.values()} == {"ok", "warning"}


def test_library_of_this_version_logs_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    make_library(tmp_path, all_kinds(3))
    with caplog.at_level(logging.WARNING):
        assert Library(load_settings({}, home=tmp_path)).tracks()
    assert not caplog.records
