"""XSPF, validated against its schema and read by lxml, and read by xspf-lib."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import fromstring

import pytest
from format_contract import FOLDER, MBID, FormatContract, Found, path_of_uri
from lxml import etree
from synthetic_library import make_track
from xspf_lib import Playlist as XspfPlaylist

from recsys.domain.requests import PathOptions
from recsys.domain.results import Playlist
from recsys.domain.tracks import Track
from recsys.export.locations import locations
from recsys.export.xspf import format_xspf

DATA = Path(__file__).parents[1] / "data"
SCHEMA = etree.RelaxNG(etree.parse(DATA / "xspf-1.rng"))
NAMESPACE = {"x": "http://xspf.org/ns/0/"}


def document(data: bytes) -> Any:
    root = etree.fromstring(data)
    SCHEMA.assertValid(root)
    return root


class TestXspf(FormatContract):
    name = "xspf"

    def read(self, data: bytes, folder: str) -> list[Found]:
        found, uris = [], []
        for track in document(data).iterfind("x:trackList/x:track", NAMESPACE):
            assert track[0].tag == "{http://xspf.org/ns/0/}location"
            uris.append(track[0].text)
            found.append(Found(path_of_uri(track[0].text, folder), track.findtext("x:title", namespaces=NAMESPACE)))
        second = XspfPlaylist.parse_from_xml_element(fromstring(data))
        assert [[str(uri) for uri in track.location] for track in second] == [[unquote(uri)] for uri in uris]
        assert [track.title for track in second] == [each.title for each in found]
        return found

    def expected_title(self, track: Track) -> str:
        return "".join(c if is_xml(ord(c)) else "\ufffd" for c in track.title)


def is_xml(code: int) -> bool:
    """The production Char of XML 1.0, section 2.2."""
    ranges = ((0x9, 0xA), (0xD, 0xD), (0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))
    return any(low <= code <= high for low, high in ranges)


def test_complete_track_has_every_element() -> None:
    joga = make_track(
        1, path="/music/Björk/05 Jóga.mp3", artist="Björk", title="Jóga <live> & loud", album="Homogenic",
        track_number=2, duration=304.6, musicbrainz_recording=MBID,
    )  # fmt: skip
    text = format_xspf(Playlist("Rock & Pop", (joga,)), locations([joga.path], PathOptions(), FOLDER)).decode("utf-8")
    assert text == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<playlist version="1" xmlns="http://xspf.org/ns/0/">\n'
        "  <title>Rock &amp; Pop</title>\n"
        "  <creator>recsys</creator>\n"
        "  <trackList>\n"
        "    <track>\n"
        "      <location>../Bj%C3%B6rk/05%20J%C3%B3ga.mp3</location>\n"
        "      <identifier>https://musicbrainz.org/recording/4a77a078-e91a-4522-a409-3b58aa7de3ae</identifier>\n"
        "      <title>Jóga &lt;live&gt; &amp; loud</title>\n"
        "      <creator>Björk</creator>\n"
        "      <album>Homogenic</album>\n"
        "      <trackNum>2</trackNum>\n"
        "      <duration>304600</duration>\n"
        "    </track>\n"
        "  </trackList>\n"
        "</playlist>\n"
    )


def test_bare_track_has_location_and_title() -> None:
    bare = make_track(1, artist=None, duration=0.0, track_number=0)
    track = document(format_xspf(Playlist("p", (bare,)), locations([bare.path], PathOptions(), None)))[2][0]
    assert [etree.QName(each).localname for each in track] == ["location", "title"]
    assert track[0].text == "file:///music/1.mp3"


@pytest.mark.parametrize(
    "broken", ["<location>a b</location>", "<duration>1.5</duration>", "<titel/>", "<title/><title/>"]
)
def test_schema_refuses_invalid_elements(broken: str) -> None:
    text = '<playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList><track>{}</track></trackList></playlist>'
    document(text.format("<location>a%20b</location>").encode())
    with pytest.raises(etree.DocumentInvalid):
        document(text.format(broken).encode())
