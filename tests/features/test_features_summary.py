"""Names, groups and statistics of the feature vector, and what they say of sounds that are known by heart."""

import numpy as np
import pytest
from signals import chord, music, noise, tone

from recsys.domain.arrays import FloatArray
from recsys.domain.audio import Analysis, AudioInfo, AudioWindows, Key, Window
from recsys.errors import FeatureMismatch
from recsys.features import scaling, summary, timbre
from recsys.features.analysis import analyse
from recsys.features.schema import DIMENSIONS, GROUPS, index_of
from recsys.features.spectrum import SR, Spectrum
from recsys.features.version import FEATURE_VERSION


def listen(*windows: FloatArray, channels: int = 1) -> Analysis:
    info = AudioInfo(60.0, SR, channels, "wav")
    placed = tuple(Window(10.0 * i, y) for i, y in enumerate(windows))
    return analyse(AudioWindows(info, SR, placed, 0.0, 60.0))


@pytest.fixture(scope="module")
def heard() -> Analysis:
    return listen(chord((60, 64, 67), 6), music(6), noise(6))


def test_patches_count_in_the_msd_embedding_of_the_track_alone() -> None:
    info, window = AudioInfo(60.0, SR, 1, "wav"), Window(0.0, chord((60, 64, 67), 6))
    patches = tuple(Window(10.0 * i, noise(3.2)) for i in (1, 2, 3))
    alone = analyse(AudioWindows(info, SR, (window,), 0.0, 60.0), patches_per_window=1)
    more = analyse(AudioWindows(info, SR, (window,), 0.0, 60.0, embedding_windows=patches))
    of_noise = analyse(AudioWindows(info, SR, (Window(0.0, noise(3.2)),), 0.0, 60.0), patches_per_window=1)
    msd = slice(GROUPS["learned"].start, GROUPS["learned"].start + 200)
    np.testing.assert_allclose(more.vector[msd], (alone.vector[msd] + 3 * of_noise.vector[msd]) / 4, atol=1e-4)
    rest = np.r_[0 : msd.start, msd.stop : GROUPS["tags"].start, GROUPS["tags"].start + 50 : GROUPS["tags"].stop]
    np.testing.assert_array_equal(more.vector[rest], alone.vector[rest])
    np.testing.assert_array_equal(more.windows, alone.windows)


def test_every_dimension_has_a_name_of_its_own_and_a_group() -> None:
    names = [dimension.name for dimension in DIMENSIONS]
    assert len(set(names)) == len(names)
    for group, where in GROUPS.items():
        assert {dimension.group for dimension in DIMENSIONS[where]} == {group}
    assert sum(where.stop - where.start for where in GROUPS.values()) == len(names)


def test_an_analysis_has_a_vector_for_the_track_and_one_for_each_window(heard: Analysis) -> None:
    assert heard.version == FEATURE_VERSION
    assert heard.vector.shape == (len(DIMENSIONS),)
    assert heard.vector.dtype == np.float32
    assert heard.windows.shape == (3, len(DIMENSIONS))
    assert heard.windows.dtype == np.float16
    assert heard.starts == (0.0, 10.0, 20.0)
    assert np.isfinite(heard.vector).all()
    assert np.isfinite(heard.windows).all()


def test_numbers_stand_where_their_names_say(heard: Analysis) -> None:
    first = heard.windows[0].astype(np.float64)
    spectrum = Spectrum(chord((60, 64, 67), 6))
    mfcc = timbre.mfcc(spectrum)
    assert first[index_of("mfcc_0_mean")] == pytest.approx(mfcc[0].mean(), rel=1e-3)
    assert first[index_of("mfcc_3_std")] == pytest.approx(mfcc[3].std(), rel=1e-2, abs=1e-2)
    covariance = np.cov(mfcc, bias=True)[1, 2]
    root = first[index_of("mfcc_cov_1_2")]
    assert np.sign(root) * root**2 == pytest.approx(covariance, rel=1e-2, abs=1e-2)
    tags = first[GROUPS["tags"]]
    assert ((tags >= 0) & (tags <= 1)).all()


def test_a_c_major_triad_is_told_by_chroma_and_key(heard: Analysis) -> None:
    first = heard.windows[0].astype(np.float64)
    strengths = {name: first[index_of(f"chroma_{name}_mean")] for name in Key.NAMES}
    assert set(sorted(strengths, key=lambda name: -strengths[name])[:3]) == {"C", "E", "G"}
    assert str(listen(chord((60, 64, 67), 6)).key) == "C major"


def test_noise_is_flat_and_a_tone_is_not() -> None:
    flatness = index_of("flatness_mean")
    assert listen(noise(3)).vector[flatness] > 0.4
    assert listen(tone(440, 3)).vector[flatness] < 0.01


def test_the_track_is_described_from_all_frames_together(heard: Analysis) -> None:
    level = index_of("rms_std")
    quiet_and_loud = listen(tone(440, 4, amplitude=0.01), tone(440, 4, amplitude=0.9))
    assert quiet_and_loud.vector[level] > 10 * quiet_and_loud.windows[:, level].max()


def test_covariance_is_the_signed_root() -> None:
    rng = np.random.default_rng(1)
    frames = rng.standard_normal((timbre.N_MFCC, 500)).astype(np.float32)
    frames[1] = -3 * frames[0]
    roots = dict(zip(summary.COVARIANCE_NAMES, summary.mfcc_covariance(frames), strict=True))
    assert roots["mfcc_cov_0_1"] == pytest.approx(-np.sqrt(3 * frames[0].var()), rel=1e-4)


def test_keys_stand_on_the_circle_of_fifths() -> None:
    c, g, far, a_minor = (
        summary.key_features(Key(t, m, 1.0)) for t, m in ((0, "major"), (7, "major"), (6, "major"), (9, "minor"))
    )
    assert c[:2] @ g[:2] == pytest.approx(np.cos(np.pi / 6), abs=1e-6)
    assert c[:2] @ far[:2] == pytest.approx(-1, abs=1e-6)
    assert c[:2] @ a_minor[:2] == pytest.approx(1, abs=1e-6)
    assert (c[2], a_minor[2]) == (1.0, -1.0)
    assert not summary.key_features(Key(4, "minor", 0.0)).any()


def test_normalising_centres_scales_and_limits() -> None:
    reference = scaling.reference()
    np.testing.assert_allclose(scaling.normalise(reference.mean), 0, atol=1e-6)
    np.testing.assert_allclose(scaling.normalise(reference.mean + reference.std), 1, rtol=1e-2)
    assert scaling.normalise(reference.mean + 1e6 * reference.std).max() == scaling.CLIP_SIGMA
    assert scaling.normalise(np.stack([reference.mean] * 3)).shape == (3, len(DIMENSIONS))


def test_vectors_of_another_length_do_not_mix() -> None:
    with pytest.raises(FeatureMismatch, match="analyse the track again"):
        scaling.normalise(np.zeros(3, np.float32))


def test_a_dimension_that_never_varies_is_left_as_it_is() -> None:
    fitted = scaling.fit(np.array([[1.0, 5.0], [3.0, 5.0]], np.float32))
    assert fitted.mean.tolist() == [2.0, 5.0]
    assert fitted.std.tolist() == [1.0, 1.0]
    assert fitted.tracks == 2
