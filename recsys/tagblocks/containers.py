"""Which tag blocks a file has, in the order in which they count, for each container.

The order is that of TagLib, in which the first block that has a field wins:

================================  ===============================================
Container                         Blocks
================================  ===============================================
MP3, AAC, AC-3, TTA and others    ID3v2, APE, ID3v1
FLAC, Ogg                         Vorbis comments, ID3v2, APE, ID3v1
APE, WavPack, Musepack, TAK       APE, ID3v2, ID3v1
WAV                               ID3v2, LIST INFO, bext
AIFF, DSF, DSDIFF                 ID3v2, texts
MP4, 3GP, QuickTime               iTunes items, QuickTime keys, user data
ASF, Matroska, CAF, AU            their own
================================  ===============================================

TagLib reads no tags in front of, or behind, the last four rows, and no ID3v2 in front of APE tags; where such tags
stand, they count after those of the container, and only for what those lack. Of several blocks of one kind, the first
counts; at the end of a file, the last.
"""

from collections.abc import Callable
from typing import BinaryIO

from recsys.tagblocks.asf import read_asf
from recsys.tagblocks.block import Block, Fields, Kind
from recsys.tagblocks.chunks import read_aiff, read_au, read_caf, read_dsdiff, read_dsf, read_wav
from recsys.tagblocks.ends import hidden_blocks, leading_blocks, trailing_blocks
from recsys.tagblocks.matroska import read_matroska
from recsys.tagblocks.mp4 import read_mp4
from recsys.tagblocks.vorbis import read_flac, read_ogg

_ID3_FIRST = (Kind.ID3V2, Kind.APE, Kind.ID3V1)
_APE_FIRST = (Kind.APE, Kind.ID3V2, Kind.ID3V1)
_ORDERS = {"ape": _APE_FIRST, "wavpack": _APE_FIRST, "musepack": _APE_FIRST, "tak": _APE_FIRST, "optimfrog": _APE_FIRST}
"""Of the tags around the audio; the containers that are not here have ID3 first."""


def _one(kind: Kind, read: Callable[[BinaryIO, int], Fields]) -> Callable[[BinaryIO, int], list[Block]]:
    return lambda file, start: [Block(kind, read(file, start))]


_OWN_BLOCKS: dict[str, Callable[[BinaryIO, int], list[Block]]] = {
    "flac": lambda file, start: [Block(Kind.VORBIS, fields) for fields in read_flac(file, start)],
    "ogg": _one(Kind.VORBIS, read_ogg),
    "opus": _one(Kind.VORBIS, read_ogg),
    "ogg-flac": _one(Kind.VORBIS, read_ogg),
    "wav": read_wav,
    "aiff": read_aiff,
    "dsf": read_dsf,
    "dff": read_dsdiff,
    "mp4": read_mp4,
    "asf": _one(Kind.ASF, read_asf),
    "matroska": _one(Kind.MATROSKA, read_matroska),
    "caf": _one(Kind.CAF, read_caf),
    "au": _one(Kind.AU, read_au),
}


def read_blocks(file: BinaryIO, container: str | None, start: int) -> list[Block]:
    """All tag blocks of a file that have a value, in the order in which they count.

    ``container`` is the kind of the file, and ``start`` the offset of its own data.
    """
    read = _OWN_BLOCKS.get(container or "")
    own = read(file, start) if read else []
    order = _ORDERS.get(container or "", _ID3_FIRST)
    front = leading_blocks(file) or (hidden_blocks(file) if container is None else [])
    around = sorted(front + trailing_blocks(file), key=lambda block: order.index(block.kind))
    return [block for block in own + around if block.fields]
