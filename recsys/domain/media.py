"""What a player needs of a track: its file, pictures and its waveform."""

import os
import stat
from dataclasses import dataclass
from io import FileIO
from typing import NamedTuple

from recsys.errors import NotFound


@dataclass(frozen=True, slots=True)
class MediaFile:
    """The file of a track, inside a folder that was ingested.

    Attributes
    ----------
    path : str
        Without links.
    audio_hash : str
        Identifies the recording.
    codec : str
        Such as "mp3", "flac", "aac".
    duration : float
        Seconds.
    media_type : str or None
        Such as "audio/mpeg", if browsers play the file as it is.
    """

    track_id: int
    path: str
    audio_hash: str
    codec: str
    duration: float
    media_type: str | None

    def open(self) -> FileIO:
        """The open file, unbuffered.

        Raises
        ------
        NotFound
            It cannot be opened, or a link has taken the place of the file or of a folder above it.
        """
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            file = FileIO(os.open(self.path, flags), "rb")
        except (OSError, ValueError) as error:
            raise NotFound(f"the file of track {self.track_id} cannot be opened") from error
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode) or os.path.realpath(self.path) != self.path:
            file.close()
            raise NotFound(f"the file of track {self.track_id} was replaced")
        return file


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture.

    Attributes
    ----------
    data : bytes
        The file of the picture.
    media_type : str
        "image/jpeg", "image/png", "image/webp" or "image/gif": what the bytes are, not what a tag or a name states.
    digest : str
        Of the bytes.
    """

    data: bytes
    media_type: str
    digest: str


class Waveform(NamedTuple):
    """The largest absolute samples of equal stretches of a track, 1 is full scale, and its duration in seconds."""

    peaks: tuple[float, ...]
    duration: float
