"""Keep the queue of an MPD server filled: songs that follow what plays, for as long as the program runs."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from recsys import Library, Track
from recsys.errors import InvalidRequest, LibraryError, RecsysError, pluralise
from recsys.mpd.address import Address
from recsys.mpd.client import Client, ConnectionLost, MpdError
from recsys.mpd.now_playing import Ended, NowPlaying
from recsys.mpd.stickers import Stickers

SUBSYSTEMS = ("player", "playlist", "options", "sticker", "database")
IDLE_SECONDS = 60.0
"""After this time without a change the server is asked again, so that a connection that is dead is noticed."""
_SEEDS = 5  # the song that plays, and those before
_QUEUE = 100  # songs of the queue, the last ones, that are not repeated
_SPARE = 2  # factor: songs that are looked for, as MPD may not have some
_FIRST_WAIT, _LAST_WAIT = 1.0, 30.0  # seconds until the next attempt to connect


@dataclass(frozen=True, slots=True)
class RadioOptions:
    """How a queue is filled.

    Parameters
    ----------
    ahead : int
        Songs after the one that plays; with fewer, songs are added.
    max_per_artist : int
        Of one artist, among the new songs and the last 20 before them; 0 is no limit.
    music_folder : Path or None
        The music folder of MPD; None: the one that MPD states, else it is found by the ends of paths.

    Raises
    ------
    InvalidRequest
        A number is out of range.
    """

    ahead: int = 5
    max_per_artist: int = 1
    music_folder: Path | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.ahead <= 100:
            raise InvalidRequest("must be from 1 to 100", field="ahead", value=self.ahead)
        if self.max_per_artist < 0:
            raise InvalidRequest("must be at least 0", field="max_per_artist", value=self.max_per_artist)


Report = Callable[[str], None]


class Radio:
    """What one program has seen of a server, over all connections to it."""

    def __init__(
        self,
        library: Library,
        options: RadioOptions,
        report: Report,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._library, self._options, self._report = library, options, report
        self._playing = NowPlaying(clock, now)
        self._files = library.music_folder(options.music_folder)
        self._stickers = Stickers(library, lambda files: self._files.tracks(files))
        self._played: deque[Track] = deque(maxlen=_SEEDS - 1)
        self._skipped: deque[Track] = deque(maxlen=_SEEDS)
        self._seen: set[str] = set()  # ids of songs that were played, which a shuffled queue does not repeat
        self._ended: list[Ended] = []  # that are not stored yet
        self._last_report = ""

    def begin(self, client: Client) -> None:
        """A connection is there: find the music folder, and take what happened meanwhile."""
        self._seen.clear()
        if self._options.music_folder is None and (folder := _music_directory(client)) is not None:
            self._files = self._library.music_folder(folder)
        self.follow(client, SUBSYSTEMS)

    def follow(self, client: Client, changed: Sequence[str]) -> None:
        """Take what has changed: plays, skips and stickers; and fill the queue."""
        status = song = client.playing()
        self._store(self._playing.update(status, song))
        if "sticker" in changed:
            self._read_stickers(client)
        if status.get("state") in ("play", "pause") and "file" in song:
            self._seen.add(status.get("songid", ""))
            if (missing := self._options.ahead - self._ahead(client, status)) > 0:
                self._fill(client, song["file"], int(status.get("playlistlength", 0)), missing)

    def disconnected(self) -> None:
        """The connection has ended."""
        self._playing.disconnected()

    def end(self) -> None:
        """The program stops: a song that was played for long enough is a play."""
        self._store(self._playing.stop())

    def _store(self, ended: Ended | None) -> None:
        """Store a song that has ended, and those that could not be stored before, as the library was busy."""
        self._ended += [] if ended is None else [ended]
        while self._ended:
            file, kind, at = self._ended[0]
            try:
                track = self._files.tracks([file]).get(file)
                if track is not None:
                    (self._library.plays.add if kind == "played" else self._library.plays.skip)(track, at=at)
            except LibraryError as error:
                self._report_once(str(error))
                return
            del self._ended[0]
            if track is not None:
                (self._played if kind == "played" else self._skipped).append(track)
                self._report(f"{kind}: {_label(track)}")

    def _read_stickers(self, client: Client) -> None:
        try:
            if stored := self._stickers.read(client):
                self._report(f"{pluralise(stored, 'sticker')} stored as likes and stars")
        except LibraryError as error:
            self._report_once(str(error))

    def _ahead(self, client: Client, status: dict[str, str]) -> int:
        """How many songs follow; of a shuffled queue, how many were not played since this program follows it."""
        if status.get("random") == "1":
            ids = {value for name, value in client.send("plchangesposid", "0") if name == "Id"}
            return len(ids - self._seen)
        return int(status.get("playlistlength", 0)) - int(status.get("song", 0)) - 1

    def _fill(self, client: Client, current: str, length: int, missing: int) -> None:
        start = max(0, length - _QUEUE)
        queue = [song["file"] for song in client.records("playlistinfo", f"{start}:", first="file")]
        tracks = self._files.tracks([current, *queue])
        if current not in tracks:
            self._report_once(f"{current} is not in the library: nothing is added")
            return
        seeds = list({track.id: track for track in (tracks[current], *reversed(self._played))}.values())
        try:
            found = self._library.radio(
                *seeds, n=_SPARE * missing, after=[tracks[file] for file in queue if file in tracks],
                skipped=list(self._skipped), filter=self._files.filter, max_per_artist=self._options.max_per_artist,
            )  # fmt: skip
        except RecsysError as error:
            self._report_once(str(error))
            return
        paths = self._files.paths(found.tracks)
        added = 0
        for track in found:
            if track.id in paths and added < missing and self._add(client, paths[track.id]):
                added += 1
                self._report(f"added: {_label(track)}")
        if not added:
            self._report_once(f"no other song follows {_label(tracks[current])}")

    def _add(self, client: Client, path: str) -> bool:
        """Whether MPD takes a song; it may not have the file, or its queue may be full."""
        try:
            client.send("addid", path)
        except MpdError as error:
            if error.number not in (MpdError.NO_EXIST, MpdError.PLAYLIST_MAX):
                raise
            self._report_once(str(error))
            return False
        return True

    def _report_once(self, text: str) -> None:
        if text != self._last_report:
            self._report(text)
        self._last_report = text


def run(
    library: Library,
    address: Address,
    options: RadioOptions,
    *,
    report: Report,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Follow a server until the process is interrupted; a server that is not there is waited for.

    Parameters
    ----------
    report : callable
        Called with a line for each change.
    wait : callable
        Waits for some seconds.

    Raises
    ------
    KeyboardInterrupt
        The process is interrupted; what plays is stored.
    MpdError
        The password is wrong, or the user may not do what this needs.
    NoMpdServer
        The address is of another server.
    """
    radio, seconds, failure = Radio(library, options, report), _FIRST_WAIT, ""
    try:
        while True:
            try:
                with Client(address) as client:
                    report(f"connected to MPD at {address}")
                    radio.begin(client)
                    seconds, failure = _FIRST_WAIT, ""
                    while True:
                        radio.follow(client, sorted(client.idle(SUBSYSTEMS, IDLE_SECONDS)))
            except (ConnectionLost, OSError) as error:
                radio.disconnected()
                reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
                if reason != failure:
                    report(f"no connection to MPD at {address}: {reason}; trying again")
                failure = reason
                wait(seconds)
                seconds = min(2 * seconds, _LAST_WAIT)
    finally:
        radio.end()


def _music_directory(client: Client) -> str | None:
    """The music folder that MPD states to programs of its machine; None to others, or for a storage elsewhere."""
    try:
        folder = client.values("config").get("music_directory")
    except MpdError:
        return None
    return folder if folder and Path(folder).is_absolute() else None


def _label(track: Track) -> str:
    return f"{track.artist} - {track.title}" if track.artist else track.title
