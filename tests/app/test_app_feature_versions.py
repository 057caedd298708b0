"""The program on a library of feature version 1, as a release before left it."""

import logging
from pathlib import Path

import pytest
from synthetic_library import all_kinds, make_library

from recsys.app.library import Library
from recsys.config import load_settings
from recsys.features.version import COMPATIBLE_VERSIONS, FEATURE_VERSION


@pytest.fixture
def service(tmp_path: Path) -> Library:
    """Twelve songs of version 1, and one of the present version."""
    songs = all_kinds(3)
    make_library(tmp_path, songs, version=COMPATIBLE_VERSIONS[0])
    make_library(tmp_path, songs[:1])
    return Library(load_settings({}, home=tmp_path))


def test_questions_are_answered_and_it_is_said(service: Library, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        answer = service.similar("2", n=2)
    assert {track.id for track in answer.tracks} == {1, 3}
    said = (
        "11 tracks were analysed for an older feature version, and answer with that until an ingest of their folders "
        f"has analysed them again for version {FEATURE_VERSION}"
    )
    assert [record.getMessage() for record in caplog.records] == [said]


def test_doctor_counts(service: Library) -> None:
    findings = {finding.check: finding for finding in service.doctor()}
    assert findings["listening"].status == "warning"
    assert findings["listening"].message == (
        f"1 of 12 tracks have been analysed for feature version {FEATURE_VERSION}; "
        "11 answer with an older version until they are"
    )
    assert findings["vectors"].message.startswith("12 of version 1 and 1 of version 2, all finite")
    assert not [finding for finding in findings.values() if finding.status == "broken"]


def test_nothing_is_said_of_a_library_of_this_version(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    make_library(tmp_path, all_kinds(3))
    with caplog.at_level(logging.WARNING):
        assert Library(load_settings({}, home=tmp_path)).tracks()
    assert not caplog.records
