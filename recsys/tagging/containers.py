"""The layout of the tags of a file, by its content.

======================  =====================================================  ===================
Container               Blocks, those that programs read first first           New block
======================  =====================================================  ===================
MP3, AAC, TTA           ID3v2 in front, APEv2 behind                           ID3v2
APE, WavPack,           APEv2 behind, ID3v2 in front                           APEv2
Musepack, TAK, OFR
FLAC                    Vorbis comments, ID3v2 in front, APEv2 behind          Vorbis comments
Ogg                     Vorbis comments of the first audio stream
MP4                     item list                                              item list
ASF                     attributes, description                                these
WAV, RF64               ID3v2 in a chunk, LIST INFO                            ID3v2
AIFF, DSDIFF, DSF       ID3v2 in a chunk                                       ID3v2
======================  =====================================================  ===================

The order is that of TagLib. :mod:`~recsys.tagging.layout` states which blocks get a value. ID3v1 and Lyrics3 stay as
they are, and so do ID3v2 tags at the end of a file and APEv2 tags at its start.
"""

from typing import BinaryIO

from recsys.audio.sniff import sniff
from recsys.tagging.asf import ASF
from recsys.tagging.chunks import DSF, Chunks
from recsys.tagging.flac import FLAC
from recsys.tagging.layout import Layout
from recsys.tagging.mp4 import MP4
from recsys.tagging.ogg import Ogg
from recsys.tagging.streams import LeadingID3, TrailingAPE

_LAYOUTS: tuple[tuple[int, bytes, type[Layout]], ...] = (
    (0, b"fLaC", FLAC),
    (0, b"OggS", Ogg),
    (8, b"WAVE", Chunks),
    (8, b"AIFF", Chunks),
    (8, b"AIFC", Chunks),
    (0, b"FRM8", Chunks),
    (0, b"DSD ", DSF),
    (4, b"ftyp", MP4),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", ASF),
    (0, b"wvpk", TrailingAPE),
    (0, b"MAC ", TrailingAPE),
    (0, b"MPCK", TrailingAPE),
    (0, b"MP+", TrailingAPE),
    (0, b"tBaK", TrailingAPE),
    (0, b"OFR ", TrailingAPE),
    (0, b"TTA1", LeadingID3),
    (0, b"TTA2", LeadingID3),
)
_FRAMES = ("mp3", "aac")


class NoTags(Exception):
    """The container has no tags that recsys can write."""


def find_layout(file: BinaryIO) -> Layout:
    """The layout of the tags of an open file.

    Raises
    ------
    NoTags
        The container has no tags that recsys can write.
    TagsNotWritable
        The tags are damaged, or in a form that cannot be changed without a loss.
    OSError
        The file cannot be read.
    """
    kind, start = sniff(file)
    file.seek(start)
    head = file.read(16)
    for place, magic, layout in _LAYOUTS:
        if head[place : place + len(magic)] == magic:
            return layout(file)
    if kind not in _FRAMES:
        raise NoTags
    return LeadingID3(file)
