"""What is planned for a file: the genre that is chosen, the text of each field, and which fields keep theirs."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from pieces import id3, id3_frame, join

from recsys.domain.tracks import TaggableTrack
from recsys.tagging.planning import (
    FieldChange,
    FileChange,
    GenreChoice,
    PlannedFields,
    RestoredFields,
    SkippedFile,
    TagWriteOptions,
    TagWritePlan,
    choose_genre,
    find_hard_links,
    planned_changes,
    target_fields,
)

TRACK = TaggableTrack(1, "hash", ("/m/a.mp3", "/m/b.mp3"), "metal", 0.75, 120.5, "C# minor")
DEFAULT = TagWriteOptions()
FRAMES = {"genre": "TCON", "comment": "COMM", "custom": "TXXX", "bpm": "TBPM", "key": "TKEY"}


@dataclass
class Tagged:
    """A file with these texts in its ID3 tag."""

    path: Path

    def plan(
        self,
        texts: dict[str, str],
        target: dict[str, str],
        options: TagWriteOptions = DEFAULT,
        written: dict[str, list[str]] | None = None,
    ) -> tuple[list[tuple[str, str, str]], list[tuple[str, str, str]], bool]:
        """Changes, kept fields, and whether a genre of the user agrees."""
        heads = {"comment": "eng\0", "custom": "RECSYS_GENRE\0"}
        frames = [id3_frame(FRAMES[f], b"\3" + (heads.get(f, "") + text).encode()) for f, text in texts.items()]
        self.path.write_bytes(join(id3(frames)) + b"\xff\xfb\x90\x00" + bytes(400))
        planned = planned_changes(str(self.path), target, options, written or {})
        assert isinstance(planned, PlannedFields)
        changes, kept = ([(each.field, each.old, each.new) for each in part] for part in planned[:2])
        return changes, kept, planned.agrees


@pytest.fixture
def file(tmp_path: Path) -> Tagged:
    return Tagged(tmp_path / "song.mp3")


@pytest.mark.parametrize(
    ("track", "options", "labels", "choice"),
    [
        (TRACK, DEFAULT, {}, GenreChoice("metal", 0.75)),
        (TRACK, TagWriteOptions(field=None), {}, None),
        (TRACK._replace(genre=None), DEFAULT, {}, None),
        (TRACK._replace(genre=""), DEFAULT, {}, None),
        (TRACK._replace(genre="unknown"), DEFAULT, {}, None),
        (TRACK._replace(genre_probability=0.5), DEFAULT, {}, GenreChoice("metal", 0.5)),
        (TRACK._replace(genre_probability=0.499), DEFAULT, {}, None),
        (TRACK._replace(genre_probability=None), DEFAULT, {}, None),
        (TRACK._replace(genre_probability=None), TagWriteOptions(min_probability=0.0), {}, GenreChoice("metal", None)),
        (TRACK._replace(genre_probability=None), TagWriteOptions(min_probability=0.1), {}, None),
        # The label of the first path that has one is written, unless it is to be overridden.
        (TRACK, DEFAULT, {"/m/b.mp3": "Polka"}, GenreChoice("Polka", None, True)),
        (TRACK, DEFAULT, {"/m/b.mp3": "Polka", "/m/a.mp3": "Ska"}, GenreChoice("Ska", None, True)),
        (TRACK, DEFAULT, {"/m/c.mp3": "Polka"}, GenreChoice("metal", 0.75)),
        (TRACK, DEFAULT, {"/m/b.mp3": "MeTal"}, GenreChoice("metal", 0.75, False)),
        (TRACK, TagWriteOptions(override_labels=True), {"/m/b.mp3": "Polka"}, GenreChoice("metal", 0.75, True)),
        (TRACK, TagWriteOptions(field="custom"), {"/m/b.mp3": "Polka"}, GenreChoice("metal", 0.75, False)),
    ],
)  # fmt: skip
def test_genre_is_chosen_by_probability_and_label(
    track: TaggableTrack, options: TagWriteOptions, labels: dict[str, str], choice: GenreChoice | None
) -> None:
    assert choose_genre(track, options, labels) == choice


@pytest.mark.parametrize(
    ("genre", "options", "target"),
    [
        ("metal", DEFAULT, {"genre": "Metal"}),
        ("hip hop", DEFAULT, {"genre": "Hip-Hop"}),
        ("EDM", DEFAULT, {"genre": "EDM"}),
        ("Hip hop", DEFAULT, {"genre": "Hip hop"}),  # of the user's labels
        ("death metal", TagWriteOptions(field="custom"), {"custom": "Death Metal"}),
        ("metal", TagWriteOptions(field="comment"), {"comment": "[recsys: Metal 75%]"}),
        ("metal", TagWriteOptions(field=None), {}),
        (None, DEFAULT, {}),
        (None, TagWriteOptions(bpm=True), {"bpm": "120"}),
        (None, TagWriteOptions(key=True), {"key": "C#m"}),
        ("metal", TagWriteOptions(bpm=True, key=True), {"genre": "Metal", "bpm": "120", "key": "C#m"}),
    ],
)  # fmt: skip
def test_target_has_the_texts_of_the_chosen_fields(
    genre: str | None, options: TagWriteOptions, target: dict[str, str]
) -> None:
    choice = GenreChoice(genre, 0.754) if genre else None
    assert target_fields(TRACK, choice, options, {"hiphop": "Hip-Hop"}) == target


def test_major_keys_have_no_suffix_and_unknown_numbers_are_left_out() -> None:
    both = TagWriteOptions(field=None, bpm=True, key=True)
    assert target_fields(TRACK._replace(key="Eb major", bpm=None), None, both, {}) == {"key": "Eb"}
    assert target_fields(TRACK._replace(key=None, bpm=87.6), None, both, {}) == {"bpm": "88"}


@pytest.mark.parametrize(
    ("field", "old", "target", "is_equivalent"),
    [
        ("genre", "Death Metal", "metal", True),
        ("genre", "Metalcore", "metal", False),
        ("genre", "Deathmetal", "metal", False),
        ("genre", "Hip-Hop", "Hiphop", True),
        ("genre", "Hip-Hop/Rap", "hip hop", True),
        ("genre", "Metal", "Death Metal", False),
        ("genre", "Jazz; Metal", "metal", True),
        ("custom", "Death Metal", "metal", True),
        ("custom", "Jazz", "metal", False),
        ("bpm", "120", "120", True),
        ("bpm", "119.6", "120", True),
        ("bpm", "120,4", "120", True),
        ("bpm", "121", "120", False),
        ("bpm", "fast", "120", False),
        ("bpm", "inf", "120", False),
        ("key", " am ", "Am", True),
        ("key", "A", "Am", False),
        ("comment", "of 1999 [recsys: Metal 75%]", "[recsys: Metal 75%]", True),
        ("comment", "Metal", "[recsys: Metal 75%]", False),
    ],
)  # fmt: skip
def test_equivalent_text_is_not_replaced(file: Tagged, field: str, old: str, target: str, is_equivalent: bool) -> None:
    changes, kept, _ = file.plan({field: old}, {field: target}, TagWriteOptions(overwrite=True))
    shown = f"{old} {target}" if field == "comment" else old
    expected = [] if is_equivalent else [(field, old, shown if field == "comment" else target)]
    assert (changes, kept) == (expected, [])


def test_value_of_the_user_is_kept_and_one_of_recsys_is_replaced(file: Tagged) -> None:
    for field, old, new in (("genre", "Jazz", "Metal"), ("bpm", "90", "120"), ("key", "C", "Am")):
        change = [(field, old, new)]
        assert file.plan({field: old}, {field: new}) == ([], change, False)
        assert file.plan({field: old}, {field: new}, TagWriteOptions(overwrite=True)) == (change, [], False)
        assert file.plan({field: old}, {field: new}, written={field: [old]}) == (change, [], False)
        assert file.plan({field: old}, {field: new}, written={field: [new]}) == ([], change, False)
        assert file.plan({}, {field: new}) == ([(field, "", new)], [], False)
    assert file.plan({"custom": "Jazz"}, {"custom": "Metal"}) == ([("custom", "Jazz", "Metal")], [], False)


def test_fields_that_have_a_text_are_kept_if_only_empty_ones_are_written(file: Tagged) -> None:
    only_empty = TagWriteOptions(skip_non_empty=True, overwrite=True)
    old, new = {"custom": "Jazz", "comment": "mine", "bpm": "90"}, {"custom": "Metal", "comment": "x", "bpm": "120"}
    expected = [("custom", "Jazz", "Metal"), ("comment", "mine", "x"), ("bpm", "90", "120")]
    assert file.plan(old, new, only_empty) == ([], expected, False)
    assert file.plan({}, {"custom": "Metal"}, only_empty) == ([("custom", "", "Metal")], [], False)
    assert file.plan(old, {"key": "Am", **new}, only_empty) == ([("key", "", "Am")], expected, False)


def test_agreement_is_that_of_a_genre_which_recsys_has_not_written(file: Tagged) -> None:
    assert file.plan({"genre": "Metal"}, {"genre": "Metal"}) == ([], [], True)
    assert file.plan({"genre": "Metal"}, {"genre": "Metal"}, written={"genre": ["Metal"]}) == ([], [], False)
    assert file.plan({"bpm": "120"}, {"bpm": "120"}) == ([], [], False)
    assert file.plan({"custom": "Metal"}, {"custom": "Metal"}) == ([], [], False)
    # Fields that follow do not change it, and are planned as well.
    both = {"genre": "Metal", "key": "C"}
    assert file.plan(both, {"genre": "Metal", "key": "Am"}) == ([], [("key", "C", "Am")], True)


def test_texts_of_spaces_and_a_tempo_of_zero_count_as_empty(file: Tagged) -> None:
    assert file.plan({"key": "  "}, {"key": "Am"}) == ([("key", "", "Am")], [], False)
    for zero in ("0", "0.2", "0,0"):
        assert file.plan({"bpm": zero}, {"bpm": "120"}) == ([("bpm", "", "120")], [], False)
    assert file.plan({"bpm": "1"}, {"bpm": "120"}) == ([], [("bpm", "1", "120")], False)
    assert file.plan({"key": "0"}, {"key": "Am"}) == ([], [("key", "0", "Am")], False)


def test_several_texts_are_shown_and_compared_as_one(file: Tagged) -> None:
    two = {"genre": "Jazz\0Swing"}
    assert file.plan(two, {"genre": "Metal"}) == ([], [("genre", "Jazz; Swing", "Metal")], False)
    own = {"genre": ["Jazz; Swing"]}
    assert file.plan(two, {"genre": "Metal"}, written=own) == ([("genre", "Jazz; Swing", "Metal")], [], False)
    assert file.plan(two, {"genre": "Swing"}) == ([], [], True)


def test_former_text_of_recsys_in_a_comment_is_replaced_and_the_rest_stays(file: Tagged) -> None:
    new = "[recsys: Metal 75%]"
    for old, comment in (
        ("", new),
        ("from Oma", f"from Oma {new}"),
        ("from Oma [recsys: Jazz 20%]", f"from Oma {new}"),
        ("[recsys: Jazz 20%] end", f"end {new}"),
        ("[recsys: Jazz 20%]", new),
    ):
        assert file.plan({"comment": old}, {"comment": new}) == ([("comment", old, comment)], [], False)


def test_file_whose_tags_cannot_be_read_is_skipped(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.mp3")
    assert planned_changes(gone, {"genre": "Metal"}, DEFAULT) == SkippedFile(gone, "it does not exist any more")


def test_names_of_a_file_that_are_not_planned_are_hard_links(tmp_path: Path) -> None:
    one, two, three, alone = (tmp_path / name for name in ("one", "two", "three", "alone"))
    for path in (one, alone):
        path.write_bytes(b"x")
    os.link(one, two)
    os.link(one, three)
    every = [str(path) for path in (one, two, three, alone, tmp_path / "gone")]
    assert find_hard_links(every) == ()
    assert find_hard_links([every[0], every[3], every[4], every[2]]) == (every[0], every[2])
    assert find_hard_links([]) == ()


def test_records_have_these_values() -> None:
    one = FileChange("/m/a/one.mp3", "h1", (FieldChange("genre", "Jazz", "Metal"),), 0.75)
    two, three = one._replace(path="/m/a/two.mp3"), one._replace(path="/m/b/three.mp3", probability=None)
    plan = TagWritePlan((one, two), (SkippedFile("/m/x", "why"),), 1, 2, 3, 4, (three,), 5, ("/m/a/one.mp3",))
    change = {"field": "genre", "old": "Jazz", "new": "Metal"}
    assert plan.to_dict() == {
        "files": [
            {"path": "/m/a/one.mp3", "probability": 0.75, "changes": [change]},
            {"path": "/m/a/two.mp3", "probability": 0.75, "changes": [change]},
        ],
        "folders": 1,
        "kept": [{"path": "/m/b/three.mp3", "probability": None, "changes": [change]}],
        "unchanged": 1, "kept_existing": 3, "agreeing": 5, "label_conflicts": 4, "below_threshold": 2,
        "hard_links": ["/m/a/one.mp3"], "skipped": [{"path": "/m/x", "reason": "why"}],
    }  # fmt: skip
    assert plan._replace(changes=(one, three)).folders == 2
    assert RestoredFields("/m/x", "why").to_dict() == {"path": "/m/x", "reason": "why"}
    nothing = TagWritePlan((), (), 0, 0).to_dict()
    assert {name: value for name, value in nothing.items() if value} == {}
    assert TagWriteOptions() == ("genre", False, False, False, 0.5, False, False)
