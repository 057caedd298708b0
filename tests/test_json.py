"""What ``--json`` prints is what docs/json.md and its schemas promise."""

import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from signals import music, write_audio, write_tags
from synthetic_library import KINDS, all_kinds, make_library, make_song, unit

import recsys
from recsys.cli.main import main

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

import make_schemas  # noqa: E402

COMMANDS: dict[str, tuple[str, ...]] = {
    "[TrackRecord]": ("tracks", "--describe", "--limit", "3"),
    "[TrackRecord] similar": ("similar", "1", "-n", "3", "--explain"),
    "[TrackRecord] like": ("like", "2"),
    "[TrackRecord] dislike": ("dislike", "8"),
    "[TrackRecord] forget": ("forget", "8"),
    "[TrackRecord] rate": ("rate", "8", "3"),
    "[TrackRecord] played": ("played", "1", "--skipped"),
    "[AlbumRecord] like": ("like", "--album", "album of metal"),
    "[ArtistRecord] rate": ("rate", "--artist", "artist 3", "4"),
    "[RatedAlbumRecord]": ("likes", "--albums"),
    "[RatedArtistRecord]": ("likes", "--artists"),
    "[ListenerRecord]": ("listeners",),
    "AccessKeyRecord": ("keys", "add", "phone"),
    "[AccessKeyRecord]": ("keys",),
    "AccessKeyRecord revoke": ("keys", "revoke", "phone"),
    "TrackDetailsRecord": ("show", "1"),
    "PlaylistRecord path": ("path", "1", "8", "-n", "30"),
    "PlaylistRecord": ("playlist", "--from", "1", "-n", "60", "--quota", "folk=50%"),
    "PlaylistRecord save": ("playlist", "save", "Run", "--from", "1", "-n", "3", "--quota", "jazz=2", "-o", "Run.m3u8"),
    "[SavedPlaylistRecord]": ("playlist", "saved"),
    "PlaylistRecord extend": ("playlist", "extend", "Run.m3u8", "-n", "2"),
    "PlaylistRecord insert": ("playlist", "insert", "Run.m3u8", "-n", "1"),
    "[RatedTrackRecord]": ("likes",),
    "ImportRecord": ("likes", "import", "Run.m3u8", "--dry-run"),
    "[ArtistRecord]": ("artists",),
    "[AlbumRecord]": ("albums",),
    "StatisticsRecord": ("stats",),
    "[SimilarArtistRecord]": ("artists", "--like", "artist 1"),
    "[SimilarAlbumRecord]": ("albums", "--like", "album of metal"),
    "[DuplicateGroupRecord]": ("duplicates",),
    "[FailureRecord]": ("failures",),
    "PruneRecord": ("prune", "--dry-run", "--force"),
    "[CheckRecord]": ("doctor",),
    "TrainingRecord": ("genre", "train", "mine", "--labels", "labels.csv", "--algorithm", "logistic"),
    "[GenreModelRecord]": ("genre", "models"),
    "GenreScorecardRecord": ("genre", "evaluate", "mine"),
    "[LabelIssueRecord]": ("genre", "suspects", "mine"),
    "[ClassificationRecord]": ("classify", "music/tone.wav", "--segments"),
    "IngestSummaryRecord": ("ingest", "music"),
    "TagPlanRecord": ("genre", "tag", "tone", "--write", "--min-probability", "0", "--bpm"),
    "[TagRunRecord]": ("genre", "undo", "--list"),
    "UndoRecord": ("genre", "undo"),
    "ScorecardRecord": ("evaluate", "--labels", "labels.csv"),
}
"""By the record, in this order; words after it tell commands of one record apart."""


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "docs" / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The JSON of each command, run one after the other on a library of synthetic tracks."""
    folder = tmp_path_factory.mktemp("json")
    home = folder / "home"
    home.mkdir()
    copies = [make_song("techno", 31, folder, performance=1, artist="zz") for folder in ("/copies", "/originals")]
    make_library(home, [*all_kinds(each=8), *(make_song("jazz", n, "/long") for n in (100, 101)), *copies])
    (folder / "music").mkdir()
    write_tags(write_audio(folder / "music" / "tone.flac", music(8.0)), title="tone", artist="somebody")
    write_audio(folder / "music" / "tone.wav", music(8.0, seed=1))
    (folder / "music" / "broken.mp3").write_bytes(b"no audio at all")
    with recsys.Library(home) as library:
        rows = [f"{track.path},{KINDS[i // 8]}" for i, track in enumerate(list(library.tracks())[:32])]
    (folder / "labels.csv").write_text("\n".join(["path,genre", *rows]), encoding="utf-8")
    found: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
        for record, words in COMMANDS.items():
            found[record] = _printed(["--home", str(home), "--quiet", *words, "--json"])
    return found


def _printed(arguments: list[str]) -> Any:
    from contextlib import redirect_stderr, redirect_stdout
    from io import StringIO

    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code in (0, 4), (arguments, err.getvalue())
    return json.loads(out.getvalue())


@pytest.mark.parametrize("record", COMMANDS)
def test_json_of_a_command_matches_its_schema(record: str, outputs: dict[str, Any]) -> None:
    name, printed = record.split()[0], outputs[record]
    rows = printed if name.startswith("[") else [printed]
    assert isinstance(rows, list)
    if name not in ("[FailureRecord]", "[LabelIssueRecord]"):
        assert rows, f"{record} prints nothing that could be checked"
    validator = jsonschema.Draft202012Validator(schema(name.strip("[]")))
    for row in rows:
        validator.validate(row)


def test_export_of_neighbours_matches_its_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.recommend.index_update.similarity_vectors", unit)
    make_library(tmp_path, all_kinds(each=2))
    with recsys.Library(tmp_path) as library:
        assert library.write_neighbours(tmp_path / "neighbours.jsonl", n=3) == 8
        records = [found.to_dict() for found in library.neighbours(n=3)]
    lines = (tmp_path / "neighbours.jsonl").read_text(encoding="ascii").splitlines()
    assert lines == [json.dumps(record) for record in records]
    for record in records:
        jsonschema.validate(record, schema("NeighboursRecord"))


def test_errors_match_their_schema() -> None:
    errors = (
        recsys.errors.InvalidRequest("must be at least 1", field="n", value=0),
        recsys.errors.AmbiguousTrack("two tracks match", ["1", "2"]),
        recsys.errors.ModelError("outdated", hint=recsys.errors.Hint.TRAIN_GENRE_MODEL, hint_values={"name": "mine"}),
    )
    for error in errors:
        jsonschema.validate(error.to_dict(), schema("ErrorRecord"))


def test_schemas_and_page_are_up_to_date() -> None:
    for path, text in make_schemas.files().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run scripts/make_schemas.py"
    assert set((ROOT / "docs" / "schemas").glob("*.json")) <= set(make_schemas.files())


def test_records_and_commands_of_the_page_are_the_same() -> None:
    documented = {name for what in make_schemas.COMMANDS.values() for name in what.split() if name.endswith("Record")}
    checked = {record.split()[0].strip("[]") for record in COMMANDS}
    of_servers = {"LinkRecord", "LinkReportRecord", "PushRecord", "ServerTrackRecord"}  # tests/cli/test_cli_links.py
    assert documented == checked | {"NeighboursRecord"} | of_servers


def test_a_wrong_record_fails() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"code": "x", "message": "y", "field": 3, "hint": None}, schema("ErrorRecord"))
