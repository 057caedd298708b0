"""What the process of a job does, by kind: a call of the library, with reports of its progress."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from recsys import IngestSummary, Library, Progress, TrainingResult
from recsys.errors import RecsysError

Parameters = dict[str, Any]
Message = dict[str, Any]
SECONDS_BETWEEN_REPORTS = 0.25
_PHASES = {"analysis": "analysing", "tags": "reading tags"}
_MAX_LISTED = 1000  # refreshed playlists in a result


class Interrupted(Exception):
    """The job was interrupted; what is finished is stored; ``result`` is its record."""

    def __init__(self, result: dict[str, Any]) -> None:
        super().__init__()
        self.result = result


class Server(Protocol):
    """The server, as the process of a job sees it."""

    def send(self, message: Message) -> None:
        """Send a message."""

    def wait_for_turn(self) -> None:
        """Wait until no other job writes."""


class Reporter:
    """Sends progress to the server, not more often than a page can show it."""

    def __init__(self, server: Server, clock: Callable[[], float] = time.monotonic) -> None:
        self._server, self._clock = server, clock
        self._last: tuple[str, float] | None = None

    def show(self, message: str, done: int = 0, total: int | None = None, **numbers: Any) -> None:
        """Report the progress if the last report is old, or was about something else, or everything is done."""
        now = self._clock()
        recent = self._last and self._last[0] == message and now - self._last[1] < SECONDS_BETWEEN_REPORTS
        if recent and done != total:
            return
        self._last = message, now
        self._server.send({"event": "progress", "message": message, "done": done, "total": total, **numbers})

    def ingest(self, progress: Progress) -> None:
        """Report the progress of an ingest."""
        self.show(
            "scanning folders" if progress.total is None else _PHASES[progress.phase],
            progress.done, progress.total, failed=progress.failed, rate=round(progress.speed, 2),
            seconds_left=None if progress.eta is None else round(progress.eta, 1),
        )  # fmt: skip


def run(library: Library, kind: str, parameters: Parameters, server: Server) -> dict[str, Any]:
    """The result of a job.

    Raises
    ------
    Interrupted, KeyboardInterrupt
        The job was interrupted.
    RecsysError
        The job failed.
    """
    return _TASKS[kind](library, parameters, server)


def _ingest(library: Library, parameters: Parameters, server: Server) -> dict[str, Any]:
    return _finished(library.ingest(parameters["folders"], on_progress=Reporter(server).ingest))


def _retry(library: Library, _: Parameters, server: Server) -> dict[str, Any]:
    return _finished(library.retry_failures(on_progress=Reporter(server).ingest))


def _finished(summary: IngestSummary) -> dict[str, Any]:
    record: dict[str, Any] = {**summary.to_dict()}
    if summary.interrupted:
        raise Interrupted(record)
    return record


def _prune(library: Library, parameters: Parameters, server: Server) -> dict[str, Any]:
    Reporter(server).show("looking for files")
    dry_run, force = parameters["dry_run"], parameters["force"]
    return {**library.prune(parameters["folders"], dry_run=dry_run, force=force).to_dict()}


def _refresh(library: Library, parameters: Parameters, server: Server) -> dict[str, Any]:
    report = Reporter(server)
    refreshed: list[dict[str, Any]] = []
    views = [library.for_listener(parameters.get("listener"))]
    if parameters.get("all_listeners"):
        views = [library.for_listener(each.name) for each in library.listeners.list() if each.playlists]
    total = sum(len(parameters["names"] or view.playlists.list()) for view in views)
    try:
        for view in views:
            for each in view.playlists.refresh(parameters["names"]):
                tracks = 0 if each.playlist is None else len(each.playlist.tracks)
                refreshed.append({"name": each.name, "output": each.output, "tracks": tracks, "error": each.error})
                report.show(each.name, len(refreshed), total, failed=sum(bool(each["error"]) for each in refreshed))
    except KeyboardInterrupt:
        raise Interrupted(_refreshed(refreshed)) from None
    return _refreshed(refreshed)


def _refreshed(refreshed: list[dict[str, Any]]) -> dict[str, Any]:
    failed = sum(bool(each["error"]) for each in refreshed)
    first_failed = sorted(refreshed, key=lambda each: not each["error"])[:_MAX_LISTED]
    return {"refreshed": len(refreshed) - failed, "failed": failed, "playlists": first_failed}


def _train(library: Library, parameters: Parameters, server: Server) -> dict[str, Any]:
    report = Reporter(server)
    return _trained(
        library.genre_models.train(**parameters, progress=lambda done, total: report.show("training", done, total))
    )


def _tune(library: Library, parameters: Parameters, server: Server) -> dict[str, Any]:
    report = Reporter(server)
    return _trained(
        library.genre_models.tune(**parameters, progress=lambda share: report.show("searching", int(100 * share), 100))
    )


def _trained(result: TrainingResult) -> dict[str, Any]:
    return {**result.to_dict()}


def _predict(library: Library, parameters: Parameters, server: Server) -> dict[str, Any]:
    report = Reporter(server)
    predicted = library.genre_models.predict(
        parameters["name"], progress=lambda done, total: report.show("predicting", done, total)
    )
    return {"model": library.genre_models.active(), "predicted": predicted}


def _evaluate(library: Library, parameters: Parameters, server: Server) -> dict[str, Any]:
    report = Reporter(server)
    report.show("reading the library")
    return library.evaluate(playlists=parameters["playlists"], on_progress=lambda part: report.show(f"scoring {part}"))


def _watch(library: Library, parameters: Parameters, server: Server) -> dict[str, Any]:
    report = Reporter(server)

    def in_turn(folder: Path, ingest: Callable[[], IngestSummary]) -> IngestSummary:
        server.send({"event": "turn", "folder": str(folder)})
        server.wait_for_turn()
        try:
            summary = ingest()
        except RecsysError as error:
            server.send({"event": "turn_ended", "error": described(error)})
            raise
        server.send({"event": "turn_ended", "result": {**summary.to_dict()}})
        return summary

    def show(event: IngestSummary | RecsysError | str) -> None:
        if not isinstance(event, IngestSummary):
            report.show(str(event))

    report.show("watching")
    library.watch(parameters["folders"], on_event=show, on_progress=report.ingest, in_turn=in_turn)
    return {}


def _sync(library: Library, parameters: Parameters, server: Server) -> dict[str, Any]:
    report, name = Reporter(server), parameters["name"]
    report.show("reading tracks")
    pulled = library.links.pull(name, on_progress=lambda n: report.show("reading tracks", n))
    report.show("writing playlists")
    pushed = library.links.push(name)
    return {
        "link": name, "tracks": dict(pulled.tracks_by_action()), "play_counts": len(pulled.plays.counts),
        "playlists": [each.to_dict() for each in pushed],
    }  # fmt: skip


def described(error: RecsysError) -> dict[str, Any]:
    """An error, as the server needs it to make a problem."""
    hint = None if error.hint is None else error.hint.value
    return {
        "code": error.code, "message": str(error), "field": error.field, "hint": hint,
        "hint_values": error.hint_values,
    }  # fmt: skip


_TASKS: dict[str, Callable[[Library, Parameters, Server], dict[str, Any]]] = {
    "ingest": _ingest, "retry": _retry, "prune": _prune, "refresh": _refresh, "train": _train, "tune": _tune,
    "predict": _predict, "evaluate": _evaluate, "watch": _watch, "sync": _sync,
}  # fmt: skip
