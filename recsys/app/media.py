"""What players need of tracks: their files, as they are or transcoded, pictures and waveforms."""

from collections.abc import Generator
from dataclasses import dataclass

from recsys.app.context import LibraryContext
from recsys.domain.checks import check_choice, check_min, check_range
from recsys.domain.lyrics import Lyrics
from recsys.domain.media import MediaFile, Picture, Waveform


@dataclass(frozen=True, slots=True)
class Media:
    """Files, pictures and waveforms of tracks by their ids; :attr:`recsys.Library.media`.

    Only files inside folders that were ingested are read, also where a path has links.
    """

    context: LibraryContext

    def file(self, track_id: int) -> MediaFile:
        """The file of a track; of several copies the first that is there.

        Raises
        ------
        NotFound
            There is no such track, or no file of it inside a folder that was ingested.

        Examples
        --------
        >>> lib.media.file(99)
        Traceback (most recent call last):
        recsys.errors.NotFound: no track has the id 99
        """
        from recsys.app.media_files import locate

        return locate(self.context, track_id).file

    def transcode(
        self, track_id: int, encoding: str = "opus", *, start: float = 0.0, max_bit_rate: int | None = None
    ) -> Generator[bytes]:
        """The audio of a track as Opus in WebM ("opus") or Ogg ("ogg"), MP3 ("mp3") or FLAC in MP4 ("flac").

        It is encoded as it is read. FLAC has exactly the samples that the encoder of an MP3 or AAC file was given, as
        far as the file states what was added to them, at 44.1 or 48 kHz.

        Parameters
        ----------
        track_id : int
            Of the track; its file may have any format that recsys analyses.
        encoding : str
            "opus", "ogg", "mp3" or "flac", with one channel or two.
        start : float
            Seconds from the start of the track.
        max_bit_rate : int or None
            In bits per second, at least 1; None is what is enough for the encoding. It is exceeded only where the
            encoding has none that is as low.

        Yields
        ------
        bytes
            About a second each. The file is open until the generator ends or is closed.

        Raises
        ------
        NotFound
            There is no such track, or no file of it inside a folder that was ingested.
        InvalidRequest
            The encoding is unknown, the bit rate less than 1, or ``start`` is after the end of the track.
        UnreadableAudio
            The file cannot be decoded.

        Examples
        --------
        >>> next(lib.media.transcode(99))
        Traceback (most recent call last):
        recsys.errors.NotFound: no track has the id 99
        """
        from recsys.app.media_files import locate
        from recsys.audio.transcode import ENCODINGS, transcode

        check_choice("encoding", encoding, ENCODINGS)
        if max_bit_rate is not None:
            check_min("max_bit_rate", max_bit_rate, 1)
        yield from transcode(locate(self.context, track_id).file.path, encoding, start, max_bit_rate)

    def bit_rate_within(self, encoding: str, limit: int) -> int:
        """The bit rate at which :meth:`transcode` encodes where ``limit`` is the most: in bits per second.

        >>> lib.media.bit_rate_within("mp3", 100_000)
        96000
        """
        from recsys.audio.transcode import ENCODINGS, bit_rate_within

        check_choice("encoding", encoding, ENCODINGS)
        return bit_rate_within(encoding, limit)

    def cover(self, track_id: int, size: int | None = None) -> Picture:
        """The picture that is embedded in the file of a track, else the cover in its folder.

        In a folder it is named cover, folder, front or album; also in that above the folder of a disc. Pictures are
        JPEG, PNG, WebP or GIF, as their bytes show, and no larger than 50 megapixels.

        Parameters
        ----------
        track_id : int
            Of the track.
        size : int or None
            How wide and high it has to be at least, if the picture is: a thumbnail of 64, 160, 300, 600 or 1200 pixels
            in JPEG, which is stored in the library's folder. None, or more: the picture itself.

        Raises
        ------
        NotFound
            There is no such track, no file of it, or no cover (NoCover).

        Examples
        --------
        >>> lib.media.cover(99)
        Traceback (most recent call last):
        recsys.errors.NotFound: no track has the id 99
        """
        from recsys.app.covers import find_cover

        return find_cover(self.context, track_id, size)

    def album_cover(self, album_id: int, size: int | None = None) -> Picture:
        """The cover of the first track of an album that has one; as :meth:`cover`.

        Raises
        ------
        NotFound
            There is no such album, or it has no cover.
        """
        from recsys.app.covers import find_album_cover

        return find_album_cover(self.context, album_id, size)

    def artist_cover(self, artist_id: int, size: int | None = None) -> Picture:
        """The cover of the first album of an artist that has one; as :meth:`cover`.

        Raises
        ------
        NotFound
            There is no such artist, or none of the albums has a cover.
        """
        from recsys.app.covers import find_artist_cover

        return find_artist_cover(self.context, artist_id, size)

    def playlist_cover(self, playlist_id: int, size: int | None = None) -> Picture:
        """The cover of the first track of a saved playlist that has one; as :meth:`cover`.

        Raises
        ------
        NotFound
            There is no such playlist, or none of its first tracks has a cover.
        """
        from recsys.app.covers import find_playlist_cover

        return find_playlist_cover(self.context, playlist_id, size)

    def generated_cover(self, text: str, size: int | None = None) -> Picture:
        """A picture of two colours for what has no cover, the same for the same text; ``size`` as for :meth:`cover`.

        >>> lib.media.generated_cover("Kind of Blue", 100).media_type
        'image/jpeg'
        """
        from recsys.app.covers import make_cover

        return make_cover(text, size)

    def lyrics(self, track_id: int) -> list[Lyrics]:
        """The lyrics of a track: from a file .lrc or .txt beside its own, and from its tags; those with times first.

        Raises
        ------
        NotFound
            There is no such track, or no file of it inside a folder that was ingested.

        Examples
        --------
        >>> lib.media.lyrics(99)
        Traceback (most recent call last):
        recsys.errors.NotFound: no track has the id 99
        """
        from recsys.app.lyrics import find_lyrics

        return find_lyrics(self.context, track_id)

    def waveform(self, track_id: int, n: int = 800) -> Waveform:
        """The waveform of a track as ``n`` numbers, at most 2000; they are stored in the library's folder.

        Raises
        ------
        NotFound
            There is no such track, or no file of it inside a folder that was ingested.
        InvalidRequest
            ``n`` is out of range.
        UnreadableAudio
            The file cannot be decoded.
        """
        from recsys.app.waveforms import MAX_PEAKS, read_waveform

        check_range("n", n, 1, MAX_PEAKS)
        return read_waveform(self.context, track_id, n)
