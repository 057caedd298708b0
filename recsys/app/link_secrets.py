"""The passwords and keys of links, in ``link-passwords.json`` in the folder of the library.

Only its user may read the file.

The servers need them as they are, so that they cannot be stored as digests. Backups do not have the file.
"""

import json
from collections.abc import Mapping

from recsys.app.context import LibraryContext
from recsys.atomic import atomic_write
from recsys.database.lock import file_lock
from recsys.errors import Hint, LibraryError
from recsys.metadata.text import name_key

FILE_NAME = "link-passwords.json"


class LinkSecrets:
    """The password or key of each link that has one, by the name of the link."""

    def __init__(self, context: LibraryContext) -> None:
        self._file = context.settings.home / FILE_NAME

    def get(self, name: str) -> str | None:
        """The password or key of a link; None if it is not stored.

        Raises
        ------
        LibraryError
            The file cannot be read, or is not one of passwords.
        """
        return self._stored().get(name_key(name))

    def set(self, name: str, secret: str | None) -> None:
        """Store the password or key of a link; None removes it.

        Raises
        ------
        LibraryBusy, LibraryError
            The file cannot be written.
        """
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with file_lock(self._file):
                kept = {key: value for key, value in self._stored().items() if key != name_key(name)}
                stored = kept if secret is None else kept | {name_key(name): secret}
                if stored != self._stored():
                    with atomic_write(self._file, private=True) as opened:
                        opened.write(json.dumps(stored, indent=2).encode() + b"\n")
        except OSError as error:
            raise LibraryError(f"cannot write {self._file}: {error.strerror}", hint=Hint.MAKE_WRITABLE) from error

    def _stored(self) -> Mapping[str, str]:
        try:
            stored = json.loads(self._file.read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise LibraryError(f"cannot read {self._file}: {error.strerror}", hint=Hint.MAKE_WRITABLE) from error
        except ValueError:
            stored = None
        if not isinstance(stored, dict) or not all(isinstance(value, str) for value in stored.values()):
            raise LibraryError(f"{self._file} is not a file of passwords; remove it", hint=Hint.LINK_AGAIN)
        return stored
