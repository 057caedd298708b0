"""The result of a command of recsys, for tests that run one."""

import json
from typing import Any, NamedTuple


class Result(NamedTuple):
    """The exit status of a command and its output."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The standard output as JSON."""
        return json.loads(self.out)
