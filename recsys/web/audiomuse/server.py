"""The server itself, its playlists, and what recsys does not have."""

from typing import Any

from fastapi import APIRouter

from recsys import Statistics, __version__
from recsys.errors import InvalidRequest, NotFound
from recsys.web.audiomuse.call import CallOf
from recsys.web.audiomuse.rows import row_of
from recsys.web.audiomuse.tasks import jobs_of, task_of
from recsys.web.audiomuse.values import text_of
from recsys.web.records import RecordResponse
from recsys.web.state import StateOf

router = APIRouter(include_in_schema=False)
chat_router = APIRouter(include_in_schema=False)

_MAX_TRACKS = 10_000
_RECENT = 10  # tasks
_METHODS = ["GET", "POST", "PUT", "DELETE"]
_TEMPI = {"slow": (0, 85), "medium": (85, 110), "fast": (110, 140), "very_fast": (140, 10_000)}


@router.get("/health")
async def health() -> RecordResponse:
    """Whether the server answers."""
    return RecordResponse({"status": "ok"})


@router.get("/config")
def config(call: CallOf) -> RecordResponse:
    """What this server is, and which parts of AudioMuse-AI it has."""
    links = call.library.links.list()
    found: dict[str, Any] = {
        "app_name": "recsys", "app_version": __version__, "servers": [link.name for link in links],
        "mediaserver_type": links[0].kind if links else "recsys", "clap_enabled": True, "lyrics_enabled": False,
    }  # fmt: skip
    return RecordResponse(found)


@router.get("/dashboard/summary")
def dashboard(call: CallOf, state: StateOf) -> RecordResponse:
    """How much the library has, and the last tasks."""
    found = call.library.statistics()
    jobs = jobs_of(state.jobs.list())
    running = [job["id"] for job in jobs if job["state"] == "running"]
    recent = [task_of(job) for job in jobs[:_RECENT]]
    tasks = [
        {
            "task_id": task["task_id"], "task_type": task["task_type"], "status": task["status"],
            "duration_seconds": task["running_time_seconds"], "note": task["details"]["message"],
        }
        for task in recent
    ]  # fmt: skip
    worker = {
        "hostname": "recsys", "queues": ["default"], "state": "busy" if running else "idle",
        "current_job_id": running[0] if running else None,
    }  # fmt: skip
    return RecordResponse({"content": _content(found), "workers": [worker], "recent_tasks": tasks})


@router.get("/playlists")
def playlists(call: CallOf) -> RecordResponse:
    """The saved playlists of the listener of the key, with their tracks."""
    saved, ids = call.library.playlists.all_tracks(), call.ids
    known = ids.foreign_ids({track.id: track for each in saved.values() for track in each}.values())
    found = {
        name: [row_of(track, known[track.id]) for track in each if track.id in known] for name, each in saved.items()
    }
    names = [link.name for link in call.library.links.list()] or ["recsys"]
    name = call.values.text("server") or names[0]
    return RecordResponse({"servers": [{"server_id": name, "server_name": name, "playlists": found}]})


@router.post("/create_playlist")
def create_playlist(call: CallOf) -> RecordResponse:
    """Save a playlist of the listener of the key; one of the same name with fixed tracks is replaced."""
    name, given = call.values.required("playlist_name"), call.values.get("track_ids")
    if not isinstance(given, list) or len(given) > _MAX_TRACKS:
        raise InvalidRequest(f"must be a list of at most {_MAX_TRACKS} ids", field="track_ids")
    items = [each.get("item_id") if isinstance(each, dict) else each for each in given]
    wanted = list(dict.fromkeys(id for each in items if (id := text_of(each, "track_ids")) is not None))
    if not wanted:
        raise InvalidRequest("must have an id", field="track_ids")
    tracks = list(call.ids.with_track(wanted[0]).tracks(wanted).values())
    if not tracks:
        raise NotFound("the library has none of these tracks")
    saved = call.library.playlists
    former = next((each for each in saved.list() if each.name == name), None)
    if former is None:
        kept = saved.add(name, tracks)
    elif former.request is None:
        kept = saved.change(former.id, tracks=tracks)
    else:
        raise InvalidRequest("is the name of a playlist that recsys makes", field="playlist_name", value=name)
    record = {
        "message": f"Playlist {name!r} saved in recsys.", "playlist_id": str(kept.id), "mapped": len(tracks),
        "skipped": len(wanted) - len(tracks),
    }  # fmt: skip
    return RecordResponse(record, 201)


@router.api_route("/lyrics/{rest:path}", methods=_METHODS)
async def lyrics(rest: str) -> RecordResponse:
    """Nothing: recsys reads no lyrics out of music."""
    raise NotFound("recsys has no search of lyrics")


@router.api_route("/sem_grove/{rest:path}", methods=_METHODS)
async def sem_grove(rest: str) -> RecordResponse:
    """Nothing: as for lyrics."""
    raise NotFound("recsys has no search of lyrics and sound together; similar_tracks compares the sound")


@router.api_route("/clustering/{rest:path}", methods=_METHODS)
async def clustering(rest: str) -> RecordResponse:
    """Nothing: recsys makes playlists from likes and requests."""
    raise NotFound("recsys has no clustering; its page makes playlists from likes, moods and genres")


@router.api_route("/anchors{rest:path}", methods=_METHODS)
@router.api_route("/radios{rest:path}", methods=_METHODS)
async def anchors(rest: str) -> RecordResponse:
    """Nothing: a mix is not kept as a place in the space of sounds."""
    raise NotFound("recsys has no anchors and radios; its saved playlists can be made anew")


@chat_router.api_route("/chat/api/{rest:path}", methods=_METHODS)
async def chat(rest: str) -> RecordResponse:
    """Nothing: recsys has no language model."""
    raise NotFound("recsys has no chat; clap/search takes words of mood, genre, tempo and decade")


def _content(found: Statistics) -> dict[str, Any]:
    tempi = {int(low): n for low, n in found.tempi.items()}
    profile = {name: sum(n for bpm, n in tempi.items() if low <= bpm < high) for name, (low, high) in _TEMPI.items()}
    return {
        "total_songs": found.tracks, "distinct_artists": found.artists, "distinct_albums": found.albums,
        "musicnn_indexed": found.tracks, "clap_indexed": found.tracks, "gmm_indexed": found.artists,
        "top_genre": [{"label": name, "count": n} for name, n in found.genres.items()], "tempo_profile": profile,
    }  # fmt: skip
