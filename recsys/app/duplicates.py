"""List the groups of tracks that are one performance in several files."""

from recsys.app.context import LibraryContext
from recsys.app.performances import compare_audio
from recsys.domain.checks import check_min
from recsys.domain.duplicates import DuplicateGroup


def duplicates(context: LibraryContext, *, n: int | None) -> list[DuplicateGroup]:
    """Files of one performance, the most files first; see :meth:`recsys.Library.duplicates`."""
    check_min("n", n, 1)
    with context.open() as catalogue:
        compare_audio(catalogue)
        liked = catalogue.rated_tracks()
        groups = [
            DuplicateGroup(
                artist=files[0].artist,
                title=files[0].title,
                rating=next((liked[file.id] for file in files if file.id in liked), 0),
                files=tuple(files),
            )
            for files in catalogue.duplicate_files()
        ]
    groups.sort(key=lambda group: (-len(group.files), group.artist or "", group.title, group.files[0].path))
    return groups[:n]
