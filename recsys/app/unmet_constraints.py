"""Unmet constraints as sentences in English."""

from collections.abc import Mapping
from typing import Any

from recsys.app.validation import describe_duration_limits
from recsys.domain.results import UnmetConstraint
from recsys.errors import pluralise


def describe_unmet_constraint(unmet: UnmetConstraint) -> str:
    """One line: what the result has instead of what was wanted, and why.

    >>> describe_unmet_constraint(UnmetConstraint("n", 5, 2, "artist_limit", {"limit": 2}))
    '2 tracks instead of 5: more would exceed 2 of one artist'
    """
    wanted, got, details = unmet.wanted, unmet.got, dict[str, Any](unmet.details)
    why = _describe_reason(unmet.reason, details)
    match unmet.constraint:
        case "n":
            return f"{_tracks(got)} instead of {wanted}: {why}"
        case "minutes":
            return f"{got:.1f} minutes instead of {wanted:g}: {why}"
        case "quotas":
            share = details["unit"] == "share"
            quota = f"{details['genre']}={f'{100 * float(wanted or 0):g}%' if share else wanted}"
            percent = f" ({got:.0%})" if share and details["n_tracks"] else ""
            return f"{quota}: {details['n_genre_tracks']} of {_tracks(details['n_tracks'])}{percent}: {why}"
        case "min_similarity":
            return f"{got} of {_tracks(details['n_tracks'])} {_are(got)} no more similar to any like than chance: {why}"
        case "min_artist_gap" if wanted == 1:
            follow = "follows" if details["n_close"] == 1 else "follow"
            return f"{details['n_close']} of {_tracks(details['n_tracks'])} {follow} another track by the same artist"
        case "min_artist_gap":
            close = f"{details['n_close']} of {_tracks(details['n_tracks'])} {_are(details['n_close'])}"
            return f"{close} less than {int(float(wanted or 0)) + 1} places behind another track by the same artist"
        case "step_ratio":
            largest, typical = details["largest_step"], details["typical_step"]
            return (
                f"the steps are uneven: step {details['position']}, from {details['before']} to {details['after']}, "
                f"is {largest:.0f} degrees wide, the others mostly {typical:.0f}; no available track is between them: "
                "use fewer filters, more tracks of one artist, or other ends"
            )
        case "exclude_recent":
            return (
                f"the tracks of {pluralise(int(got or 0), 'recent playlist')} are excluded instead of {wanted}: {why}"
            )
        case "duration_limits" if unmet.reason == "tracks_outside":
            limits = describe_duration_limits(details["min_duration"], details["max_duration"])
            return f"{pluralise(int(got or 0), 'track of the library is', 'tracks of the library are')} {limits}"
        case "duration_limits":
            limits = describe_duration_limits(details["min_duration"], details["max_duration"])
            return f"most tracks of the library are {limits}: the default limits are not applied"
        case "entries":
            more = f" and {details['n'] - 1} more" if details["n"] > 1 else ""
            entries = pluralise(int(wanted or 0), "entry", "entries")
            return f"{details['n']} of {entries} {_are(details['n'])} not in the library: {details['first']}{more}"
        case "excluded_genres":
            return f"no track has the genre {wanted!r}, which is excluded"
        case "excluded_tagged_genres":
            return f"no file has the genre {wanted!r} in its tags, which is excluded"
        case "include_seeds":
            return f"{wanted} is left out: its file is missing ({details['path']})"
    return f"{unmet.constraint} is {got} instead of {wanted}: {why}"


def describe_left_out(details: Mapping[str, Any]) -> str:
    """Why tracks that match are not in the playlist.

    >>> describe_left_out({"left_out": ("sound_like_dislikes",), "sound_like_dislikes": 3})
    '3 are similar to a dislike'
    """
    parts = []
    for reason in details.get("left_out", ()):
        if reason == "no_nearer_than_chance":
            what = "the seeds" if details["compared_with"] == "seeds" else "any like"
            parts.append(f"others that match are no more similar to {what} than chance")
        elif reason == "sound_like_dislikes":
            parts.append(f"{pluralise(details[reason], 'is', 'are')} similar to a dislike")
        elif reason == "near_minus_seeds":
            parts.append(f"{details[reason]} are similar to a track that this list must not resemble")
        elif reason == "outside_duration_limits":
            limits = describe_duration_limits(details["min_duration"], details["max_duration"])
            parts.append(f"{pluralise(details[reason], 'is', 'are')} {limits}")
    return "; ".join(parts)


def _describe_reason(reason: str, details: Mapping[str, Any]) -> str:
    match reason:
        case "artist_limit":
            return f"more would exceed {details['limit']} of one artist"
        case "album_limit":
            return f"more would exceed {details['limit']} of one album"
        case "artist_gap":
            return f"more would be fewer than {_tracks(details['limit'])} away from others of their artist"
        case "left_out":
            return describe_left_out(details)
        case "no_match":
            return f"no track of {details['genre']} matches"
        case "no_more_matches" if "genre" in details:
            return f"there are no more tracks of {details['genre']} that match"
    return _REASONS.get(reason, reason.replace("_", " "))


_REASONS = {
    "other_versions": "the remaining tracks are other versions of the same music",
    "no_more_matches": "no other track matches",
    "no_closer_choice": "no other choice of tracks is closer",
    "seeds_alone": "the seeds alone are that long",
    "other_constraints": "the other constraints exclude all other choices",
    "quota": "a quota asks for their genre",
    "too_few_other_tracks": "too few other tracks match",
    "no_gap_to_fill": "no other track fits between two tracks",
}


def _are(n: object) -> str:
    return "is" if n == 1 else "are"


def _tracks(n: float | str | None) -> str:
    return pluralise(int(n or 0), "track")
