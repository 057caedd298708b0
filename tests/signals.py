"""Signals with known properties, and audio files of every container.

Samples are float32, (n,) mono or (n, channels), in [-1, 1]. Everything is deterministic: noise is seeded.
"""

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import mutagen
import mutagen.aac
import mutagen.ac3
import numpy as np
import numpy.typing as npt
import soundfile as sf
from mutagen import apev2, asf, id3, mp4

Samples = npt.NDArray[np.float32]

SOUNDFILE_FORMATS: dict[str, tuple[str, str]] = {
    "wav": ("WAV", "PCM_16"),
    "wav8": ("WAV", "PCM_U8"),
    "wav24": ("WAV", "PCM_24"),
    "wav32": ("WAV", "PCM_32"),
    "wavfloat": ("WAV", "FLOAT"),
    "wavdouble": ("WAV", "DOUBLE"),
    "aiff": ("AIFF", "PCM_16"),
    "aiff24": ("AIFF", "PCM_24"),
    "flac": ("FLAC", "PCM_16"),
    "flac24": ("FLAC", "PCM_24"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
}
AV_FORMATS: dict[str, tuple[str, str, str]] = {  # container, codec, sample format
    "m4a": ("ipod", "aac", "fltp"),
    "alac": ("ipod", "alac", "s16p"),
    "wma": ("asf", "wmav2", "fltp"),
    "wv": ("wv", "wavpack", "s16p"),
    "aac": ("adts", "aac", "fltp"),
}
FORMATS = (*SOUNDFILE_FORMATS, *AV_FORMATS)
SOUNDFILE_FORMATS |= {
    "caf": ("CAF", "PCM_16"),
    "au": ("AU", "PCM_16"),
    "rf64": ("RF64", "PCM_16"),
    "wavlaw": ("WAV", "ULAW"),
    "adpcm": ("WAV", "IMA_ADPCM"),
}
AV_FORMATS |= {
    "wavmp3": ("wav", "mp3", "fltp"),
    "mka": ("matroska", "aac", "fltp"),
    "mp2": ("mp2", "mp2", "s16"),
    "tta": ("tta", "tta", "s16"),
    "webm": ("webm", "libopus", "flt"),
    "mkaflac": ("matroska", "flac", "s16"),
    "mkapcm": ("matroska", "pcm_s24le", "s32"),
    "cafalac": ("caf", "alac", "s16p"),
    "w64": ("w64", "pcm_s16le", "s16"),
    "ac3": ("ac3", "ac3", "fltp"),
    "eac3": ("eac3", "eac3", "fltp"),
    "oggflac": ("ogg", "flac", "s16"),
    "fragmented": ("mp4", "aac", "fltp"),
    "3gp": ("3gp", "aac", "fltp"),
    "voc": ("voc", "pcm_s16le", "s16"),
}
RARE_FORMATS = (
    *("caf", "au", "rf64", "wavmp3", "wavlaw", "adpcm", "mka", "mp2", "tta", "webm", "mkaflac", "mkapcm", "cafalac"),
    *("w64", "ac3", "eac3", "oggflac", "fragmented", "3gp", "voc"),
)
LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1", 16: "hexadecagonal"}
OPTIONS = {"fragmented": {"movflags": "frag_keyframe+empty_moov"}}
"""Options of the container, by format."""


def silence(seconds: float, sr: int = 22050) -> Samples:
    """Digital silence."""
    return np.zeros(round(seconds * sr), dtype=np.float32)


def tone(frequency: float, seconds: float, sr: int = 22050, amplitude: float = 0.5) -> Samples:
    """A sine."""
    t = np.arange(round(seconds * sr)) / sr
    return (amplitude * np.sin(2 * np.pi * frequency * t)).astype(np.float32)


def chord(midi: Sequence[float], seconds: float, sr: int = 22050, amplitude: float = 0.5) -> Samples:
    """Sines of equal strength at MIDI notes; (60, 64, 67) is the C major triad."""
    voices = [tone(440.0 * 2 ** ((note - 69) / 12), seconds, sr, amplitude / len(midi)) for note in midi]
    return np.sum(voices, axis=0, dtype=np.float32)


def clicks(bpm: float, seconds: float, sr: int = 22050, amplitude: float = 0.8) -> Samples:
    """A 1 kHz click of 30 ms, decaying, on every beat; the first at 0 s."""
    y = silence(seconds, sr)
    length = round(0.03 * sr)
    click = tone(1000.0, 0.03, sr, amplitude)[:length] * np.exp(-np.linspace(0, 6, length)).astype(np.float32)
    for beat in np.arange(0, seconds, 60 / bpm):
        start = round(beat * sr)
        part = y[start : start + length]
        part += click[: part.size]
    return y


def noise(seconds: float, sr: int = 22050, amplitude: float = 0.3, seed: int = 0) -> Samples:
    """White Gaussian noise with the standard deviation ``amplitude``, clipped to [-1, 1]."""
    y = np.random.default_rng(seed).standard_normal(round(seconds * sr)) * amplitude
    return np.clip(y, -1, 1).astype(np.float32)


def music(seconds: float, sr: int = 22050, seed: int = 0) -> Samples:
    """A signal with pulse, harmony and noise: a chord every second, clicks at 120 BPM, weak white noise."""
    rng = np.random.default_rng(seed)
    roots = rng.integers(48, 72, size=int(np.ceil(seconds)) or 1)
    parts = [chord((root, root + 4, root + 7), 1.0, sr, 0.4) for root in roots]
    y = np.concatenate(parts)[: round(seconds * sr)]
    return y + clicks(120, seconds, sr, 0.3)[: y.size] + noise(seconds, sr, 0.01, seed)[: y.size]


def write_audio(path: Path, y: Samples, sr: int = 22050, format: str | None = None) -> Path:
    """Write samples to ``path`` in one of ``FORMATS`` or ``RARE_FORMATS`` (default: its suffix); return the path."""
    format = format or path.suffix.lstrip(".").lower()
    if format in SOUNDFILE_FORMATS:
        container, subtype = SOUNDFILE_FORMATS[format]
        channels = 1 if y.ndim == 1 else y.shape[1]
        with (
            path.open("wb") as file,
            sf.SoundFile(file, "w", sr, channels, subtype, format=container) as sound,
        ):
            # A second at a time: libsndfile's Vorbis encoder overflows its stack on long blocks.
            for start in range(0, len(y), sr):
                sound.write(y[start : start + sr])
    else:
        write_with_av(path, y, sr, *AV_FORMATS[format], options=OPTIONS.get(format))
    return path


def write_with_av(
    path: Path,
    y: Samples,
    sr: int,
    container: str,
    codec: str,
    kind: str,
    *,
    options: dict[str, str] | None = None,
    codec_options: dict[str, str] | None = None,
    to_pipe: bool = False,
) -> Path:
    """Write samples with FFmpeg; ``kind`` is the sample format of the encoder. ``to_pipe``: without seeking back."""
    planes = np.atleast_2d(y.T)
    layout = LAYOUTS[planes.shape[0]]
    # Packed, as PyAV crashes on eight planes; the encoder converts them.
    packed = "s16" if kind in ("s16", "s16p") else "flt"
    data: npt.NDArray[Any] = planes if packed == "flt" else (np.clip(planes, -1, 1) * 32767).astype(np.int16)
    with path.open("wb") as file:
        target: Any = _Pipe(file) if to_pipe else file
        with av.open(target, "w", format=container, options=options or {}) as output:
            # FFmpeg's own encoder of Vorbis counts as an experiment.
            encoding = {"strict": "experimental", **(codec_options or {})}
            stream: Any = output.add_stream(codec, sr, encoding, layout=layout, format=kind)
            stream.bit_rate = 64_000 * max(2, planes.shape[0])
            for start in range(0, data.shape[1], size := 1024):
                samples = data[:, start : start + size].T.reshape(1, -1)
                frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format=packed, layout=layout)
                frame.sample_rate, frame.pts, frame.time_base = sr, start, Fraction(1, sr)
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
    return path


class _Pipe:
    """A file that can only be written in order."""

    def __init__(self, file: Any) -> None:
        self.write = file.write


def dsf(y: Samples) -> bytes:
    """DSD of 2.8 MHz, mono, with the density of pulses of samples at 44.1 kHz."""
    ones = np.round(32 * (y + 1)).astype(int)
    bits = np.arange(64)[None] < ones[:, None]
    data = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    block = 4096
    data += bytes(-len(data) % block)
    fmt = struct.pack("<IIIIIIQII", 1, 0, 1, 1, 2_822_400, 1, len(y) * 64, block, 0)
    body = b"fmt " + struct.pack("<Q", 12 + len(fmt)) + fmt + b"data" + struct.pack("<Q", 12 + len(data)) + data
    return b"DSD " + struct.pack("<QQQ", 28, 28 + len(body), 0) + body


def dff(y: Samples) -> bytes:
    """The same as DSDIFF."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return name + struct.pack(">Q", len(data)) + data + bytes(len(data) % 2)

    bits = np.arange(64)[None] < np.round(32 * (y + 1)).astype(int)[:, None]
    properties = chunk(b"FS  ", struct.pack(">I", 2_822_400)) + chunk(b"CHNL", b"\0\x01C   ")
    properties += chunk(b"CMPR", b"DSD \x0enot compressed")
    body = b"DSD " + chunk(b"FVER", b"\x01\x05\0\0") + chunk(b"PROP", b"SND " + properties)
    return chunk(b"FRM8", body + chunk(b"DSD ", np.packbits(bits.reshape(-1)).tobytes()))


TAGS: dict[str, str] = {
    "title": "A Title",
    "artist": "An Artist",
    "album_artist": "Various",
    "album": "An Album",
    "track": "3/12",
    "date": "1999-05-01",
    "genre": "Jazz",
    "musicbrainz_recording": "11111111-1111-4111-8111-111111111111",
    "musicbrainz_album": "22222222-2222-4222-8222-222222222222",
    "musicbrainz_artist": "33333333-3333-4333-8333-333333333333",
}
_VORBIS = {
    "album_artist": "albumartist",
    "track": "tracknumber",
    "musicbrainz_recording": "musicbrainz_trackid",
    "musicbrainz_album": "musicbrainz_albumid",
    "musicbrainz_artist": "musicbrainz_artistid",
}
_APE = {**_VORBIS, "album_artist": "Album Artist", "track": "Track", "date": "Year"}
_MP4 = {
    "title": "\xa9nam",
    "artist": "\xa9ART",
    "album_artist": "aART",
    "album": "\xa9alb",
    "date": "\xa9day",
    "genre": "\xa9gen",
    "musicbrainz_recording": "----:com.apple.iTunes:MusicBrainz Track Id",
    "musicbrainz_album": "----:com.apple.iTunes:MusicBrainz Album Id",
    "musicbrainz_artist": "----:com.apple.iTunes:MusicBrainz Artist Id",
}
_ASF = {
    "title": "Title",
    "artist": "Author",
    "album_artist": "WM/AlbumArtist",
    "album": "WM/AlbumTitle",
    "track": "WM/TrackNumber",
    "date": "WM/Year",
    "genre": "WM/Genre",
    "musicbrainz_recording": "MusicBrainz/Track Id",
    "musicbrainz_album": "MusicBrainz/Album Id",
    "musicbrainz_artist": "MusicBrainz/Artist Id",
}
_ID3 = {
    "title": "TIT2",
    "artist": "TPE1",
    "album_artist": "TPE2",
    "album": "TALB",
    "track": "TRCK",
    "date": "TDRC",
    "genre": "TCON",
}
_TXXX = {"musicbrainz_album": "MusicBrainz Album Id", "musicbrainz_artist": "MusicBrainz Artist Id"}


def write_tags(path: Path, **values: str) -> None:
    """Write tags to a file of any container; names as in ``TAGS``, which is the default."""
    values = values or TAGS
    file = mutagen.File(path)
    if isinstance(file, mutagen.aac.AAC | mutagen.ac3.AC3):  # mutagen writes tags of raw streams only as APEv2
        file = apev2.APEv2File(path)
    if file.tags is None and hasattr(file, "add_tags"):
        file.add_tags()
    tags = file.tags
    for name, value in values.items():
        if isinstance(tags, id3.ID3):
            if name == "musicbrainz_recording":
                tags.add(id3.UFID(owner="http://musicbrainz.org", data=value.encode()))
            elif name in _TXXX:
                tags.add(id3.TXXX(encoding=3, desc=_TXXX[name], text=[value]))
            else:
                tags.add(getattr(id3, _ID3[name])(encoding=3, text=[value]))
        elif isinstance(tags, mp4.MP4Tags):
            if name == "track":
                number, _, total = value.partition("/")
                tags["trkn"] = [(int(number), int(total or 0))]
            else:
                key = _MP4[name]
                tags[key] = [mp4.MP4FreeForm(value.encode())] if key.startswith("----") else [value]
        elif isinstance(tags, asf.ASFTags):
            tags[_ASF[name]] = [value]
        elif isinstance(tags, apev2.APEv2):
            tags[_APE.get(name, name)] = value
        else:
            tags[_VORBIS.get(name, name)] = [value]
    file.save()
