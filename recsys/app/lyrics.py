"""Lyrics of tracks, read when they are asked for."""

from pathlib import Path

from recsys.app.context import LibraryContext
from recsys.app.media_files import locate
from recsys.audio.lyrics import lyrics_files, lyrics_in_tags, lyrics_in_text, read_text
from recsys.domain.lyrics import Lyrics


def find_lyrics(context: LibraryContext, track_id: int) -> list[Lyrics]:
    """The lyrics of a track; raises as :meth:`recsys.app.media.Media.lyrics`."""
    located = locate(context, track_id)
    found = []
    for file in lyrics_files(Path(located.file.path)):
        real = located.roots.resolve(file.path)
        if real is not None:
            found.append(lyrics_in_text(read_text(Path(real)), file.language))
    found += lyrics_in_tags(located.file.path)
    distinct = {(lyrics.lines, lyrics.offset_ms): lyrics for lyrics in reversed(found) if lyrics.lines}
    first = list(distinct.values())[::-1]
    return [lyrics for lyrics in first if lyrics.synced] + [lyrics for lyrics in first if not lyrics.synced]
