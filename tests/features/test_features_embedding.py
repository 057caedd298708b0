"""MusiCNN against an independent implementation, and its invariants."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.errors import InvalidRequest
from recsys.features import embedding
from recsys.features.embedding import embed, log_mel, run_models
from recsys.features.musicnn import PATCH_FRAMES
from recsys.features.tag_names import MSD_TAGS, MTT_TAGS

GOLDEN = Path(__file__).parents[1] / "data" / "musicnn_golden.npz"  # scripts/make_musicnn_golden.py
TAGS = (*MSD_TAGS, *MTT_TAGS)


def tone(seconds: float, hertz: float = 440.0, sr: int = 22050) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * sr)) / sr)).astype(np.float32)


def test_models_agree_with_an_independent_implementation() -> None:
    golden = np.load(GOLDEN)
    embeddings, tags = run_models(golden["mel"])
    np.testing.assert_allclose(embeddings, golden["embeddings"], atol=1e-4)
    np.testing.assert_allclose(tags, golden["tags"], atol=1e-5)


def test_log_mel_agrees_with_librosa() -> None:
    import librosa

    y = np.random.default_rng(0).normal(size=16000 * 4).astype(np.float32) * 0.1
    power = librosa.feature.melspectrogram(y=y, sr=16000, n_fft=512, hop_length=256, n_mels=96)
    np.testing.assert_allclose(log_mel(y, 16000), np.log10(10000 * power.T + 1), atol=1e-4)


def test_embedding_of_real_music_agrees_with_the_published_model(data_dir: Path) -> None:
    import soundfile

    golden = np.load(data_dir / "musicnn" / "golden.npz")
    y, sr = soundfile.read(data_dir / str(golden["track"]), dtype="float32")
    mel = log_mel(y, sr)
    patches = [mel[start : start + 187] for start in golden["start_frames"]]
    np.testing.assert_allclose(patches, golden["mel"], atol=1e-4)
    for kind, got in zip(("embedding", "tags"), run_models(patches), strict=True):
        published = np.hstack([golden[f"msd_{kind}"], golden[f"mtt_{kind}"]])
        np.testing.assert_allclose(got, published, atol=1e-3)


def test_outputs_of_a_model_that_does_not_run_are_nan() -> None:
    both, one = embed([tone(6)]), embed([tone(6)], models=("msd",))
    np.testing.assert_array_equal(one.embeddings[:, :200], both.embeddings[:, :200])
    np.testing.assert_array_equal(one.tags[:, :50], both.tags[:, :50])
    assert np.isnan(one.embeddings[:, 200:]).all()
    assert np.isnan(one.tags[:, 50:]).all()
    joined = both.with_gap_patches(one)
    assert joined.windows.tolist() == [0, -1]
    np.testing.assert_array_equal(joined.embeddings[1], one.embeddings[0])


def test_embed_shapes_and_order_of_patches() -> None:
    windows = [tone(6, 220), tone(6, 880), tone(1.5, 440)]
    got = embed(windows, patches_per_window=2)
    assert got.embeddings.shape == (6, 400)
    assert got.tags.shape == (6, 100)
    assert got.embeddings.dtype == got.tags.dtype == np.float32
    assert got.windows.tolist() == [0, 0, 1, 1, 2, 2]
    assert ((got.tags >= 0) & (got.tags <= 1)).all()
    np.testing.assert_allclose(got.tags[2:4], embed([windows[1]], patches_per_window=2).tags, atol=1e-6)


def test_single_patch_is_in_the_middle_of_its_window() -> None:
    y = np.concatenate([np.zeros(2 * 16000), tone(3.2, sr=16000), np.zeros(2 * 16000)]).astype(np.float32)
    alone = tone(3.2, sr=16000)
    np.testing.assert_allclose(embed([y], 16000).tags, embed([alone], 16000).tags, atol=0.02)


@pytest.mark.parametrize("sr", [8000, 11025, 16000, 22050, 22051, 44100, 48000])
@pytest.mark.parametrize("seconds", [0.4, 3.0, 3.2, 6.0, 19.7])
def test_middle_patch_is_that_of_the_whole_window(seconds: float, sr: int) -> None:
    y = np.random.default_rng(sr).normal(size=round(seconds * sr)).astype(np.float32)
    mel = log_mel(y, sr)
    start = (len(mel) - 187) // 2
    got = embedding._middle_patch(y, sr)
    np.testing.assert_allclose(got, mel[start : start + 187], atol=1e-4)


def test_short_window_is_repeated_to_fill_a_patch() -> None:
    second = tone(1.0, sr=16000)
    needed = (PATCH_FRAMES - 1) * embedding.HOP_LENGTH
    np.testing.assert_array_equal(log_mel(second, 16000), log_mel(np.tile(second, 3)[:needed], 16000))


def test_embedding_of_silence_is_finite() -> None:
    got = embed([np.zeros(6 * 22050, np.float32)])
    assert np.isfinite(got.embeddings).all()
    assert np.isfinite(got.tags).all()


def test_tone_has_low_hip_hop_and_drum_probabilities() -> None:
    tags = embed([tone(6)]).tags[0]
    assert tags[TAGS.index("Hip-Hop")] < 0.05
    assert tags[50 + MTT_TAGS.index("drums")] < 0.05


def test_embedding_of_no_windows_is_empty() -> None:
    got = embed([])
    assert (got.embeddings.shape, got.tags.shape, got.windows.shape) == ((0, 400), (0, 100), (0,))


@pytest.mark.parametrize(
    ("windows", "patches", "message"),
    [
        ([np.empty(0, np.float32)], 1, "^y must have at least one sample$"),
        ([tone(3)], 0, "^patches_per_window must be at least 1, got 0$"),
    ],
)
def test_embed_refuses_invalid_parameters(windows: list[np.ndarray], patches: int, message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        embed(windows, patches_per_window=patches)


@settings(max_examples=10, deadline=None)
@given(samples=st.integers(1, 8 * 16000), sr=st.sampled_from([8000, 16000, 22050, 48000]))
def test_log_mel_of_any_length_fills_a_patch(samples: int, sr: int) -> None:
    mel = log_mel(np.full(samples, 0.1, np.float32), sr)
    assert mel.shape[0] >= PATCH_FRAMES
    assert mel.shape[1] == 96


def test_models_are_loaded_once() -> None:
    assert embedding.network("msd") is embedding.network("msd")
    assert embedding.network("msd") is not embedding.network("mtt")


def test_tag_names_are_in_the_published_order() -> None:
    assert len(MSD_TAGS) == len(MTT_TAGS) == 50
    assert len(set(MSD_TAGS)) == len(set(MTT_TAGS)) == 50
    assert {i: TAGS[i] for i in (0, 9, 26, 33, 49, 50, 51, 62, 99)} == {
        0: "rock", 9: "jazz", 26: "blues", 33: "Hip-Hop", 49: "happy",
        50: "guitar", 51: "classical", 62: "violin", 99: "choral",
    }  # fmt: skip


def test_embedding_writes_nothing_to_the_home_folder(tmp_path: Path) -> None:
    code = "import numpy as np; from recsys.features.embedding import embed; embed([np.ones(22050, np.float32)])"
    folders = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    root = str(Path(__file__).parents[2])
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, **folders}, cwd=root)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
