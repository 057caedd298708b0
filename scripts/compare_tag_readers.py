"""Compare how recsys, TagLib, mediafile and FFmpeg read the files of a folder, and print every mismatch.

    pip install pytaglib mediafile  # into an environment of its own, whose Python is OTHERS
    python scripts/compare_tag_readers.py FOLDER --others OTHERS [--json rows.json]

Each reader runs in a process of its own, so that one that crashes on a file is reported as an error. Compared are
title, artists, album artists, album, track, disc and their totals, year, genres and duration, and whether the file is
read at all. Fields that a reader does not have are not compared. ``ffprobe`` has to be installed.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

FIELDS = ("title", "artists", "album_artists", "album", "track", "track_total", "disc", "disc_total", "year", "genres",
          "duration")  # fmt: skip
SUFFIXES = (
    "3g2 3gp aac ac3 aif aifc aiff amr ape asf au avi caf dff dsf dts flac id3 m4a m4b m4p m4r m4v mka mkv mov mp1 mp2 "
    "mp3 mp4 mpc mpga oga ogg ofr ofs opus ra rm shn snd spx tak tta w64 wav webm wma wv"
)
TOLERANCE = 0.2  # seconds
OTHERS = r"""
import json, sys

def of_taglib(path):
    import taglib
    with taglib.File(path) as file:
        tags = {name: list(values) for name, values in file.tags.items()}
        return {"duration": file.length, **tags}

def of_mediafile(path):
    import mediafile
    file = mediafile.MediaFile(path)
    names = ("title", "artist", "artists", "albumartist", "albumartists", "album", "track", "tracktotal", "disc",
             "disctotal", "year", "genres", "length")
    return {name: getattr(file, name) for name in names}

try:
    print(json.dumps({"taglib": of_taglib, "mediafile": of_mediafile}[sys.argv[1]](sys.argv[2])))
except Exception as error:
    print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
"""
OWN = r"""
import json, sys
from dataclasses import asdict
from recsys.audio.decode import probe
from recsys.audio.tags import read_tags
from recsys.errors import UnreadableAudio

row = {}
try:
    row |= asdict(read_tags(sys.argv[1]))
    row["duration"] = probe(sys.argv[1]).duration
except UnreadableAudio as error:
    row["error"] = str(error)
print(json.dumps(row))
"""

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--others", required=True, help="Python that has pytaglib and mediafile")
    parser.add_argument("--json", type=Path, help="also write all values as JSON")
    options = parser.parse_args()
    rows: dict[str, dict[str, Row]] = {}
    for path in sorted(options.folder.rglob("*")):
        if path.is_file() and path.suffix.lower().lstrip(".") in SUFFIXES.split():
            rows[str(path)] = read_by_all(path, options.others)
            for line in mismatches(rows[str(path)]):
                print(f"{path.relative_to(options.folder)}\t{line}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1))
    n_files = sum(any("error" not in row for row in by_reader.values()) for by_reader in rows.values())
    n_wrong = sum(any(True for _ in mismatches(by_reader)) for by_reader in rows.values())
    print(f"{len(rows)} files, {n_files} of them read by at least one reader, {n_wrong} with a mismatch")


def read_by_all(path: Path, others: str) -> dict[str, Row]:
    """Values by reader; a reader that cannot read the file has an error."""
    probe = ["ffprobe", "-v", "quiet", "-of", "json", "-show_format", "-show_streams", str(path)]
    return {
        "recsys": own(run([sys.executable, "-c", OWN, str(path)])),
        "taglib": taglib(run([others, "-c", OTHERS, "taglib", str(path)])),
        "mediafile": mediafile(run([others, "-c", OTHERS, "mediafile", str(path)])),
        "ffprobe": ffprobe(run(probe)),
    }


def run(command: list[str]) -> Row:
    """The JSON that a program prints; an error if it prints none."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
        return dict(json.loads(done.stdout))
    except (ValueError, subprocess.TimeoutExpired) as error:
        return {"error": f"crash or timeout: {error}"}


def own(row: Row) -> Row:
    row["track"], row["disc"] = row.get("track_number"), row.get("disc_number")
    return row


def taglib(row: Row) -> Row:
    track, disc = first(row, "TRACKNUMBER"), first(row, "DISCNUMBER")
    return {
        **({"error": row["error"]} if "error" in row else {}),
        "title": first(row, "TITLE"), "artists": row.get("ARTIST"), "album_artists": row.get("ALBUMARTIST"),
        "album": first(row, "ALBUM"), "year": year(first(row, "DATE")), "genres": row.get("GENRE"),
        "track": number(track), "track_total": number(track, 1) or number(first(row, "TRACKTOTAL")),
        "disc": number(disc), "disc_total": number(disc, 1) or number(first(row, "DISCTOTAL")),
        "duration": row.get("duration"),
    }  # fmt: skip


def mediafile(row: Row) -> Row:
    if "error" in row:
        return row
    names = {"track_total": "tracktotal", "disc_total": "disctotal", "duration": "length"}
    plain = {name: row.get(names.get(name, name)) or None for name in FIELDS}
    credit = row["artists"] or row["artist"]
    band = row["albumartists"] or row["albumartist"]
    return plain | {"artists": listed(credit), "album_artists": listed(band), "genres": listed(row["genres"])}


def ffprobe(row: Row) -> Row:
    streams = [stream for stream in row.get("streams", ()) if stream.get("codec_type") == "audio"]
    if not streams:
        return {"error": "no audio stream"}
    found = streams[0].get("tags", {}) | row["format"].get("tags", {})
    tags = {name.lower(): value for name, value in found.items()}
    track, disc = tags.get("track"), tags.get("disc")
    return {
        "title": tags.get("title"), "artists": listed(tags.get("artist")), "album": tags.get("album"),
        "album_artists": listed(tags.get("album_artist")), "genres": listed(tags.get("genre")),
        "year": year(tags.get("date")), "track": number(track), "disc": number(disc),
        "track_total": number(track, 1) or number(tags.get("tracktotal")),
        "disc_total": number(disc, 1) or number(tags.get("disctotal")),
        "duration": float(row["format"].get("duration") or streams[0].get("duration") or 0) or None,
    }  # fmt: skip


def mismatches(rows: dict[str, Row]) -> list[str]:
    """Fields in which recsys differs from a reader that has a value, and readers that disagree on reading the file."""
    mine, lines = rows["recsys"], []
    for reader, row in rows.items():
        if ("error" in mine) != ("error" in row):
            lines.append(f"file: {mine.get('error', 'read')}, {reader}: {row.get('error', 'read')}")
        for field in FIELDS:
            if field != "duration" and row.get(field) and folded(mine.get(field)) != folded(row[field]):
                lines.append(f"{field}: {short(mine.get(field))}, {reader}: {short(row[field])}")
        own_length, length = mine.get("duration"), row.get("duration")
        tolerance = 1.0 if reader == "taglib" else TOLERANCE  # TagLib has whole seconds
        if own_length and length and abs(own_length - length) > tolerance:
            lines.append(f"duration: {own_length:.2f}, {reader}: {length:.2f}")
    others = [row for reader, row in rows.items() if reader != "recsys" and "error" not in row]
    lines += [
        f"{field}: only recsys has {short(mine[field])}"
        for field in FIELDS
        if field != "duration" and mine.get(field) and others and not any(row.get(field) for row in others)
    ]
    return lines


def folded(value: object) -> str:
    """A value to compare: lists as the joined text of their values."""
    texts = value if isinstance(value, list | tuple) else [value]
    return (
        re.sub(r"[\W_]+", " ", " ".join("" if text is None else str(text) for text in texts)).strip().casefold()[:400]
    )


def short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:60]} … {text[-40:]}"


def listed(value: Any) -> list[str] | None:
    return value if isinstance(value, list) else [value] if value else None


def first(row: Row, name: str) -> str | None:
    return next(iter(row.get(name, ())), None)


def year(text: str | None) -> int | None:
    found = re.match(r"\d{4}", text or "")
    return int(found[0]) or None if found else None


def number(text: str | None, part: int = 0) -> int | None:
    parts = (text or "").split("/")
    found = re.match(r"\s*\d+", parts[part]) if part < len(parts) else None
    return int(found[0]) or None if found else None


if __name__ == "__main__":
    main()
