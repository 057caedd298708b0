"""Waveforms over HTTP."""

from pathlib import Path

import pytest
from asgi_client import AsgiClient
from media_library import store_files
from signals import tone, write_audio

import recsys


def test_a_waveform_has_as_many_numbers_as_asked_for(tmp_path: Path) -> None:
    store_files(tmp_path / "home", tmp_path, [write_audio(tmp_path / "a.flac", tone(440, 1.0, 48000, 0.5), 48000)])
    with recsys.Library(tmp_path / "home") as library:
        client = AsgiClient(library)
        found = client.get("/api/v1/peaks/1?n=5").json()
        assert found["peaks"] == pytest.approx([0.5] * 5, abs=0.01)
        assert found["duration"] == 1.0
        assert len(client.get("/api/v1/peaks/1").json()["peaks"]) == 800
        assert [client.get(f"/api/v1/peaks/1?n={n}").status_code for n in ("0", "2001", "x")] == [422, 422, 422]
        assert client.get("/api/v1/peaks/2").status_code == 404
