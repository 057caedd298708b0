#!/usr/bin/env python3
"""Write a JSON Schema for each record of recsys.domain, the page and the part of the OpenAPI document that have them.

scripts/make_schemas.py            write docs/schemas/*.json and docs/json.md
scripts/make_schemas.py --check    exit with 1 if they are not up to date
"""

import json
import sys
import types
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from recsys.domain import (
    access_keys,
    import_records,
    links,
    maps,
    model_records,
    records,
    request_records,
    row_records,
    set_records,
    statistics,
)
from recsys.web.jobs import records as job_records

DOCS = ROOT / "docs"
PRIMITIVES: dict[Any, dict[str, Any]] = {
    str: {"type": "string"}, int: {"type": "integer"}, float: {"type": "number"}, bool: {"type": "boolean"},
    type(None): {"type": "null"}, Any: {},
}  # fmt: skip
COMMANDS = {
    "tracks": "an array of TrackRecord", "show": "a TrackDetailsRecord", "similar": "an array of TrackRecord",
    "path": "a PlaylistRecord", "playlist, playlist save, playlist extend, playlist insert": "a PlaylistRecord",
    "listeners": "an array of ListenerRecord",
    "keys": "an array of AccessKeyRecord", "keys add, keys revoke": "an AccessKeyRecord",
    "links": "an array of LinkRecord", "link, links refresh": "a LinkReportRecord",
    "links unmatched": "an array of ServerTrackRecord", "push": "an array of PushRecord", "pull": "an ImportRecord",
    "stats": "a StatisticsRecord",
    "artists": "an array of ArtistRecord", "albums": "an array of AlbumRecord",
    "artists --like": "an array of SimilarArtistRecord", "albums --like": "an array of SimilarAlbumRecord",
    "playlist saved": "an array of SavedPlaylistRecord",
    "like, dislike, rate, forget, played": "an array of TrackRecord",
    "like --album, dislike --album, rate --album, forget --album": "an array of AlbumRecord",
    "like --artist, dislike --artist, rate --artist, forget --artist": "an array of ArtistRecord",
    "likes": "an array of RatedTrackRecord",
    "likes --albums": "an array of RatedAlbumRecord", "likes --artists": "an array of RatedArtistRecord",
    "likes import": "an ImportRecord", "classify": "an array of ClassificationRecord",
    "ingest": "an IngestSummaryRecord",
    "duplicates": "an array of DuplicateGroupRecord",
    "failures": "an array of FailureRecord", "prune": "a PruneRecord", "doctor": "an array of CheckRecord",
    "genre models": "an array of GenreModelRecord", "genre suspects": "an array of LabelIssueRecord",
    "genre tag": "a TagPlanRecord", "genre undo": "an UndoRecord", "genre undo --list": "an array of TagRunRecord",
    "genre train, genre tune": "a TrainingRecord", "genre evaluate": "a GenreScorecardRecord",
    "evaluate": "a ScorecardRecord", "export neighbours": "a NeighboursRecord in each line",
}  # fmt: skip
HEAD = """# JSON

Every command that prints data has `--json`. The same records come from `to_dict()` of the values of the
[Python API](reference/python.md). Numbers are rounded to four decimals, times are seconds, dates are UTC in ISO 8601.
Keys are stable: a later version may add keys, so a program should ignore those that it does not use. Strings are
Unicode;
a byte of a path that is not UTF-8 is a surrogate escape (`\\\\udc80` to `\\\\udcff`), as Python reads it.

Each record has a [JSON Schema](https://json-schema.org), draft 2020-12, in the folder `docs/schemas`.

| command | prints |
|---|---|
"""


def described(annotation: Any) -> tuple[Any, str, bool]:
    """The bare type of a key, its description, and whether it is required."""
    required, text = True, ""
    while get_origin(annotation) in (Annotated, NotRequired):
        if get_origin(annotation) is NotRequired:
            required, annotation = False, get_args(annotation)[0]
        else:
            annotation, text = get_args(annotation)[:2]
    return annotation, text, required


def schema_of(annotation: Any) -> dict[str, Any]:
    """The schema of a type; other records are definitions."""
    annotation, _, _ = described(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if is_typeddict(annotation):
        return {"$ref": f"#/$defs/{annotation.__name__}"}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(argument) for argument in arguments]}
    if origin is list:
        return {"type": "array", "items": schema_of(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(arguments[1])}
    return PRIMITIVES[annotation]


def properties(record: type) -> dict[str, tuple[Any, str, bool]]:
    """Type, description and need of each key of a record."""
    return {name: described(hint) for name, hint in get_type_hints(record, include_extras=True).items()}


def object_schema(record: type) -> dict[str, Any]:
    """The schema of a record itself."""
    keys = properties(record)
    return {
        "type": "object",
        "description": (record.__doc__ or "").strip(),
        "properties": {
            name: schema_of(kind) | ({"description": text} if text else {}) for name, (kind, text, _) in keys.items()
        },
        "required": [name for name, (_, _, required) in keys.items() if required],
        "additionalProperties": False,
    }


def references(schema: Any) -> set[str]:
    """Names of the definitions that a schema refers to."""
    if isinstance(schema, dict):
        own = {schema["$ref"].rpartition("/")[2]} if "$ref" in schema else set()
        return own.union(*(references(value) for value in schema.values()))
    return set().union(*map(references, schema)) if isinstance(schema, list) else set()


def full_schema(record: type, known: dict[str, type]) -> dict[str, Any]:
    """The schema of a record with the definitions that it needs."""
    schema = object_schema(record)
    definitions: dict[str, Any] = {}
    wanted = references(schema)
    while missing := wanted - set(definitions):
        for name in sorted(missing):
            definitions[name] = object_schema(known[name])
            wanted |= references(definitions[name])
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": record.__name__}
    return head | schema | ({"$defs": dict(sorted(definitions.items()))} if definitions else {})


def component(schema: Any) -> Any:
    """A schema with its references as those of an OpenAPI document, in which a route may add keys to a record."""
    if isinstance(schema, dict):
        return {
            key: value.replace("#/$defs/", "#/components/schemas/") if key == "$ref" else component(value)
            for key, value in schema.items()
            if (key, value) != ("additionalProperties", False)
        }
    return [component(each) for each in schema] if isinstance(schema, list) else schema


def shown(annotation: Any) -> str:
    """A type as the page writes it."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if is_typeddict(annotation):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    if origin is Literal:
        return ", ".join(f"`{json.dumps(value)}`" for value in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(map(shown, arguments))
    if origin is list:
        return f"array of {shown(arguments[0])}"
    if origin is dict:
        return f"object of {shown(arguments[1])}"
    return str(PRIMITIVES[annotation].get("type", "any value"))


def page(known: dict[str, type]) -> str:
    """The page of all records."""
    lines = [HEAD.rstrip("\n")]
    for command, what in COMMANDS.items():
        name = next(word for word in what.split() if word.endswith("Record"))
        link = what.replace(name, f"[{name}](#{name.lower()})")
        lines.append(f"| {', '.join(f'`recsys {each}`' for each in command.split(', '))} | {link} |")
    for name, record in known.items():
        lines += ["", f"## {name}", "", (record.__doc__ or "").strip(), "", "| key | type | |", "|---|---|---|"]
        for key, (kind, text, required) in properties(record).items():
            lines.append(f"| `{key}`{'' if required else ' (optional)'} | {shown(kind)} | {text} |")
    return "\n".join(lines) + "\n"


def files() -> dict[Path, str]:
    """Every file with its text."""
    modules = (
        records,
        access_keys,
        links,
        row_records,
        import_records,
        links,
        maps,
        request_records,
        model_records,
        set_records,
        statistics,
        job_records,
    )
    known = {name: value for module in modules for name, value in vars(module).items() if is_typeddict(value)}
    made = {
        DOCS / "schemas" / f"{name}.json": json.dumps(full_schema(record, known), indent=2, ensure_ascii=False) + "\n"
        for name, record in known.items()
    }
    components = {name: component(object_schema(record)) for name, record in sorted(known.items())}
    openapi = json.dumps(components, indent=1, ensure_ascii=False) + "\n"
    return made | {DOCS / "json.md": page(known), ROOT / "recsys" / "web" / "records.json": openapi}


def main() -> int:
    made = files()
    if "--check" in sys.argv[1:]:
        stale = [path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
        stale += set((DOCS / "schemas").glob("*.json")) - set(made)
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not up to date; run scripts/make_schemas.py")
        return int(bool(stale))
    (DOCS / "schemas").mkdir(exist_ok=True)
    for path in set((DOCS / "schemas").glob("*.json")) - set(made):
        path.unlink()
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
