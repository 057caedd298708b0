"""Folders that operating systems, network storage and synchronisation keep for themselves, and hidden files.

What is in them are deleted files, older versions of files, thumbnails and metadata. A song that is moved to a recycle
bin is deleted, not moved. Names are compared without case, since many of these file systems ignore it.
"""

import os
from collections.abc import Mapping
from pathlib import Path

ORIGINS: Mapping[str, str] = {
    "#recycle": "Synology DSM: recycle bin of a share",
    "#snapshot": "Synology DSM: snapshots of a share",
    "@eaDir": "Synology DSM: thumbnails and metadata beside each file",
    "@sharesnap": "Synology DSM: snapshots of all shares",
    "@tmp": "Synology DSM: temporary files",
    "@Recycle": "QNAP QTS: recycle bin of a share",
    "@Recently-Snapshot": "QNAP QTS: snapshots of a share",
    "@Transcode": "QNAP QTS: transcoded copies",
    ".@__thumb": "QNAP QTS: thumbnails",
    ".streams": "QNAP QTS: streams of NTFS files",
    "trashbox": "Buffalo LinkStation and TeraStation: recycle bin of a share",
    "~snapshot": "NetApp ONTAP, over SMB: snapshots of a volume",
    ".snapshot": "NetApp ONTAP, over NFS: snapshots of a volume",
    ".snapshots": "snapper: snapshots of a Btrfs volume",
    ".zfs": "ZFS: snapshots of a dataset",
    ".recycle": "Samba (vfs_recycle) and TrueNAS: recycle bin of a share",
    ".Recycle.Bin": "Unraid: recycle bin of a share",
    "$RECYCLE.BIN": "Windows Vista and later: recycle bin of a drive",
    "RECYCLER": "Windows 2000 and XP: recycle bin of an NTFS drive",
    "RECYCLED": "Windows 95 to XP: recycle bin of a FAT drive",
    "System Volume Information": "Windows: restore points and indexes",
    "lost+found": "ext2 to ext4 and XFS: what fsck recovers",
    ".Trash": "freedesktop.org: trash of a drive",
    ".Trash-1000": "freedesktop.org: trash of a user on a drive, with the number of the user",
    ".Trashes": "macOS: trash of a drive",
    "__MACOSX": "macOS: AppleDouble files in ZIP archives",
    ".AppleDouble": "Netatalk: AppleDouble files",
    "Network Trash Folder": "Mac OS and Netatalk: trash of a share",
    "Temporary Items": "Mac OS and Netatalk: temporary files",
    "TheVolumeSettingsFolder": "Mac OS and Netatalk: settings of a share",
    ".TemporaryItems": "macOS: temporary files",
    ".Spotlight-V100": "macOS: search index",
    ".fseventsd": "macOS: journal of changes",
    ".DocumentRevisions-V100": "macOS: older versions of documents",
    "files_trashbin": "Nextcloud and ownCloud: deleted files",
    "files_versions": "Nextcloud and ownCloud: older versions of files",
    ".stversions": "Syncthing: older versions of files",
    ".stfolder": "Syncthing: marker of a folder",
    ".sync": "Resilio Sync: deleted files and older versions",
    ".dropbox.cache": "Dropbox: deleted files and older versions",
    ".thumbnails": "freedesktop.org: thumbnails",
}
"""Names of folders, each with the system that creates it."""

APPLE_DOUBLE = "._"
"""How the names of AppleDouble files begin: macOS writes metadata to them where a file system has no place for it."""

_CANONICAL = {name.casefold(): name for name in ORIGINS}
_AMBIGUOUS = frozenset({"recycler", "recycled"})
"""Folded names that are titles of albums too. These are bins where they have what Windows writes to its bins."""


def excluded_name(name: str, is_folder: bool) -> str | None:
    """The name under which a folder or a file is counted that is not music; None for all others.

    >>> excluded_name("#Recycle", True), excluded_name("Jazz", True), excluded_name("._01.mp3", False)
    ('#recycle', None, '._*')
    """
    if is_folder and (known := _CANONICAL.get(name.casefold())) and known.casefold() not in _AMBIGUOUS:
        return known
    if not is_hidden(name):
        return None
    return name if is_folder else "._*" if name.startswith(APPLE_DOUBLE) else ".*"


def is_hidden(name: str) -> bool:
    """Whether a name begins with one dot; three are the ellipsis of a title.

    >>> is_hidden(".Trash-1000"), is_hidden("...And Justice for All")
    (True, False)
    """
    return name.startswith(".") and not name.startswith("...")


def is_windows_bin(name: str, names: frozenset[str]) -> str | None:
    """The name under which a folder with these names in it is counted, if it is a recycle bin of an old Windows.

    >>> is_windows_bin("Recycler", frozenset({"S-1-5-21-1078"})), is_windows_bin("Recycler", frozenset({"1.mp3"}))
    ('RECYCLER', None)
    """
    if name.casefold() not in _AMBIGUOUS:
        return None
    marked = any(inside.upper() == "INFO2" or inside.upper().startswith("S-1-") for inside in names)
    return _CANONICAL[name.casefold()] if marked or name == "RECYCLER" else None


def is_excluded_path(path: str, root: str | os.PathLike[str]) -> bool:
    """Whether a path below ``root`` is in a folder that is not scanned, or is a hidden file, by its names alone."""
    *folders, last = Path(path).relative_to(root).parts
    return any(excluded_name(part, is_folder=True) for part in folders) or any(
        excluded_name(last, is_folder=is_folder) for is_folder in (True, False)
    )
