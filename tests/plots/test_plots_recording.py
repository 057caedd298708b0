"""Plots of synthetic recordings: titles, features, axes."""

from pathlib import Path

import numpy as np
import pytest
from signals import clicks, tone

from recsys.errors import InvalidRequest
from recsys.plots.recording import TEMPO_RANGE, Recording, compute_features, draw_recording, plot_recording


@pytest.mark.parametrize("dark", [False, True])
def test_plot_has_tempo_key_and_axis_labels(dark: bool, tmp_path: Path) -> None:
    recording = Recording(clicks(120, 8.0), 22050, 120.0, "A minor", "clicks")
    figure = draw_recording(recording, dark=dark)
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert len(titles) == 5
    assert titles[2].endswith("key: A minor (8A)")
    assert titles[4] == "Tempogram; tempo: 120.0 BPM; key: A minor (8A)"
    assert all(axes.get_ylabel() for axes in figure.axes[:5])
    plot_recording(recording, tmp_path / "x.png", dark=dark)
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


def test_beats_of_a_long_recording_are_drawn_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    long = Recording(clicks(120, 12.0), 22050, 120.0, "A minor", "clicks")
    labels = []
    for limit in (400, 20, 10):
        monkeypatch.setattr("recsys.plots.recording._MAX_BEATS", limit)
        [beats] = [lines for lines in draw_recording(long).axes[4].collections if "beat" in lines.get_label()]
        labels.append(beats.get_label())
        assert 0 < len(beats.get_segments()) <= limit
    assert labels == ["beats", "every 2nd beat", "every 4th beat"]


def test_title_without_a_pulse(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).standard_normal(22050 * 3).astype(np.float32)
    figure = draw_recording(Recording(noise, 22050, 0.0, "C major", "noise"))
    assert "no pulse found" in [axes.get_title() for axes in figure.axes][4]


@pytest.mark.parametrize(("bpm", "seconds"), [(60, 30), (120, 12), (174, 20)])
def test_tempogram_maximum_is_at_the_tempo(bpm: float, seconds: float) -> None:
    values = compute_features(Recording(clicks(bpm, seconds), 22050, bpm, "A minor", "clicks")).tempogram
    within = (bpm * 0.7 < TEMPO_RANGE) & (bpm * 1.4 > TEMPO_RANGE)  # half and double tempo also have maxima
    strongest = TEMPO_RANGE[within][values[within].mean(axis=1).argmax()]
    assert strongest == pytest.approx(bpm, rel=0.015)


def test_features_have_at_most_1200_columns() -> None:
    y = np.random.default_rng(0).standard_normal(22050 * 60).astype(np.float32)
    features = compute_features(Recording(y, 22050, 0.0, "C major", "noise"))
    assert {rows.shape[1] for rows in features[:4]} == {1200}
    assert all(np.isfinite(rows).all() for rows in features)
    assert features.chroma.max() <= 1


def test_chroma_maximum_is_at_the_pitch() -> None:
    features = compute_features(Recording(tone(440.0, 3.0), 22050, 0.0, "A major", "a"))
    assert (features.chroma.argmax(axis=0) == 9).mean() > 0.95


def test_time_axis_starts_at_the_position_in_the_file(tmp_path: Path) -> None:
    figure = draw_recording(Recording(clicks(120, 30.0), 22050, 120.0, "A minor", "clicks", start=65.0))
    assert figure.axes[4].get_xlim() == (65, 95)
    assert [label.get_text() for label in figure.axes[4].get_xticklabels()][:2] == ["1:05", "1:10"]


@pytest.mark.parametrize("seconds", [1.0, 2.3])
def test_short_recordings_are_drawn_completely(seconds: float) -> None:
    figure = draw_recording(Recording(clicks(120, seconds), 22050, 120.0, "A minor", "clicks"))
    assert figure.axes[0].get_xlim() == pytest.approx((0, seconds))
    assert figure.axes[4].get_xlabel() == "seconds"


@pytest.mark.parametrize("title", ["Ke$ha $x_1^$.mp3", "シンセ.mp3", "x" * 300, "two\nlines"])
def test_titles_with_any_characters_are_drawn(title: str, tmp_path: Path) -> None:
    plot_recording(Recording(clicks(120, 2.0), 22050, 120.0, "A minor", title), tmp_path / "x.svg")
    assert "</svg>" in (tmp_path / "x.svg").read_text(encoding="utf-8")


def test_other_formats_are_refused(tmp_path: Path) -> None:
    recording = Recording(np.ones(22050, np.float32), 22050, 0.0, "C major", "x")
    with pytest.raises(InvalidRequest, match=r"^a picture must be a \.png, \.svg or \.pdf file, got 'x\.gif'$"):
        plot_recording(recording, tmp_path / "x.gif")
