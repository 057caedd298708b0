"""Pictures that are embedded in audio files: ID3 (also in AIFF, WAV and DSF), FLAC, Vorbis comments, MP4, ASF, APE.

FFmpeg has a stream for each of them. Their bytes are read and not decoded here.
"""

import os
from collections.abc import Iterator
from typing import Any

import av

from recsys.audio.ffmpeg import open_container
from recsys.audio.files import open_file
from recsys.audio.formats import DEMUXERS
from recsys.errors import UnreadableAudio

MAX_BYTES = 1 << 25
"""Larger pictures are left out."""
_MAX_PICTURES = 20
_DEMUXERS = f"{DEMUXERS},mp3"


def embedded_pictures(path: str | os.PathLike[str]) -> Iterator[bytes]:
    """The pictures in a file, its front cover first; none where the file cannot be read."""
    try:
        with open_file(path) as file, open_container(file, _DEMUXERS) as container:
            streams = [stream for stream in container.streams.video if _is_picture(stream)][:_MAX_PICTURES]
            for stream in sorted(streams, key=lambda stream: not _is_front(stream)):
                packet = next(iter(container.demux(stream)), None)
                if packet is not None and 0 < packet.size <= MAX_BYTES:
                    yield bytes(packet)
    except (UnreadableAudio, OSError, ValueError, av.error.FFmpegError):
        return


def _is_picture(stream: Any) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _is_front(stream: Any) -> bool:
    """The type of a picture is in its comment; in APE it is in the name of the item."""
    texts = (stream.metadata.get("comment", ""), *stream.metadata)
    return any("front" in text.lower() for text in texts)
