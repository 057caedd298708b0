"""Covers: of every container that has them, in folders, as thumbnails, and what is no cover."""

import base64
import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import mutagen
import pytest
from media_library import store_files
from mutagen import apev2, asf, flac, id3, mp4
from PIL import Image
from signals import tone, write_audio

import recsys
from recsys.app.media_cache import MediaCache
from recsys.artwork.thumbnails import MAX_PIXELS, is_picture, thumbnail
from recsys.errors import NotFound

RED, BLUE = (220, 20, 40), (10, 40, 220)


def picture(colour: tuple[int, ...] = RED, kind: str = "JPEG", size: tuple[int, int] = (400, 400)) -> bytes:
    output = io.BytesIO()
    Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour).save(output, kind)
    return output.getvalue()


def colour_of(data: bytes) -> tuple[int, ...]:
    pixel = Image.open(io.BytesIO(data)).convert("RGB").getpixel((5, 5))
    assert isinstance(pixel, tuple)
    return tuple(int(value) for value in pixel)


def is_near(data: bytes, colour: tuple[int, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(colour_of(data), colour, strict=True)) < 12


def embed(path: Path, front: bytes, back: bytes = b"") -> None:
    """Write pictures into a file, the back cover first."""
    pictures = [(4, back)] * bool(back) + [(3, front)]
    if path.suffix in (".aac", ".mp3"):
        file = tags = id3.ID3()
    else:
        file = mutagen.File(path)
        if file.tags is None:
            file.add_tags()
        tags = file.tags
    for kind, data in pictures:
        block = flac.Picture()
        block.type, block.data, block.mime = kind, data, "image/jpeg"
        match path.suffix:
            case ".flac":
                file.add_picture(block)
            case ".ogg" | ".opus" | ".oga":
                encoded = base64.b64encode(block.write()).decode()
                file["metadata_block_picture"] = [*file.get("metadata_block_picture", []), encoded]
            case ".m4a":
                file["covr"] = [mp4.MP4Cover(data)]
            case ".wma":
                head = struct.pack("<BI", kind, len(data)) + "image/jpeg\0\0".encode("utf-16-le")
                value = asf.ASFByteArrayAttribute(head + data)
                file["WM/Picture"] = [*file.get("WM/Picture", []), value]
            case ".wv" | ".ape":
                name = "Cover Art (Front)" if kind == 3 else "Cover Art (Back)"
                tags[name] = apev2.APEValue(b"cover.jpg\0" + data, apev2.BINARY)
            case _:
                frame = id3.APIC(encoding=3, mime="image/jpeg", type=kind, desc=str(kind), data=data)
                tags.add(frame)
    file.save(path)


@pytest.fixture
def song(tmp_path: Path) -> Path:
    folder = tmp_path / "music" / "album"
    folder.mkdir(parents=True)
    return write_audio(folder / "a.flac", tone(440, 0.5))


@pytest.fixture
def library(song: Path, tmp_path: Path) -> recsys.Library:
    store_files(tmp_path / "home", tmp_path / "music", [song])
    return recsys.Library(tmp_path / "home")


@pytest.mark.parametrize(
    "name",
    [
        "a.mp3",
        "a.flac",
        "a.ogg",
        "a.opus",
        "a.m4a",
        "a.wma",
        "a.wv",
        "a.aiff",
        "a.wav",
        "a.tta",
        "a.aac",
        "oggflac.oga",
    ],
)
def test_the_embedded_front_cover_is_found(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_audio(path, tone(440, 0.5, 24000), 24000, "oggflac" if name == "oggflac.oga" else None)
    front, back = picture(RED), picture(BLUE)
    embed(path, front, b"" if name.endswith(".m4a") else back)
    store_files(tmp_path / "home", tmp_path, [path])
    with recsys.Library(tmp_path / "home") as library:
        assert library.media.cover(1).data == front
        assert is_near(library.media.cover(1, 64).data, RED)


@pytest.mark.parametrize("name", ["cover.jpg", "Folder.JPEG", "FRONT.Png", "album.webp", "Cover.gif"])
def test_the_cover_of_the_folder_is_found(library: recsys.Library, song: Path, name: str) -> None:
    kind = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".gif": "GIF"}[Path(name).suffix.lower()]
    (song.parent / name).write_bytes(picture(RED, kind))
    found = library.media.cover(1)
    assert (found.data, found.media_type) == (picture(RED, kind), f"image/{kind.lower()}")


def test_an_embedded_cover_comes_before_that_of_the_folder(library: recsys.Library, song: Path) -> None:
    (song.parent / "cover.jpg").write_bytes(picture(BLUE))
    assert is_near(library.media.cover(1, 64).data, BLUE)
    embed(song, picture(RED))
    assert is_near(library.media.cover(1, 64).data, RED)


@pytest.mark.parametrize("disc", ["CD1", "Disc 2", "disk_03 (live)"])
def test_a_disc_has_the_cover_of_the_folder_above(tmp_path: Path, disc: str) -> None:
    (tmp_path / "music" / disc).mkdir(parents=True)
    song = write_audio(tmp_path / "music" / disc / "a.wav", tone(440, 0.5))
    (tmp_path / "music" / "cover.jpg").write_bytes(picture(RED))
    store_files(tmp_path / "home", tmp_path / "music", [song])
    with recsys.Library(tmp_path / "home") as library:
        assert is_near(library.media.cover(1, 64).data, RED)


def test_the_folder_above_an_album_has_another_cover(library: recsys.Library, song: Path) -> None:
    (song.parent.parent / "cover.jpg").write_bytes(picture(RED))
    with pytest.raises(NotFound, match="track 1 has no cover"):
        library.media.cover(1)


@pytest.mark.parametrize(
    ("size", "expected"), [(1, 64), (64, 64), (65, 160), (300, 300), (301, 400), (1200, 400), (9000, 400)]
)
def test_a_thumbnail_is_large_enough_and_no_larger_than_the_picture(
    library: recsys.Library, song: Path, size: int, expected: int
) -> None:
    (song.parent / "cover.png").write_bytes(picture(RED, "PNG", (400, 200)))
    found = library.media.cover(1, size)
    assert Image.open(io.BytesIO(found.data)).size == (expected, expected // 2)
    assert found.media_type == ("image/png" if size > 1200 else "image/jpeg")


def test_a_thumbnail_is_made_once_for_each_state_of_a_file(
    library: recsys.Library, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def counted(data: bytes, size: int) -> bytes | None:
        made.append(size)
        return thumbnail(data, size)

    monkeypatch.setattr("recsys.app.covers.thumbnail", counted)
    cover = song.parent / "cover.jpg"
    cover.write_bytes(picture(RED))
    os.utime(cover, ns=(1, 1))
    assert library.media.cover(1, 60) == library.media.cover(1, 64)
    assert made == [64]
    cover.write_bytes(picture(BLUE))
    assert is_near(library.media.cover(1, 64).data, BLUE)
    assert made == [64, 64]


def test_a_folder_that_cannot_be_written_is_no_error(library: recsys.Library, song: Path) -> None:
    (library.settings.home / "covers").write_text("in the way")
    (song.parent / "cover.jpg").write_bytes(picture(RED))
    assert is_near(library.media.cover(1, 64).data, RED)


def test_a_damaged_thumbnail_in_the_cache_is_made_again(library: recsys.Library, song: Path) -> None:
    (song.parent / "cover.jpg").write_bytes(picture(RED))
    first = library.media.cover(1, 64)
    [stored] = [path for path in (library.settings.home / "covers").rglob("*") if path.is_file()]
    stored.write_bytes(b"")
    assert library.media.cover(1, 64) == first


def test_the_cache_is_bounded_and_keeps_what_was_used_last(tmp_path: Path) -> None:
    cache = MediaCache(tmp_path, 256 * 1000)
    files = []
    for number in range(3000):
        cache.get(str(number), lambda: bytes(400))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 256 * 1000
    assert len(files) > 256
    assert cache.get("2999", lambda: None) == bytes(400)


def test_an_album_has_the_cover_of_its_first_track_with_one(tmp_path: Path) -> None:
    songs = []
    (tmp_path / "music").mkdir()
    for number in (1, 2, 3):
        path = write_audio(tmp_path / "music" / f"{number}.flac", tone(200 * number, 0.5))
        tags = flac.FLAC(path)
        tags.update(title=str(number), album="An Album", artist="An Artist", tracknumber=str(number))
        tags.save()
        songs.append(path)
    embed(songs[1], picture(RED))
    embed(songs[2], picture(BLUE))
    store_files(tmp_path / "home", tmp_path / "music", songs)
    with recsys.Library(tmp_path / "home") as library:
        [album] = library.albums()
        assert library.media.album_cover(album.id).data == picture(RED)
        with pytest.raises(NotFound):
            library.media.album_cover(99)


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def png_of(width: int, height: int) -> bytes:
    """A small file whose header announces a picture of any size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def webp_of(width: int, height: int) -> bytes:
    body = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + (width - 1).to_bytes(3, "little")
    body += (height - 1).to_bytes(3, "little") + b"ANIM" + struct.pack("<IIH", 6, 0, 0)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


NO_PICTURES: dict[str, Callable[[], bytes]] = {
    "text": lambda: b"root:x:0:0:root:/root:/bin/bash\n",
    "svg": lambda: SVG,
    "html": lambda: b"<html><script>alert(1)</script></html>",
    "empty": lambda: b"",
    "png bomb": lambda: png_of(60_000, 60_000),
    "wide png": lambda: png_of(MAX_PIXELS + 1, 1),
    "webp bomb": lambda: webp_of(16_000_000, 16_000_000),
    "jpeg without a picture": lambda: b"\xff\xd8\xff\xe0" + bytes(100),
    "pdf": lambda: b"%PDF-1.7\n",
    "gif without a picture": lambda: b"GIF89a" + bytes(7),
}


@pytest.mark.parametrize("name", list(NO_PICTURES))
@pytest.mark.parametrize("size", [None, 64])
def test_what_is_no_picture_is_no_cover(library: recsys.Library, song: Path, name: str, size: int | None) -> None:
    cover = song.parent / "cover.jpg"
    cover.write_bytes(NO_PICTURES[name]())
    with pytest.raises(NotFound, match="no cover"):
        library.media.cover(1, size)
    (song.parent / "folder.jpg").write_bytes(picture(RED))
    assert is_near(library.media.cover(1, size).data, RED)


def test_an_embedded_svg_is_no_cover(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.mp3", tone(440, 0.5))
    embed(path, SVG)
    store_files(tmp_path / "home", tmp_path, [path])
    with recsys.Library(tmp_path / "home") as library, pytest.raises(NotFound):
        library.media.cover(1)


def test_what_is_sent_has_the_type_of_its_bytes(library: recsys.Library, song: Path) -> None:
    (song.parent / "cover.jpg").write_bytes(picture(RED, "PNG"))
    assert library.media.cover(1).media_type == "image/png"


@pytest.mark.parametrize("target", ["outside.jpg", "/etc/passwd"])
def test_a_cover_that_is_a_link_out_of_the_folder_is_refused(
    library: recsys.Library, song: Path, tmp_path: Path, target: str
) -> None:
    (tmp_path / "outside.jpg").write_bytes(picture(RED))
    (song.parent / "cover.jpg").symlink_to(tmp_path / target)
    with pytest.raises(NotFound):
        library.media.cover(1)


def test_transparent_pictures_become_white_and_turned_ones_upright() -> None:
    small = thumbnail(picture((0, 0, 0, 0), "PNG"), 64)
    assert small is not None
    assert is_near(small, (255, 255, 255))
    output = io.BytesIO()
    turned = Image.new("RGB", (400, 200), RED)
    turned.save(output, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0")
    upright = thumbnail(output.getvalue(), 64)
    assert upright is not None
    assert Image.open(io.BytesIO(upright)).size == (32, 64)


@pytest.mark.parametrize("cut", [3, 20, 100, 200])
def test_cut_pictures_raise_nothing(cut: int) -> None:
    for kind in ("JPEG", "PNG", "WEBP", "GIF"):
        data = picture(RED, kind)[:cut]
        assert is_picture(data) in (True, False)
        thumbnail(data, 64)
