"""Random tag blocks, and the fields that are written into them."""

import hypothesis.strategies as st
from pieces import Kept, Of, Pieces, ape, comments, enhanced, id3, id3_frame, id3v1, lyrics3v1, lyrics3v2

PICTURE = bytes(range(256)) * 3 + b"\xff\x00\xff\xe0\xff" * 40
texts = st.sampled_from(["Blues", "Röck", "Electronic – Ambient", "x" * 300])
targets = st.fixed_dictionaries({"genre": texts}, optional={
    "comment": texts, "custom": texts, "bpm": st.sampled_from(["120", "87"]), "key": st.sampled_from(["Am", "C#"]),
})  # fmt: skip
maybe = st.booleans()


@st.composite
def id3_tags(draw: st.DrawFn) -> Pieces:
    version = draw(st.sampled_from([2, 3, 4]))
    names = {2: ("TT2", "TCO", "COM", "TXX", "PIC", "XYZ"), 3: ("TIT2", "TCON", "COMM", "TXXX", "APIC", "XYZW")}
    title, genre, comment, custom, picture, unknown = names[min(version, 3)]
    compressed = {2: 0, 3: 0x0080, 4: 0x0009}[version]
    encrypted = {2: 0, 3: 0x0040, 4: 0x0004}[version]
    frames: list[bytes] = []

    def frame(id: str, content: bytes, flags: int = 0, field: str = "") -> bytes:
        data = id3_frame(id, content, version, flags)
        return Of(field, data) if field else Kept(data)

    choices = {
        "title": frame(title, b"\x01\xff\xfeT\0i\0t\0l\0e\0"),
        "genre": frame(genre, b"\0(17)", field="genre"),
        "second genre": frame(genre, b"\0Jazz", field="genre"),
        "comment": frame(comment, b"\0deu\0ein Kommentar", field="comment"),
        "described comment": frame(comment, b"\0engiTunNORM\0 0000"),
        "other text": frame(custom, b"\0MusicBrainz Album Id\0" + b"2" * 36),
        "picture": frame(picture, b"\0PNG\3\0" + PICTURE if version == 2 else b"\0image/png\0\3\0" + PICTURE),
        "unknown": frame(unknown, b"\xff\xff\x00\xe0 anything"),
        "compressed": frame(title, b"\0\0\0\5x\x9c\x4b\x04\x00\x00\x62\x00\x62", compressed),
        "encrypted": frame(unknown, b"\x80secret", encrypted),
        "empty": frame(unknown, b""),
    }
    for name in draw(st.permutations(sorted(choices))):
        if draw(maybe):
            frames.append(choices[name])
    unsynchronised, crc = draw(maybe), draw(maybe) and version > 2
    footer = draw(maybe) and version == 4
    padding = 0 if footer else draw(st.sampled_from([0, 1, 9, 400]))
    return id3(frames, version, padding=padding, unsynchronised=unsynchronised, crc=crc, footer=footer)


@st.composite
def ape_tags(draw: st.DrawFn) -> Pieces:
    items: list[tuple[str, str | bytes]] = [
        ("Title", "APE title"), ("ARTIST", "Ärtist"), ("genre", "Jazz\0Swing"), ("Comment", "one"),
        ("Cover Art (Front)", b"front.png\0" + PICTURE), ("REPLAYGAIN_TRACK_GAIN", "-3 dB"),
    ]  # fmt: skip
    chosen = [item for item in draw(st.permutations(items)) if draw(maybe)]
    return ape(chosen, header=draw(maybe))


@st.composite
def trailing(draw: st.DrawFn) -> list[Pieces]:
    blocks: list[Pieces] = [
        draw(ape_tags()), [lyrics3v1("la la")], [lyrics3v2("lo lo")], [id3v1(track=draw(st.sampled_from([None, 7])))],
        [enhanced(), id3v1()], [Kept(b"junk at the end")],
    ]  # fmt: skip
    return [block for block in draw(st.permutations(blocks)) if draw(maybe)]


def joined(blocks: list[Pieces]) -> Pieces:
    return [piece for block in blocks for piece in block]


@st.composite
def comment_lists(draw: st.DrawFn, rest: bytes = b"") -> Pieces:
    lines = [
        "TITLE=A title", "Genre=Jazz", "genre=Swing", "COMMENT=one", "comment=two", "ARTIST=ärtist", "BPM=90",
        "METADATA_BLOCK_PICTURE=" + "QUJD" * 20_000, "no equals sign", "=no key", "x" * 600,
    ]  # fmt: skip
    return comments([line for line in draw(st.permutations(lines)) if draw(maybe)], rest=rest)
