from pathlib import Path

import numpy as np
import pytest
from signals import clicks

from recsys.errors import UsageError
from recsys.render.sound import Sound, draw_sound, plot_sound


@pytest.mark.parametrize("dark", [False, True])
def test_a_picture_says_tempo_and_key_and_labels_every_axis(dark: bool, tmp_path: Path) -> None:
    sound = Sound(clicks(120, 8.0), 22050, 120.0, "A minor", "clicks")
    figure = draw_sound(sound, dark=dark)
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert len(titles) == 5
    assert titles[2].endswith("key: A minor")
    assert titles[4] == "Tempogram; tempo: 120.0 BPM; key: A minor"
    assert all(axes.get_ylabel() for axes in figure.axes[:5])
    plot_sound(sound, tmp_path / "x.png", dark=dark)
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


def test_no_pulse_is_said(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).standard_normal(22050 * 3).astype(np.float32)
    figure = draw_sound(Sound(noise, 22050, 0.0, "C major", "noise"))
    assert "no pulse found" in [axes.get_title() for axes in figure.axes][4]


def test_other_formats_are_refused(tmp_path: Path) -> None:
    sound = Sound(np.ones(22050, np.float32), 22050, 0.0, "C major", "x")
    with pytest.raises(UsageError, match=r"a \.png, \.svg or \.pdf file, not 'x\.gif'"):
        plot_sound(sound, tmp_path / "x.gif")
