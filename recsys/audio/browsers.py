"""Which files browsers play as they are, by container and codec.

The table has what the current versions of Chromium, Firefox and Safari play, and Vorbis and Opus in Ogg, which
Safari plays from version 18.4 on.
"""

from collections.abc import Mapping
from typing import BinaryIO

from recsys.audio.sniff import sniff, variant

_PLAYED: Mapping[tuple[str, str], str] = {
    ("mp3", "mp3"): "audio/mpeg",
    ("aac", "aac"): "audio/aac",
    ("flac", "flac"): "audio/flac",
    ("wav", "pcm"): "audio/wav",
    ("ogg", "vorbis"): 'audio/ogg; codecs="vorbis"',
    ("opus", "opus"): 'audio/ogg; codecs="opus"',
    ("mp4", "aac"): "audio/mp4",
    ("mp4", "mp3"): "audio/mp4",
    ("mp4", "flac"): 'audio/mp4; codecs="flac"',
    ("mp4", "opus"): 'audio/mp4; codecs="opus"',
    ("webm", "vorbis"): 'audio/webm; codecs="vorbis"',
    ("webm", "opus"): 'audio/webm; codecs="opus"',
}
_HEAD = 64  # bytes of a Matroska file that have its document type


def browser_media_type(file: BinaryIO, codec: str) -> str | None:
    """The media type of a file that browsers play; None where it has to be transcoded.

    >>> import io
    >>> browser_media_type(io.BytesIO(b"fLaC" + bytes(60)), "flac")
    'audio/flac'
    >>> browser_media_type(io.BytesIO(bytes(4) + b"ftypM4A " + bytes(60)), "alac") is None
    True
    """
    kind, offset = sniff(file)
    kind = variant(file, kind, offset)
    file.seek(offset)
    head = file.read(_HEAD)
    if kind == "matroska" and b"webm" in head:
        kind = "webm"
    tagged = offset > 0 and kind not in ("mp3", "aac")  # in front of the container: not every browser skips tags there
    if tagged or (kind == "wav" and not _is_common(head)):
        return None
    return _PLAYED.get((kind or "", codec))


def _is_common(head: bytes) -> bool:
    """Whether a WAV file is RIFF rather than RF64 or big-endian, and its samples have at most 32 bits."""
    start = head.find(b"fmt ")
    return head[:4] == b"RIFF" and (start < 0 or head[start + 22 : start + 24] != b"\x40\0")
