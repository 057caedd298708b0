"""Genres in the texts of tags: lists in one text, and the numbers that ID3v1 has for genres."""

import re
from collections.abc import Iterable

GENRES = tuple(
    """Blues, Classic Rock, Country, Dance, Disco, Funk, Grunge, Hip-Hop, Jazz, Metal, New Age, Oldies, Other, Pop, R&B,
    Rap, Reggae, Rock, Techno, Industrial, Alternative, Ska, Death Metal, Pranks, Soundtrack, Euro-Techno, Ambient,
    Trip-Hop, Vocal, Jazz+Funk, Fusion, Trance, Classical, Instrumental, Acid, House, Game, Sound Clip, Gospel, Noise,
    Alt. Rock, Bass, Soul, Punk, Space, Meditative, Instrumental Pop, Instrumental Rock, Ethnic, Gothic, Darkwave,
    Techno-Industrial, Electronic, Pop-Folk, Eurodance, Dream, Southern Rock, Comedy, Cult, Gangsta Rap, Top 40,
    Christian Rap, Pop/Funk, Jungle, Native American, Cabaret, New Wave, Psychedelic, Rave, Showtunes, Trailer, Lo-Fi,
    Tribal, Acid Punk, Acid Jazz, Polka, Retro, Musical, Rock & Roll, Hard Rock, Folk, Folk-Rock, National Folk, Swing,
    Fast-Fusion, Bebop, Latin, Revival, Celtic, Bluegrass, Avantgarde, Gothic Rock, Progressive Rock, Psychedelic Rock,
    Symphonic Rock, Slow Rock, Big Band, Chorus, Easy Listening, Acoustic, Humour, Speech, Chanson, Opera,
    Chamber Music, Sonata, Symphony, Booty Bass, Primus, Porn Groove, Satire, Slow Jam, Club, Tango, Samba, Folklore,
    Ballad, Power Ballad, Rhythmic Soul, Freestyle, Duet, Punk Rock, Drum Solo, A Cappella, Euro-House, Dance Hall, Goa,
    Drum & Bass, Club-House, Hardcore, Terror, Indie, BritPop, Afro-Punk, Polsk Punk, Beat, Christian Gangsta Rap,
    Heavy Metal, Black Metal, Crossover, Contemporary Christian, Christian Rock, Merengue, Salsa, Thrash Metal, Anime,
    JPop, Synthpop, Abstract, Art Rock, Baroque, Bhangra, Big Beat, Breakbeat, Chillout, Downtempo, Dub, EBM, Eclectic,
    Electro, Electroclash, Emo, Experimental, Garage, Global, IDM, Illbient, Industro-Goth, Jam Band, Krautrock,
    Leftfield, Lounge, Math Rock, New Romantic, Nu-Breakz, Post-Punk, Post-Rock, Psytrance, Shoegaze, Space Rock,
    Trop Rock, World Music, Neoclassical, Audiobook, Audio Theatre, Neue Deutsche Welle, Podcast, Indie Rock, G-Funk,
    Dubstep, Garage Rock, Psybient""".replace("\n    ", " ").split(", ")
)
"""Genres by the number of ID3v1, with the extensions of Winamp."""
_ABBREVIATIONS = {"RX": "Remix", "CR": "Cover"}
_REFERENCES = re.compile(r"((?:\((?:\d{1,3}|RX|CR)\))*)(.*)", re.DOTALL)
_SEPARATOR = re.compile(r"\s*(?:;|\\\\)\s*")


def genres_of(texts: Iterable[str]) -> list[str]:
    """The genres of the texts of a tag, each once.

    A text is split at ";", with which Picard, MusicBee and others join genres, and at a doubled backslash (Mp3tag), but
    neither at "/" nor at ",": "Pop/Rock" and "Folk, World, & Country" are genres. Numbers and references of ID3 ("17",
    "(17)", "(4)Eurodisco") become names.

    >>> genres_of(["Rock; Pop/Rock", "(17)Drum & Bass"])
    ['Rock', 'Pop/Rock', 'Drum & Bass']
    """
    names = (name for text in texts for part in _SEPARATOR.split(text) for name in _named(part.strip()))
    genres: dict[str, str] = {}
    for name in names:
        genres.setdefault(name.casefold(), name)
    return list(genres.values())


def _named(text: str) -> list[str]:
    """Names of the references at the start of a text, and the rest of it."""
    found = _REFERENCES.fullmatch(text)
    references, rest = found.groups() if found else ("", text)
    names = [_by_reference(each) for each in re.findall(r"\((\w+)\)", references)]
    if rest.isascii() and rest.isdigit():
        rest = _by_reference(rest)
    elif rest.startswith("(("):  # an escaped bracket
        rest = rest[1:]
    return [name for name in (*names, rest.strip()) if name]


def _by_reference(reference: str) -> str:
    if reference in _ABBREVIATIONS:
        return _ABBREVIATIONS[reference]
    number = int(reference)
    return GENRES[number] if number < len(GENRES) else "Unknown"
