from synthetic_library import make_track

from recsys.metadata.albums import album_numbers


def test_a_folder_or_an_album_artist_holds_an_album_together() -> None:
    def track(number: int, folder: str, album: str | None, by: str | None = None) -> object:
        return make_track(number, path=f"/{folder}/{number}.mp3", album=album, album_artist=by)

    tracks = [
        track(1, "disc 1", "Loud", "Cleo"),
        track(2, "disc 2", "loud", "CLEO"),
        track(3, "disc 2", "Loud"),  # untagged, but in the folder of the second
        track(4, "elsewhere", "Loud", "Dan"),
        track(5, "disc 1", "Quiet", "Cleo"),
        track(6, "disc 1", None, "Cleo"),
    ]
    first, second, third, other, quiet, none = album_numbers(tracks)  # type: ignore[arg-type]
    assert first == second == third
    assert len({first, other, quiet}) == 3
    assert none is None
