"""The layout of the tags of a file, by its content.

======================  =====================================================  ===================
Container               Blocks, those that programs read first first           New block
======================  =====================================================  ===================
MP3, TTA                ID3v2 in front, APEv2 behind                           ID3v2
AAC                     ID3v2 in front, APEv2 behind                           APEv2
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
from recsys.tagging.streams import LeadingID3, RawAAC, TrailingAPE

_LAYOUTS: dict[str, type[Layout]] = {
    "mp3": LeadingID3, "tta": LeadingID3, "aac": RawAAC,
    "ape": TrailingAPE, "wavpack": TrailingAPE, "musepack": TrailingAPE, "tak": TrailingAPE, "optimfrog": TrailingAPE,
    "flac": FLAC, "ogg": Ogg, "opus": Ogg, "ogg-flac": Ogg,
    "wav": Chunks, "aiff": Chunks, "dff": Chunks, "dsf": DSF,
    "mp4": MP4, "asf": ASF,
}  # fmt: skip


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
    if kind not in _LAYOUTS:
        raise NoTags
    return _LAYOUTS[kind](file, start)
