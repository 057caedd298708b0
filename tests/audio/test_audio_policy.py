"""Which decoder reads which file, and that no sound file is refused or cut short because of the first one."""

import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mutagen import apev2, id3
from signals import RARE_FORMATS, dff, dsf, music, tone, write_audio, write_with_av

from recsys.audio import decode
from recsys.audio.decode import open_source, probe
from recsys.audio.ffmpeg import FfmpegSource
from recsys.audio.flac import count_flac_samples
from recsys.audio.formats import DECODERS, DEFAULT_DECODERS, SUFFIXES
from recsys.audio.mpeg import MpegSource
from recsys.audio.sndfile import SndfileSource
from recsys.audio.sniff import sniff
from recsys.domain.arrays import FloatArray
from recsys.domain.audio import AudioInfo
from recsys.errors import UnreadableAudio

SR = 48000


def whole(path: Path) -> FloatArray:
    with open_source(path) as source:
        return source.read(0, source.n_samples)


def decoder(path: Path) -> type:
    with open_source(path) as source:
        return type(source)


def id3v2(cover: int) -> bytes:
    """A tag with a picture of ``cover`` bytes, which have the syncwords of many formats."""
    tag = id3.ID3()
    picture = np.random.default_rng(1).bytes(cover // 2) + b"fLaC\xff\xfbOggS" * (cover // 20)
    tag.add(id3.TIT2(encoding=3, text=["Title"]))
    tag.add(id3.APIC(encoding=0, mime="image/jpeg", type=3, desc="", data=picture))
    head = BytesIO()
    tag.save(head)
    return head.getvalue()


def trailing_tags(tmp_path: Path) -> bytes:
    """An APEv2 tag and an ID3v1 tag."""
    (tmp_path / "tag").write_bytes(b"")
    ape = apev2.APEv2()
    ape["Title"] = "Title"
    ape.save(tmp_path / "tag")
    return (tmp_path / "tag").read_bytes() + b"TAG" + b"Title".ljust(125, b"\0")


@pytest.mark.parametrize(
    "format", ["flac", "ogg", "opus", "wav", "aiff", "m4a", "alac", "aac", "wma", "wv", *RARE_FORMATS]
)
def test_tags_around_a_file_change_nothing(tmp_path: Path, format: str) -> None:
    plain = write_audio(tmp_path / "plain", np.stack([music(3, SR), music(3, SR, 1)], axis=1), SR, format)
    head, tail = id3v2(200_000), trailing_tags(tmp_path)
    y, info = whole(plain), probe(plain)
    for name, before in (("one", head), ("two", head + id3v2(1000)), ("padded", head + bytes(5000))):
        path = tmp_path / name
        path.write_bytes(before + plain.read_bytes() + tail)
        tagged = probe(path)
        assert (tagged.codec, tagged.sample_rate, tagged.channels) == (info.codec, info.sample_rate, info.channels)
        assert tagged.duration == pytest.approx(info.duration, abs=0.01)
        z = whole(path)
        n = min(y.shape[1], z.shape[1])
        np.testing.assert_array_equal(z[:, :n], y[:, :n])


@pytest.mark.parametrize("cover", [300_000, 1_500_000, 6_000_000])
def test_flac_after_a_cover_is_decoded_to_its_end(tmp_path: Path, cover: int) -> None:
    y = music(20, 44100)
    plain = write_audio(tmp_path / "plain.flac", y, 44100)
    path = tmp_path / "tagged.flac"
    path.write_bytes(id3v2(cover) + plain.read_bytes())
    assert probe(path).duration == pytest.approx(20, abs=1e-6)
    np.testing.assert_allclose(whole(path)[0], y, atol=1e-4)
    with open_source(path) as source:
        np.testing.assert_allclose(source.read(19 * 44100, 44100)[0], y[19 * 44100 :], atol=1e-4)


PIPED = {
    "opus.mka": ("matroska", "libopus", "flt", {"live": "1"}),
    "opus.webm": ("webm", "libopus", "flt", {"live": "1"}),
    "vorbis.mka": ("matroska", "vorbis", "fltp", {}),
    "flac.mka": ("matroska", "flac", "s16", {"live": "1"}),
    "aac.mka": ("matroska", "aac", "fltp", {"live": "1"}),
    "alac.mka": ("matroska", "alac", "s16p", {"live": "1"}),
    "wavpack.mka": ("matroska", "wavpack", "s16p", {"live": "1"}),
    "ac3.mka": ("matroska", "ac3", "fltp", {"live": "1"}),
    "pcm.mka": ("matroska", "pcm_s16le", "s16", {"live": "1"}),
    "a.wv": ("wv", "wavpack", "s16p", {}),
    "a.flac": ("flac", "flac", "s16", {}),
    "a.wav": ("wav", "pcm_s16le", "s16", {}),
    "a.w64": ("w64", "pcm_s16le", "s16", {}),
    "a.aiff": ("aiff", "pcm_s16be", "s16", {}),
    "a.au": ("au", "pcm_s16be", "s16", {}),
    "a.caf": ("caf", "pcm_s16be", "s16", {}),
    "a.ac3": ("ac3", "ac3", "fltp", {}),
    "a.eac3": ("eac3", "eac3", "fltp", {}),
    "a.aac": ("adts", "aac", "fltp", {}),
    "a.ogg": ("ogg", "vorbis", "fltp", {}),
    "a.opus": ("ogg", "libopus", "flt", {}),
    "a.oga": ("ogg", "flac", "s16", {}),
    "a.wma": ("asf", "wmav2", "fltp", {}),
    "a.mp4": ("mp4", "aac", "fltp", {"movflags": "frag_keyframe+empty_moov"}),
    "a.mp3": ("mp3", "libmp3lame", "fltp", {}),
}  # fmt: skip


@pytest.mark.parametrize("name", PIPED)
def test_stream_without_declared_length_is_decoded(tmp_path: Path, name: str) -> None:
    container, codec, kind, options = PIPED[name]
    y = np.stack([music(8, SR), 0.5 * music(8, SR, 1)], axis=1)
    path = write_with_av(tmp_path / name, y, SR, container, codec, kind, options=options, to_pipe=True)
    with open_source(path) as source:
        assert source.info.duration == pytest.approx(8, abs=0.1)
        assert source.n_samples == pytest.approx(8 * SR, abs=0.1 * SR)
        z = source.read(0, source.n_samples)
        assert z.shape == (2, pytest.approx(source.n_samples, abs=SR // 50))
        for second in (1, 4, 7):
            part = source.read(second * SR, SR // 2)
            assert part.shape == (2, SR // 2)
            assert similarity(part[0], y[:, 0], second * SR) > 0.9


def similarity(part: FloatArray, y: FloatArray, start: int) -> float:
    """The highest correlation of a part with the samples near ``start``: encoders and searching add a delay."""
    margin = 6000
    around = y[max(0, start - margin) : start + len(part) + margin]
    n = len(around) + len(part)
    products = np.fft.irfft(np.fft.rfft(around, n) * np.conj(np.fft.rfft(part, n)), n)[: 2 * margin]
    shift = int(products.argmax())
    other = around[shift : shift + len(part)]
    return float(np.corrcoef(part[: len(other)], other)[0, 1])


def set_flac_total(path: Path, total: int) -> None:
    data = bytearray(path.read_bytes())
    data[21] = data[21] & 0xF0 | total >> 32
    data[22:26] = (total & 0xFFFFFFFF).to_bytes(4, "big")
    path.write_bytes(data)


@pytest.mark.parametrize("declared", [0.5, 0.0, 2.0])
def test_flac_that_declares_another_length_is_decoded_to_its_end(tmp_path: Path, declared: float) -> None:
    y = music(8, SR)
    path = write_audio(tmp_path / "x.flac", y, SR)
    with path.open("rb") as file:
        assert count_flac_samples(file, 0, path.stat().st_size) == len(y)
    set_flac_total(path, round(declared * len(y)))
    assert probe(path).duration == pytest.approx(8, abs=0.05)
    np.testing.assert_allclose(whole(path)[0, : 7 * SR], y[: 7 * SR], atol=1e-4)


def test_flac_with_blocks_of_every_size_is_counted(tmp_path: Path) -> None:
    for seed, block in enumerate((192, 576, 1152, 4096, 4608, 16384, 1000, 5000)):
        n = 3 * block + 100 + seed
        path = write_with_av(
            tmp_path / "x.flac", tone(440, 1)[:n] if n < 22050 else tone(440, 4)[:n], 22050, "flac", "flac", "s16",
            codec_options={"frame_size": str(block)},
        )  # fmt: skip
        with path.open("rb") as file:
            assert count_flac_samples(file, 0, path.stat().st_size) == n
            assert count_flac_samples(file, 0, 60) == 0
            assert count_flac_samples(file, 1, path.stat().st_size) == 0


@pytest.mark.parametrize("declared", [0.0, 1.0, 30.0])
def test_matroska_that_declares_another_duration_is_decoded_to_its_end(tmp_path: Path, declared: float) -> None:
    path = write_with_av(tmp_path / "x.mka", music(8, SR), SR, "matroska", "libopus", "flt")
    data = bytearray(path.read_bytes())
    at = data.index(b"\x44\x89\x88") + 3
    data[at : at + 8] = struct.pack(">d", 1000 * declared)
    path.write_bytes(data)
    assert probe(path).duration == pytest.approx(8, abs=0.05)


@pytest.mark.parametrize("share", [0.25, 3.0])
def test_mp4_that_declares_another_duration_is_decoded_to_its_end(tmp_path: Path, share: float) -> None:
    path = write_audio(tmp_path / "x.m4a", music(8, SR), SR)
    data = bytearray(path.read_bytes())
    for atom, skip in ((b"mvhd", 20), (b"mdhd", 20), (b"tkhd", 24)):
        at = data.index(atom) + skip
        data[at : at + 4] = round(int.from_bytes(data[at : at + 4], "big") * share).to_bytes(4, "big")
    path.write_bytes(data)
    assert probe(path).duration == pytest.approx(8, abs=0.05)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF])
def test_wav_with_a_size_that_was_never_written_is_read_to_its_end(tmp_path: Path, size: int) -> None:
    path = write_audio(tmp_path / "x.wav", music(8, SR), SR)
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = size.to_bytes(4, "little")
    data[4:8] = size.to_bytes(4, "little")
    path.write_bytes(data)
    assert probe(path).duration == pytest.approx(8, abs=0.01)


def test_mp3_that_declares_another_length_has_that_of_its_frames(tmp_path: Path) -> None:
    path = write_with_av(tmp_path / "x.mp3", music(8, SR), SR, "mp3", "libmp3lame", "fltp")
    data = bytearray(path.read_bytes())
    at = data.index(b"Xing") + 8 if b"Xing" in data else data.index(b"Info") + 8
    data[at : at + 4] = (10).to_bytes(4, "big")
    path.write_bytes(data)
    assert probe(path).duration == pytest.approx(8, abs=0.1)


class Refusing:
    """A decoder that refuses every file."""

    def __init__(self, *_: Any) -> None:
        raise UnreadableAudio("it is not supported")


class Short(SndfileSource):
    """libsndfile, if it decoded half of every file only."""

    def measure(self) -> None:
        self.n_samples //= 2
        self.info = AudioInfo(self.info.duration / 2, self.info.sample_rate, self.info.channels, "short")


@pytest.mark.parametrize("first", [Refusing, Short])
@pytest.mark.parametrize("format", ["wav", "aiff", "flac", "ogg", "caf", "au", "w64"])
def test_the_next_decoder_reads_what_the_first_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str, first: type
) -> None:
    y = music(4, SR)
    path = write_audio(tmp_path / "x", y, SR, format)
    assert decoder(path) is SndfileSource
    monkeypatch.setattr(decode, "SndfileSource", first)
    assert decoder(path) is FfmpegSource
    assert probe(path).duration == pytest.approx(4, abs=0.01)
    assert similarity(whole(path)[0, SR : 2 * SR], y, SR) > 0.98


def test_the_first_decoder_is_kept_where_the_next_does_no_better(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "x.flac", music(8, SR), SR)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert decoder(path) is SndfileSource
    assert probe(path).duration == pytest.approx(4, abs=0.5)


def test_opus_that_ffmpeg_refuses_is_read_by_libsndfile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_audio(tmp_path / "x.opus", music(4, SR), SR)
    assert decoder(path) is FfmpegSource
    monkeypatch.setattr(decode, "FfmpegSource", Refusing)
    assert decoder(path) is SndfileSource


def test_kinds_of_the_tables_are_those_of_the_contents(tmp_path: Path) -> None:
    known = {"sndfile", "ffmpeg", "mpeg"}
    assert all(set(decoders) <= known for decoders in DECODERS.values())
    for format in ("wav", "aiff", "flac", "ogg", "opus", "mp3", *RARE_FORMATS):
        path = write_audio(tmp_path / "x", music(1, SR), SR, format)
        with path.open("rb") as file:
            kind, _ = sniff(file)
        assert kind is not None
        decoders = DECODERS.get(kind, DEFAULT_DECODERS)
        with open_source(path) as source:
            first = {"sndfile": SndfileSource, "ffmpeg": FfmpegSource, "mpeg": MpegSource}[decoders[0]]
            # libsndfile does not read what FFmpeg writes in these containers.
            assert isinstance(source, FfmpegSource if format in ("oggflac", "cafalac") else first), format


@pytest.mark.parametrize("sr", [1000, 2000, 4000])
@pytest.mark.parametrize("format", ["wav", "flac", "au", "wv", "alac", "mkapcm", "tta"])
def test_low_sample_rates_are_decoded(tmp_path: Path, format: str, sr: int) -> None:
    path = write_audio(tmp_path / "x", tone(100, 4, sr), sr, format)
    info = probe(path)
    assert info.sample_rate == sr
    assert info.duration == pytest.approx(4, abs=0.05)
    y = whole(path)[0, sr : 3 * sr]
    assert np.abs(np.fft.rfft(y)).argmax() == 200


@pytest.mark.parametrize("make", [dsf, dff])
def test_dsd_is_decoded(tmp_path: Path, make: Any) -> None:
    path = tmp_path / "x"
    path.write_bytes(make(tone(441, 3, 44100)))
    info = probe(path)
    assert (info.sample_rate, info.channels) == (352_800, 1)
    assert info.duration == pytest.approx(3, abs=0.05)
    y = whole(path)[0, 352_800 : 2 * 352_800]
    assert np.abs(np.fft.rfft(y))[:5000].argmax() == 441


def test_mp3_of_free_format_is_decoded(tmp_path: Path) -> None:
    """A header without bit rate: frames of one length, as of 128 kbit/s at 48 kHz, which have no padding."""
    y = music(4, SR)
    path = write_with_av(tmp_path / "x.mp3", y, SR, "mp3", "libmp3lame", "fltp", options={"write_xing": "0"})
    data = bytearray(path.read_bytes())
    start = data.index(b"\xff\xfb")
    for at in range(start, len(data) - 4, 384):
        assert data[at : at + 2] == b"\xff\xfb"
        data[at + 2] &= 0x0F
    path.write_bytes(data[start:])
    assert decoder(path) is SndfileSource
    assert probe(path).duration == pytest.approx(4, abs=0.1)
    assert similarity(whole(path)[0, SR : 2 * SR], y, SR) > 0.95


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"OFR \x0c\0\0\0" + bytes(1000), "is OptimFROG, for which there is no decoder"),
        (b"LA04" + bytes(1000), "is Lossless Audio (LA), for which there is no decoder"),
    ],
)
def test_formats_without_decoder_are_refused_by_name(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(UnreadableAudio) as raised:
        probe(tmp_path / "x")
    assert str(raised.value) == f"x {reason}"


@pytest.mark.parametrize("entry", [b"drms", b"enca", b"aavd"])
def test_protected_mp4_is_refused(tmp_path: Path, entry: bytes) -> None:
    path = write_audio(tmp_path / "x.m4a", music(2, SR), SR)
    path.write_bytes(path.read_bytes().replace(b"mp4a", entry))
    with pytest.raises(UnreadableAudio, match=r"^x\.m4a is protected \(DRM\)"):
        probe(path)


def test_protected_wma_is_refused(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "x.wma", music(2, SR), SR)
    data = path.read_bytes()
    guid = bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e")
    item = guid + struct.pack("<Q", 24)
    head = data[:16] + struct.pack("<QI", int.from_bytes(data[16:24], "little") + 24, data[24] + 1) + data[28:30]
    path.write_bytes(head + item + data[30:])
    with pytest.raises(UnreadableAudio, match=r"^x\.wma is protected \(DRM\)"):
        probe(path)


@pytest.mark.parametrize("error", [ValueError("no decoder"), EOFError()])
def test_codec_without_decoder_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """PyAV 19 opens such a stream, and raises ValueError where a packet is decoded."""
    path = write_audio(tmp_path / "x.m4a", music(2, SR), SR)

    class Packet:
        pts, duration = 0, 1024

        def decode(self) -> list[Any]:
            raise error

    monkeypatch.setattr(FfmpegSource, "_packets", lambda self: iter([Packet(), Packet()]))
    with pytest.raises(UnreadableAudio, match=r"^x\.m4a is damaged: no part of it can be decoded$"):
        probe(path)


def test_common_suffixes_of_music_are_scanned() -> None:
    wanted = (
        ".dsf .dff .webm .spx .ac3 .eac3 .dts .tak .mp+ .mpp .mpc .oga .mogg .w64 .rf64 .snd .mp1 .m4r .m4p .amr .3gp"
    )
    assert set(wanted.split()) <= SUFFIXES


def test_declared_duration_is_kept_where_only_searching_contradicts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a search into WMA Pro the time stamps are too late, so that there seem to be samples after the end."""
    path = write_audio(tmp_path / "x.m4a", music(8, SR), SR)
    monkeypatch.setattr(FfmpegSource, "_ends_at", lambda self, n_samples: False)
    assert probe(path).duration == pytest.approx(8, abs=0.001)
    monkeypatch.setattr(FfmpegSource, "_count_seconds", lambda self: 3.0)  # the last packets have no duration
    assert probe(path).duration == pytest.approx(8, abs=0.001)
