"""Answers in XML and JSON have any text, as the protocol writes it."""

from json import loads
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from subsonic_calls import SubsonicCalls
from synthetic_library import make_library, make_song

from recsys.web.subsonic.answers import ElementText, to_xml, without_none


def parsed(fields: dict[str, Any]) -> ElementTree.Element:
    return ElementTree.fromstring(to_xml(fields).replace(b' xmlns="http://subsonic.org/restapi"', b""))


@given(st.text(max_size=20))
def test_xml_has_any_text_but_what_it_cannot_have(text: str) -> None:
    root = parsed({"a": text, "list": [text], "one": ElementText(text), "record": {"value": text, "b": text}})
    kept = "".join(
        c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )
    assert root.attrib == {"a": kept}
    assert [(each.tag, each.text or "", each.attrib) for each in root] == [
        ("list", kept, {}), ("one", kept, {}), ("record", kept, {"b": kept}),
    ]  # fmt: skip


def test_values_of_xml() -> None:
    root = parsed(
        {"yes": True, "n": 2, "x": 0.5, "none": None, "empty": [], "record": {}, "nested": {"each": [{"i": 1}, {}]}}
    )
    assert root.attrib == {"yes": "true", "n": "2", "x": "0.5"}
    assert [each.tag for each in root.iter()] == ["subsonic-response", "record", "nested", "each", "each"]


def test_records_without_values() -> None:
    assert without_none({"a": None, "b": [{"c": None}], "d": {"e": (1, None)}}) == {"b": [{}], "d": {"e": [1, None]}}


def test_a_path_that_is_no_text_is_readable_in_both_formats(tmp_path: Path) -> None:
    make_library(tmp_path, [make_song("jazz", 1, "/music/caf\udce9", title="Café & <“Bar”>")])
    calls = SubsonicCalls(tmp_path)
    song = calls.get("getSong", id="tr-1")["song"]
    assert song["title"] == "Café & <“Bar”>"
    assert song["path"] == loads(f'"{song["path"]}"') == "music/caf?/jazz/01.mp3"
    as_xml = calls.xml("getSong", id="tr-1").find("song")
    assert as_xml is not None
    assert (as_xml.get("title"), as_xml.get("path")) == ("Café & <“Bar”>", "music/caf/jazz/01.mp3")


def test_players_of_an_older_protocol_get_no_elements_that_it_does_not_have(tmp_path: Path) -> None:
    make_library(tmp_path, [make_song("jazz", 1, "/music", title="Blue", artist="Ann", album="Sky", genre="Jazz")])
    calls = SubsonicCalls(tmp_path)
    for call, parameters, expected in (
        ("getAlbum", {"id": "al-1"}, {"subsonic-response", "album", "song"}),
        ("search3", {"query": ""}, {"subsonic-response", "searchResult3", "artist", "album", "song"}),
        ("getArtists", {}, {"subsonic-response", "artists", "index", "artist"}),
        ("getGenres", {}, {"subsonic-response", "genres", "genre"}),
    ):
        old = calls.xml(call, v="1.8.0", **parameters)
        assert {each.tag for each in old.iter()} == expected
        new = calls.xml(call, v="1.16.1", **parameters)
        assert [each.attrib for each in new.iter() if each.tag in ("song", "album", "artist") and "title" in each.attrib
                ] == [each.attrib for each in old.iter() if "title" in each.attrib]  # fmt: skip
    assert {"genres", "artists", "albumArtists"} < {each.tag for each in calls.xml("getAlbum", id="al-1").iter()}
