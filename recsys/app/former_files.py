"""Derived files of older versions, which several databases shared: what belongs to this one is copied, or deleted."""

import logging
import secrets
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.config import Settings
from recsys.errors import RecsysError

if TYPE_CHECKING:
    from recsys.database.catalogue import Catalogue

_SQLITE_HEADER = b"SQLite format 3\0"

_log = logging.getLogger(__name__)


def delete_former_index(settings: Settings, catalogue: "Catalogue") -> bool:
    """Delete the index of an older version if it is provably of this library; return whether it did.

    Its first and last track must be in this library under the same ids, and no other database may share the file.
    """
    from recsys.nearest import delete_former_index as delete

    path = settings.former_index_path
    if path == settings.index_path:
        return False

    def is_own(stamp: Mapping[str, object]) -> bool:
        tokens = str(stamp.get("witnesses", "")).split("; ")
        ids = [int(token.partition(" ")[0]) for token in tokens if token.partition(" ")[0].isdigit()]
        return len(ids) == len(tokens) and [catalogue.identity_token(i) for i in ids] == tokens

    try:
        return not _sharing(settings, path) and delete(path, is_own)
    except OSError as error:
        _log.info("the index of an older version, %s, is not deleted: %s", path, error.strerror)
        return False


def _sharing(settings: Settings, path: Path) -> list[Path]:
    """The other databases beside a former index whose index it may be."""
    own = settings.index_path.name.removesuffix(".faiss")
    found = []
    for each in path.parent.iterdir():
        if each.name != own and each.with_suffix(path.suffix) == path and each != path and each.is_file():
            with each.open("rb") as file:
                if file.read(len(_SQLITE_HEADER)) == _SQLITE_HEADER:
                    found.append(each)
    return found


def copy_former_models(former: Path, own: Path, predicting: Iterable[str]) -> None:
    """Copy the models that databases shared, if one of them is among those that predicted the stored genres.

    Raises
    ------
    RecsysError
        They cannot be copied.
    """
    from recsys.genre.model_store import list_models

    names = {model.rpartition(" ")[0] or model for model in predicting}
    if names.isdisjoint(list_models(former)):
        return
    temporary = own.with_name(f".{own.name[:40]}.{secrets.token_hex(8)}")
    try:
        shutil.copytree(former, temporary)
        temporary.rename(own)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise RecsysError(f"cannot copy the genre models of {former} to {own}: {error.strerror or error}") from error
    _log.warning("the genre models in %s are copied to %s, since each database has its own now", former, own)
