"""Open audio files of any format, with the decoders of :mod:`recsys.audio.formats`.

The decoder is chosen by the content of the file, not by its suffix. Ogg files whose logical streams follow one another
are one recording (:mod:`recsys.audio.chain`).
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from recsys.audio.chain import ChainedSource, ogg_links
from recsys.audio.ffmpeg import FfmpegSource
from recsys.audio.files import AudioFile, FileSlice, open_file, printable_name
from recsys.audio.flac import count_flac_samples
from recsys.audio.formats import DECODERS, DEFAULT_DECODERS, NO_DECODER, OGG, RATES, SHORTFALL
from recsys.audio.mpeg import MpegSource
from recsys.audio.sndfile import SndfileSource
from recsys.audio.sniff import before_trailers, kind_at, sniff, variant
from recsys.audio.source import Source
from recsys.domain.audio import AudioInfo
from recsys.errors import UnreadableAudio


@contextmanager
def open_source(path: str | os.PathLike[str]) -> Iterator[Source]:
    """Context manager for an open file; raises UnreadableAudio if it cannot be opened or read."""
    name = printable_name(path)
    try:
        source = _open(os.fspath(path), name)
        try:
            yield source
        finally:
            source.close()
    except OSError as error:
        raise UnreadableAudio(f"{name} cannot be read: {error.strerror or error}", stage="decode") from error


def probe(path: str | os.PathLike[str]) -> AudioInfo:
    """Duration (of the part that can be decoded), sample rate, channels and codec of a file.

    Raises UnreadableAudio if the file cannot be opened or decoded.
    """
    with open_source(path) as source:
        return source.info


@dataclass(frozen=True, slots=True)
class _Part:
    """The bytes of a file from ``begin`` to ``end``, which are one container."""

    path: str
    name: str
    kind: str | None
    begin: int
    end: int
    is_whole_file: bool

    def open(self) -> AudioFile:
        """The part as a file."""
        return open_file(self.path) if self.is_whole_file else self.slice()

    def slice(self) -> FileSlice:
        """The part as a slice of the file."""
        return FileSlice(open_file(self.path), self.begin, self.end)


def _open(path: str, name: str) -> Source:
    with open_file(path) as file:
        kind, offset = sniff(file)
        if unsupported := NO_DECODER.get(kind or ""):
            raise UnreadableAudio(f"{name} is {unsupported}, for which there is no decoder")
        size = os.fstat(file.fileno()).st_size
        # The decoder handles tags after the audio, unless there are some before it too.
        end = before_trailers(file, offset, size) if offset or kind in OGG else size
        links = [(kind_at(file, link[0]), *link) for link in ogg_links(file, offset, end)] if kind in OGG else []
        parts = [
            _Part(path, name, variant(file, its_kind, begin), begin, end, (begin, end) == (0, size))
            for its_kind, begin, end in links or [(kind, offset, end)]
        ]
    if len(parts) == 1:
        return _open_part(parts[0])
    return ChainedSource([partial(_open_part, part) for part in parts])


def _open_part(part: _Part) -> Source:
    """The best decoder of the part, measured."""
    candidates: list[Source] = []
    errors: list[UnreadableAudio] = []
    decoders = DECODERS.get(part.kind, DEFAULT_DECODERS)
    for decoder in decoders:
        try:
            source, declared = _measured(decoder, part)
        except UnreadableAudio as error:
            errors.append(error)
            continue
        candidates.append(source)
        if _is_enough(source, declared):
            break
    if not candidates:
        # libsndfile only states that it does not support a file; the next decoder may have a reason.
        raise errors[1] if decoders[0] == "sndfile" and errors[0].stage == "open" else errors[0]
    best = candidates[0]
    for source in candidates[1:]:
        if not _is_enough(best, source.info.duration):
            best = source
    for source in candidates:
        if source is not best:
            source.close()
    return best


def _is_enough(source: Source, declared: float) -> bool:
    """Whether a source has the declared duration in seconds, or nearly."""
    share, seconds = SHORTFALL
    return source.info.duration >= declared - max(share * declared, seconds)


def _measured(decoder: str, part: _Part) -> tuple[Source, float]:
    """A part opened with one decoder, and the duration in seconds that the file declares."""
    source = _OPENERS[decoder](part)
    try:
        rate, channels = source.info.sample_rate, source.info.channels
        if rate not in RATES or channels < 1:
            raise UnreadableAudio(
                f"{part.name} is damaged: its header has a sample rate of {rate} Hz and a channel count of {channels}"
            )
        declared = source.n_samples
        if part.kind == "flac":
            with open_file(part.path) as file:
                declared = max(declared, count_flac_samples(file, part.begin, part.end))
        source.measure()
        if source.n_samples <= 0:
            raise UnreadableAudio(f"{part.name} is damaged: no part of it can be decoded", stage="decode")
    except BaseException:
        source.close()
        raise
    return source, declared / rate


def _open_with_ffmpeg(part: _Part) -> Source:
    return _closing_on_error(part, lambda file: FfmpegSource(file, part.name))


def _open_with_sndfile(part: _Part) -> Source:
    # A whole file by its path, which is faster.
    return SndfileSource(part.path if part.is_whole_file else part.slice(), part.name)


def _open_mpeg(part: _Part) -> Source:
    return _closing_on_error(part, lambda file: MpegSource(file, 0, part.name))


def _closing_on_error(part: _Part, make: Callable[[AudioFile], Source]) -> Source:
    file = part.open()
    try:
        return make(file)
    except BaseException:
        file.close()
        raise


_OPENERS: Mapping[str, Callable[[_Part], Source]] = {
    "ffmpeg": _open_with_ffmpeg,
    "sndfile": _open_with_sndfile,
    "mpeg": _open_mpeg,
}
