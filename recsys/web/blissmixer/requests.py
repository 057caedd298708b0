"""What BlissMixer sends: the fields of API.md of bliss-mixer, under its names. Others are ignored."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

MAX_COUNT = 50


def _number(value: object) -> object:
    """A number of tracks within the limits; "null" is a field that is absent."""
    return 0 if value is None else value


Count = Annotated[int, BeforeValidator(_number)]
Flag = Annotated[bool, BeforeValidator(bool)]
Path = Annotated[str, Field(max_length=4096)]
Groups = Annotated[list[list[Annotated[str, Field(max_length=200)]]], Field(max_length=200)]


class _Request(BaseModel):
    count: Count = 5
    min: Count = 0
    max: Count = 0
    maxbmpdiff: Count = 0
    filtergenre: Flag = False
    genregroups: Groups = []

    @property
    def n(self) -> int:
        """The number of tracks that are returned: 1 to 50."""
        return sorted((1, self.count, MAX_COUNT))[1]


class MixRequest(_Request):
    """The body of ``POST /api/mix``; of ``previous`` the newest track is first."""

    tracks: Annotated[list[Path], Field(max_length=1000)]
    previous: Annotated[list[Path], Field(max_length=1000)] = []
    shuffle: Flag = False
    norepart: Count = 0
    norepalb: Count = 0
    filterxmas: Flag = False


class ListRequest(_Request):
    """The body of ``POST /api/list``."""

    track: Path
    byartist: Flag = False
