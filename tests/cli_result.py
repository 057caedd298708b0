"""What a command of recsys did: for tests that run it."""

import json
from typing import Any, NamedTuple


class Said(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)
