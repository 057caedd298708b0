"""Names, groups and statistics of the feature vector, and its values for known signals."""

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


def analyse_windows(*windows: FloatArray) -> Analysis:
    info = AudioInfo(60.0, SR, 1, "wav")
    placed = tuple(Window(10.0 * i, y) for i, y in enumerate(windows))
    return analyse(AudioWindows(info, SR, placed, 0.0, 60.0))


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analyse_windows(chord((60, 64, 67), 6), music(6), noise(6))


def test_gap_patches_affect_only_the_msd_embedding_and_tags_of_the_track() -> None:
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


def test_every_dimension_has_a_unique_name_and_a_group() -> None:
    names = [dimension.name for dimension in DIMENSIONS]
    assert len(set(names)) == len(names)
    for group, columns in GROUPS.items():
        assert {dimension.group for dimension in DIMENSIONS[columns]} == {group}
    assert sum(columns.stop - columns.start for columns in GROUPS.values()) == len(names)


def test_analysis_has_vectors_of_the_track_and_of_each_window(analysis: Analysis) -> None:
    assert analysis.version == FEATURE_VERSION
    assert analysis.vector.shape == (len(DIMENSIONS),)
    assert analysis.vector.dtype == np.float32
    assert analysis.windows.shape == (3, len(DIMENSIONS))
    assert analysis.windows.dtype == np.float16
    assert analysis.starts == (0.0, 10.0, 20.0)
    assert np.isfinite(analysis.vector).all()
    assert np.isfinite(analysis.windows).all()


def test_values_are_at_the_index_of_their_name(analysis: Analysis) -> None:
    first = analysis.windows[0].astype(np.float64)
    spectrum = Spectrum(chord((60, 64, 67), 6))
    mfcc = timbre.mfcc(spectrum)
    assert first[index_of("mfcc_0_mean")] == pytest.approx(mfcc[0].mean(), rel=1e-3)
    assert first[index_of("mfcc_3_std")] == pytest.approx(mfcc[3].std(), rel=1e-2, abs=1e-2)
    covariance = np.cov(mfcc, bias=True)[1, 2]
    root = first[index_of("mfcc_cov_1_2")]
    assert np.sign(root) * root**2 == pytest.approx(covariance, rel=1e-2, abs=1e-2)
    tags = first[GROUPS["tags"]]
    assert ((tags >= 0) & (tags <= 1)).all()


def test_c_major_triad_has_its_chroma_and_key(analysis: Analysis) -> None:
    first = analysis.windows[0].astype(np.float64)
    strengths = {name: first[index_of(f"chroma_{name}_mean")] for name in Key.NAMES}
    assert set(sorted(strengths, key=lambda name: -strengths[name])[:3]) == {"C", "E", "G"}
    assert str(analyse_windows(chord((60, 64, 67), 6)).key) == "C major"


def test_flatness_is_high_for_noise_and_low_for_a_tone() -> None:
    flatness = index_of("flatness_mean")
    assert analyse_windows(noise(3)).vector[flatness] > 0.4
    assert analyse_windows(tone(440, 3)).vector[flatness] < 0.01


def test_track_vector_is_of_all_frames_together() -> None:
    level = index_of("rms_std")
    quiet_and_loud = analyse_windows(tone(440, 4, amplitude=0.01), tone(440, 4, amplitude=0.9))
    assert quiet_and_loud.vector[level] > 10 * quiet_and_loud.windows[:, level].max()


def test_covariances_are_signed_roots() -> None:
    rng = np.random.default_rng(1)
    frames = rng.standard_normal((timbre.N_MFCC, 500)).astype(np.float32)
    frames[1] = -3 * frames[0]
    roots = dict(zip(summary.COVARIANCE_NAMES, summary.mfcc_covariance(frames), strict=True))
    assert roots["mfcc_cov_0_1"] == pytest.approx(-np.sqrt(3 * frames[0].var()), rel=1e-4)


def test_key_features_are_positions_on_the_circle_of_fifths() -> None:
    c, g, f_sharp, a_minor = (
        summary.key_features(Key(t, m, 1.0)) for t, m in ((0, "major"), (7, "major"), (6, "major"), (9, "minor"))
    )
    assert c[:2] @ g[:2] == pytest.approx(np.cos(np.pi / 6), abs=1e-6)
    assert c[:2] @ f_sharp[:2] == pytest.approx(-1, abs=1e-6)
    assert c[:2] @ a_minor[:2] == pytest.approx(1, abs=1e-6)
    assert (c[2], a_minor[2]) == (1.0, -1.0)
    assert not summary.key_features(Key(4, "minor", 0.0)).any()


def test_normalise_centres_scales_and_clips() -> None:
    reference = scaling.reference()
    np.testing.assert_allclose(scaling.normalise(reference.mean), 0, atol=1e-6)
    np.testing.assert_allclose(scaling.normalise(reference.mean + reference.std), 1, rtol=1e-2)
    assert scaling.normalise(reference.mean + 1e6 * reference.std).max() == scaling.CLIP_SIGMA
    assert scaling.normalise(np.stack([reference.mean] * 3)).shape == (3, len(DIMENSIONS))


def test_normalise_refuses_vectors_of_another_length() -> None:
    message = r"^a vector of feature version \d+ has 931 dimensions, not 3; analyse the track again$"
    with pytest.raises(FeatureMismatch, match=message):
        scaling.normalise(np.zeros(3, np.float32))


def test_fit_gives_constant_dimensions_deviation_1() -> None:
    fitted = scaling.fit(np.array([[1.0, 5.0], [3.0, 5.0]], np.float32))
    assert fitted.mean.tolist() == [2.0, 5.0]
    assert fitted.std.tolist() == [1.0, 1.0]
    assert fitted.tracks == 2
