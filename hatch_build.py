"""The build hook that puts the page of ``recsys serve`` into wheels, sdists and editable installs.

Without Node or the npm registry the package is built without the page; the server then answers with a plain page that
names what to do.
"""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent / "scripts"))
import build_page


class PageBuildHook(BuildHookInterface[Any]):
    """Builds ``web/`` into ``recsys/web/page``."""

    def dependencies(self) -> list[str]:
        """Node from PyPI, where this machine has none and the page is not built yet."""
        return [build_page.NODE_REQUIREMENT] if build_page.needs_node() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page before the files of the package are collected."""
        try:
            build_page.build()
        except (build_page.PageNotBuilt, OSError) as error:
            self.app.display_warning(f"recsys is installed without its page: {error}")
