"""In place of the process of a job: its folder is the name of what it does; it needs no library.

"finish" ends at once, "hold" goes on until it is interrupted, "deaf" does not end then, "die" ends without a result,
"long" sends a line without an end, "turns" is a watch with two ingests, of which the first one finds nothing.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

CHANGES = ("new", "reanalysed", "updated", "reread", "moved", "duplicates", "removed")


def send(**message: Any) -> None:
    print(json.dumps(message), flush=True)


def main() -> None:
    request = json.loads(sys.stdin.readline())
    name = Path(request["parameters"].get("folders", ["finish"])[0]).name
    send(event="progress", message=f"pid {os.getpid()}", done=0, total=3, failed=0)
    if name == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif name == "quit":
        sys.exit(3)
    elif name == "long":
        print("x" * (1 << 25), flush=True)
    elif name == "fail":
        error = {"code": "not_found", "message": "/x does not exist", "field": "paths", "hint": "ingest_folder",
                 "hint_values": {"folder": "/y"}}  # fmt: skip
        send(event="failed", error=error)
        return
    elif name == "deaf":
        while True:
            signal.pause()
    elif name == "turns":
        for new in (0, 2):
            send(event="turn", folder="/music")
            assert sys.stdin.readline() == "go\n"
            if new:
                send(event="progress", message="analysing", done=1, total=2, failed=0)
            summary: dict[str, Any] = dict.fromkeys(CHANGES, 0) | {"new": new, "failures": []}
            send(event="turn_ended", result=summary)
    if name in ("hold", "turns"):
        sys.stdin.read()
        send(event="cancelled", result={"new": 1})
        return
    send(event="done", result={"name": name})


if __name__ == "__main__":
    main()
