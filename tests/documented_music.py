"""The small library that the commands of the documentation run on: the tracks, files and exports that they name.

Three folders of eight synthetic tracks by four artists each. A genre model trained on the folders predicts their names.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

import mutagen.flac
import numpy as np
import soundfile

SR = 22050
SECONDS = 7
PER_FOLDER = 8


class Song(NamedTuple):
    """Tags of a file; its folder is its genre."""

    folder: str
    artist: str
    title: str
    album: str
    year: int


NAMED = (
    Song("electronic", "Kenji Williams", "Free Energy", "Faces of Epiphany", 2003),
    Song("electronic", "AntiGuru", "Blue Line", "Fall Submissions", 2003),
    Song("electronic", "Solar Cycle", "Frequencies", "Sunlight", 2005),
    Song("classical", "Altri Stromenti", "La Maltese (Mauritio Cazzati)", "Italian Music of the 17th Century", 2007),
    Song("classical", "Altri Stromenti", "Gagliard Seconda", "Italian Music of the 17th Century", 2007),
    Song("rock", "Burnshee Thornside", "Happy Blues", "Rock this moon", 2008),
)
ARTISTS = {
    "electronic": ("Kenji Williams", "Solar Cycle", "DJ Markitos", "Mantic"),
    "classical": ("Altri Stromenti", "SCD", "American Baroque", "Voices of Music"),
    "rock": ("Burnshee Thornside", "Arthur Yoria", "hands upon black earth", "Self Delusion"),
}


def songs() -> list[Song]:
    """The named songs, and as many others as make each folder complete."""
    found = list(NAMED)
    for folder, artists in ARTISTS.items():
        first = sum(song.folder == folder for song in NAMED)
        found += [
            Song(folder, artists[i % len(artists)], f"{folder} no. {i}", f"{folder} album {i % 2}", 2001 + i)
            for i in range(first, PER_FOLDER)
        ]
    return found


def write_home(home: Path) -> None:
    """Music, Downloads and the exports of other programs (in ``work``) below ``home``."""
    work = home / "work"
    work.mkdir(parents=True)
    (home / "Downloads").mkdir()
    for number, song in enumerate(songs()):
        _write_song(home / "Music" / song.folder / f"{song.artist} - {song.title}.flac", song, number)
    _write_song(home / "Downloads" / "new.flac", Song("rock", "New Band", "New Song", "New Album", 2020), 99)
    labels = [f"{song.folder}/{song.artist} - {song.title}.flac,{song.folder}" for song in songs()]
    (home / "Music" / "labels.csv").write_text("\n".join(["path,genre", *labels]), encoding="utf-8")
    for name, text in _exports().items():
        (work / name).write_text(text, encoding="utf-8")


def _write_song(path: Path, song: Song, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, _samples(song.folder, number), SR)
    file = mutagen.flac.FLAC(path)
    file.update(artist=song.artist, title=song.title, album=song.album, date=str(song.year), genre=song.folder)
    file.save()


def _samples(folder: str, number: int) -> Any:
    """Seven seconds: chords (classical), clicks (electronic) or coloured noise (rock)."""
    rng = np.random.default_rng(number)
    t = np.arange(SECONDS * SR) / SR
    if folder == "classical":
        y = sum(np.sin(2 * np.pi * 110 * 2 ** (number / 12) * ratio * t) for ratio in (1, 5 / 4, 3 / 2, 2))
    elif folder == "electronic":
        y = rng.standard_normal(len(t)) * np.exp(-60 * (t % (0.4 + number / 200)))
    else:
        y = np.cumsum(rng.standard_normal(len(t)))
        y -= np.convolve(y, np.ones(2000) / 2000, mode="same")
    return (0.5 * y / np.abs(y).max()).astype(np.float32)


def _exports() -> dict[str, str]:
    """What other programs would export, by the file names of the documentation; each names a track of the library."""
    song = NAMED[0]
    place = f"D:/Music/{song.folder}/{song.artist} - {song.title}.flac"
    key, string = "<key>{}</key>".format, "<string>{}</string>".format
    fields = {"Name": song.title, "Artist": song.artist, "Location": f"file://localhost/{place.replace(' ', '%20')}"}
    itunes = "".join(key(name) + string(text) for name, text in fields.items())
    listen = {"track_name": song.title, "artist_name": song.artist}
    scrobble = {"artist": {"#text": song.artist}, "name": song.title, "date": {"uts": "1714557000", "#text": "then"}}
    return {
        "favourites.m3u8": f"#EXTM3U\n{place}\n",
        "itunes.xml": f"<plist version='1.0'><dict>{key('Tracks')}<dict>{key('1')}<dict>{key('Track ID')}"
        f"<integer>1</integer>{itunes}{key('Rating')}<integer>100</integer></dict></dict></dict></plist>",
        "listens.jsonl": json.dumps({"listened_at": 1714550000, "track_metadata": listen}) + "\n",
        "recenttracks.json": json.dumps({"recenttracks": {"track": [scrobble] * 12}}),
        "rekordbox.xml": "<DJ_PLAYLISTS Version='1.0.0'><COLLECTION Entries='1'>"
        f"<TRACK TrackID='1' Name='{song.title}' Artist='{song.artist}' Location='file://localhost/{place}'/>"
        "</COLLECTION>"
        "<PLAYLISTS><NODE Type='0' Name='ROOT' Count='1'><NODE Name='Warmup' Type='1' KeyType='0' Entries='1'>"
        "<TRACK Key='1'/></NODE></NODE></PLAYLISTS></DJ_PLAYLISTS>",
        "ratings.csv": f"artist,title,rating\n{song.artist},{song.title},5\n",
    }
