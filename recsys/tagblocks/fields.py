"""Which names of each tag format have the value of which field, preferred ones first.

As TagLib, mediafile and Picard have it: a standard frame or atom counts before a free one ("TXXX:", "----:"), and free
ones are read only for what has no standard frame: identifiers of MusicBrainz, ReplayGain, lists of artists.
"""

from collections.abc import Mapping
from enum import StrEnum

from recsys.tagblocks.block import Kind


class Field(StrEnum):
    """A field of the tags. Those in the plural have one value for each artist of those in the singular."""

    TITLE = "title"
    ARTIST = "artist"
    ARTISTS = "artists"
    ALBUM = "album"
    ALBUM_ARTIST = "album_artist"
    ALBUM_ARTISTS = "album_artists"
    TRACK = "track"
    TRACK_TOTAL = "track_total"
    DISC = "disc"
    DISC_TOTAL = "disc_total"
    DATE = "date"
    ORIGINAL_DATE = "original_date"
    GENRE = "genre"
    COMPOSER = "composer"
    COMPILATION = "compilation"
    ISRC = "isrc"
    TRACK_GAIN = "track_gain"
    TRACK_PEAK = "track_peak"
    ALBUM_GAIN = "album_gain"
    ALBUM_PEAK = "album_peak"
    R128_TRACK_GAIN = "r128_track_gain"
    R128_ALBUM_GAIN = "r128_album_gain"
    RECORDING_ID = "recording_id"
    ALBUM_ID = "album_id"
    ARTIST_ID = "artist_id"
    ALBUM_ARTIST_ID = "album_artist_id"
    COMMENT = "comment"
    """Only as a sample of the encoding of the file."""


Names = Mapping[Field, tuple[str, ...]]

_FREE: Names = {  # what has no standard frame or atom everywhere
    Field.ARTISTS: ("artists",),
    Field.ALBUM_ARTIST: ("albumartist", "album artist", "album_artist"),
    Field.ALBUM_ARTISTS: ("albumartists", "album_artists", "album artists"),
    Field.ORIGINAL_DATE: (
        "originaldate", "original date", "original_date", "originalyear", "original year", "original_year",
        "originalreleasedate",
    ),
    Field.TRACK_TOTAL: ("tracktotal", "totaltracks", "trackc"),
    Field.DISC_TOTAL: ("disctotal", "totaldiscs", "discc"),
    Field.COMPILATION: ("compilation", "itunescompilation"),
    Field.ISRC: ("isrc",),
    Field.TRACK_GAIN: ("replaygain_track_gain",),
    Field.TRACK_PEAK: ("replaygain_track_peak",),
    Field.ALBUM_GAIN: ("replaygain_album_gain",),
    Field.ALBUM_PEAK: ("replaygain_album_peak",),
    Field.R128_TRACK_GAIN: ("r128_track_gain",),
    Field.R128_ALBUM_GAIN: ("r128_album_gain",),
    Field.RECORDING_ID: ("musicbrainz track id", "musicbrainz_trackid"),
    Field.ALBUM_ID: ("musicbrainz album id", "musicbrainz_albumid"),
    Field.ARTIST_ID: ("musicbrainz artist id", "musicbrainz_artistid"),
    Field.ALBUM_ARTIST_ID: ("musicbrainz album artist id", "musicbrainz_albumartistid"),
}  # fmt: skip


def _prefixed(prefix: str, names: Names) -> Names:
    return {field: tuple(prefix + name for name in each) for field, each in names.items()}


def _joined(*tables: Names) -> Names:
    """One table, with the names of earlier tables first."""
    fields = dict.fromkeys(field for table in tables for field in table)
    return {field: tuple(name for table in tables for name in table.get(field, ())) for field in fields}


_ID3V1: Names = {
    Field.TITLE: ("title",),
    Field.ARTIST: ("artist",),
    Field.ALBUM: ("album",),
    Field.TRACK: ("track",),
    Field.DATE: ("year",),
    Field.GENRE: ("genre",),
    Field.COMMENT: ("comment",),
}
_ID3V2 = _joined(
    {
        Field.TITLE: ("TIT2",),
        Field.ARTIST: ("TPE1",),
        Field.ALBUM: ("TALB",),
        Field.ALBUM_ARTIST: ("TPE2",),
        Field.TRACK: ("TRCK",),
        Field.DISC: ("TPOS",),
        Field.DATE: ("TDRC", "TYER", "TDRL"),  # not TDAT, which is day and month
        Field.ORIGINAL_DATE: ("TDOR", "TORY"),
        Field.GENRE: ("TCON",),
        Field.COMPOSER: ("TCOM",),
        Field.COMPILATION: ("TCMP",),
        Field.ISRC: ("TSRC",),
        Field.RECORDING_ID: ("UFID:musicbrainz",),
        Field.COMMENT: ("COMM",),
    },
    _prefixed("TXXX:", _FREE),
    {
        Field.TRACK_GAIN: ("RVA2:track_gain",),
        Field.TRACK_PEAK: ("RVA2:track_peak",),
        Field.ALBUM_GAIN: ("RVA2:album_gain",),
        Field.ALBUM_PEAK: ("RVA2:album_peak",),
    },
)
_WORDS: Names = {  # of formats whose names are words
    Field.TITLE: ("title",),
    Field.ARTIST: ("artist", "author"),
    Field.ALBUM: ("album",),
    Field.GENRE: ("genre",),
    Field.COMPOSER: ("composer",),
    Field.COMMENT: ("comment", "description"),
}
_VORBIS = _joined(
    _WORDS,
    {
        Field.TRACK: ("tracknumber", "track", "tracknum"),
        Field.DISC: ("discnumber", "disc"),
        Field.DATE: ("date", "year", "releasedate"),
    },
    _FREE,
    {  # the names before those of ReplayGain were agreed on
        Field.TRACK_GAIN: ("rg_radio",),
        Field.TRACK_PEAK: ("rg_peak",),
        Field.ALBUM_GAIN: ("rg_audiophile",),
    },
)
_APE = _joined(
    _WORDS,
    {
        Field.ALBUM_ARTIST: ("album artist",),
        Field.TRACK: ("track", "tracknumber"),
        Field.DISC: ("disc", "discnumber"),
        Field.DATE: ("year", "date", "releasedate"),
    },
    _FREE,
)
_ILST = _joined(
    {
        Field.TITLE: ("\xa9nam",),
        Field.ARTIST: ("\xa9ART",),
        Field.ALBUM: ("\xa9alb",),
        Field.ALBUM_ARTIST: ("aART",),
        Field.TRACK: ("trkn", "\xa9trk"),
        Field.DISC: ("disk",),
        Field.DATE: ("\xa9day",),
        Field.GENRE: ("\xa9gen", "gnre"),
        Field.COMPOSER: ("\xa9wrt", "\xa9com"),
        Field.COMPILATION: ("cpil",),
        Field.COMMENT: ("\xa9cmt",),
    },
    _prefixed("----:", _FREE),
)
_UDTA: Names = {
    Field.TITLE: ("\xa9nam", "titl"),
    Field.ARTIST: ("\xa9ART", "perf", "\xa9aut", "auth"),
    Field.ALBUM: ("\xa9alb", "albm"),
    Field.TRACK: ("\xa9trk", "track"),
    Field.DATE: ("\xa9day", "yrrc"),
    Field.GENRE: ("\xa9gen", "gnre"),
    Field.COMPOSER: ("\xa9wrt", "\xa9com"),
    Field.COMMENT: ("\xa9cmt",),
}
_PLAIN = _joined(  # entries of QuickTime keys, CAF and AU
    _WORDS,
    {
        Field.TRACK: ("track number", "track", "tracknumber"),
        Field.DISC: ("disc", "discnumber"),
        Field.DATE: ("date", "year", "recorded date", "creationdate"),
        Field.COMMENT: ("comments",),
    },
    _FREE,
)
_ASF = _joined(
    {
        Field.TITLE: ("title",),
        Field.ARTIST: ("author", "wm/author"),
        Field.ARTISTS: ("wm/artists",),
        Field.ALBUM: ("wm/albumtitle",),
        Field.ALBUM_ARTIST: ("wm/albumartist",),
        Field.ALBUM_ARTISTS: ("wm/albumartists",),
        Field.TRACK: ("wm/tracknumber", "wm/track"),
        Field.TRACK_TOTAL: ("wm/tracktotal",),
        Field.DISC: ("wm/partofset",),
        Field.DISC_TOTAL: ("wm/disctotal",),
        Field.DATE: ("wm/year",),
        Field.ORIGINAL_DATE: ("wm/originalreleasetime", "wm/originalreleaseyear"),
        Field.GENRE: ("wm/genre", "wm/genreid"),
        Field.COMPOSER: ("wm/composer",),
        Field.COMPILATION: ("wm/iscompilation",),
        Field.ISRC: ("wm/isrc",),
        Field.RECORDING_ID: ("musicbrainz/track id",),
        Field.ALBUM_ID: ("musicbrainz/album id",),
        Field.ARTIST_ID: ("musicbrainz/artist id",),
        Field.ALBUM_ARTIST_ID: ("musicbrainz/album artist id",),
    },
    _VORBIS,
)


def _levels(levels: str, *names: str) -> tuple[str, ...]:
    """Names of Matroska at each level: "30" is the track, "50" the album, "-" is none."""
    return tuple(f"{level.strip('-')}/{name}" for level in levels.split() for name in names)


_MATROSKA: Names = {
    Field.TITLE: (*_levels("30 -", "title"), "segment/title"),
    Field.ARTIST: _levels("30 - 50", "artist", "lead_performer", "performer"),
    Field.ARTISTS: _levels("30 -", "artists"),
    Field.ALBUM: (*_levels("50", "title"), *_levels("- 30 50", "album")),
    Field.ALBUM_ARTIST: (*_levels("50", "artist"), *_levels("- 50 30", "album_artist", "albumartist")),
    Field.ALBUM_ARTISTS: _levels("50 - 30", "albumartists", "album_artists"),
    Field.TRACK: _levels("30 -", "part_number", "tracknumber", "track"),
    Field.TRACK_TOTAL: (*_levels("50 30 -", "total_parts"), *_levels("30 -", "tracktotal", "totaltracks")),
    Field.DISC: (*_levels("50", "part_number"), *_levels("- 30 50", "discnumber", "disc")),
    Field.DISC_TOTAL: (*_levels("60", "total_parts"), *_levels("- 30 50", "disctotal", "totaldiscs")),
    Field.DATE: _levels("50 30 -", "date_released", "date", "year", "date_recorded"),
    Field.ORIGINAL_DATE: _levels("50 30 -", "originaldate", "originalyear", "date_original"),
    Field.GENRE: _levels("30 - 50", "genre"),
    Field.COMPOSER: _levels("30 - 50", "composer"),
    Field.COMPILATION: _levels("50 30 -", "compilation"),
    Field.ISRC: _levels("30 -", "isrc"),
    Field.TRACK_GAIN: (*_levels("30", "replaygain_gain"), *_levels("30 - 50", "replaygain_track_gain")),
    Field.TRACK_PEAK: (*_levels("30", "replaygain_peak"), *_levels("30 - 50", "replaygain_track_peak")),
    Field.ALBUM_GAIN: (*_levels("50", "replaygain_gain"), *_levels("50 - 30", "replaygain_album_gain")),
    Field.ALBUM_PEAK: (*_levels("50", "replaygain_peak"), *_levels("50 - 30", "replaygain_album_peak")),
    Field.RECORDING_ID: _levels("30 -", "musicbrainz_trackid"),
    Field.ALBUM_ID: _levels("50 30 -", "musicbrainz_albumid"),
    Field.ARTIST_ID: _levels("30 -", "musicbrainz_artistid"),
    Field.ALBUM_ARTIST_ID: _levels("50 30 -", "musicbrainz_albumartistid"),
    Field.COMMENT: _levels("30 - 50", "comment"),
}

NAMES: Mapping[Kind, Names] = {
    Kind.ID3V2: _ID3V2,
    Kind.ID3V1: _ID3V1,
    Kind.APE: _APE,
    Kind.VORBIS: _VORBIS,
    Kind.ILST: _ILST,
    Kind.MDTA: _PLAIN,
    Kind.UDTA: _UDTA,
    Kind.ASF: _ASF,
    Kind.MATROSKA: _MATROSKA,
    Kind.INFO: {
        Field.TITLE: ("INAM", "TITL"),
        Field.ARTIST: ("IART",),
        Field.ALBUM: ("IPRD", "IALB"),
        Field.TRACK: ("IPRT", "ITRK", "TRCK"),
        Field.DATE: ("ICRD", "YEAR"),
        Field.GENRE: ("IGNR", "GENR"),
        Field.COMPOSER: ("IMUS",),
        Field.ISRC: ("ISRC",),
        Field.COMMENT: ("ICMT",),
    },
    Kind.BEXT: {Field.DATE: ("date",)},
    Kind.AIFF: {Field.TITLE: ("NAME",), Field.ARTIST: ("AUTH",), Field.COMMENT: ("ANNO",)},
    Kind.DIIN: {Field.TITLE: ("DITI",), Field.ARTIST: ("DIAR",)},
    Kind.CAF: _PLAIN,
    Kind.AU: _PLAIN,
}
"""The names of each field, by the kind of the block."""

_LYRICS_NAMES = ("syncedlyrics", "lyrics", "unsyncedlyrics", "unsynced lyrics", "unsynced_lyrics")

LYRICS: Mapping[Kind, tuple[str, ...]] = {
    Kind.ID3V2: ("SYLT:", "USLT:", *(f"TXXX:{name}" for name in _LYRICS_NAMES)),
    Kind.VORBIS: _LYRICS_NAMES,
    Kind.APE: _LYRICS_NAMES,
    Kind.ILST: ("\xa9lyr", *(f"----:{name}" for name in _LYRICS_NAMES)),
    Kind.UDTA: ("\xa9lyr",),
    Kind.MDTA: _LYRICS_NAMES,
    Kind.ASF: ("wm/lyrics", *_LYRICS_NAMES),
    Kind.MATROSKA: tuple(f"{level}/{name}" for level in ("30", "", "50") for name in _LYRICS_NAMES),
    Kind.CAF: _LYRICS_NAMES,
}
"""The names of lyrics, best first, by the kind of the block; where one ends in a colon, the language follows."""
