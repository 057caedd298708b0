"""Albums by folder and by album artist."""

from synthetic_library import make_track

from recsys.domain.tracks import Track
from recsys.metadata.albums import album_numbers


def test_same_title_in_a_folder_or_by_an_album_artist_is_one_album() -> None:
    def track(number: int, folder: str, album: str | None, album_artist: str | None = None) -> Track:
        return make_track(number, path=f"/{folder}/{number}.mp3", album=album, album_artist=album_artist)

    tracks = [
        track(1, "disc 1", "Loud", "Cleo"),
        track(2, "disc 2", "loud", "CLEO"),
        track(3, "disc 2", "Loud"),  # no album artist, but in the folder of the second
        track(4, "elsewhere", "Loud", "Dan"),
        track(5, "disc 1", "Quiet", "Cleo"),
        track(6, "disc 1", None, "Cleo"),
    ]
    first, second, third, other, quiet, untitled = album_numbers(tracks)
    assert first == second == third
    assert len({first, other, quiet}) == 3
    assert untitled is None
