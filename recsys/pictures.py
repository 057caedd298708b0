"""Pictures of single recordings, in no library or in one."""

import os
from pathlib import Path

LONGEST = 600.0  # seconds of a recording that are drawn
_LONGEST_NAME = 50  # letters of a file's name


def plot(file: str | os.PathLike[str], output: Path, *, dark: bool = False) -> None:
    """Draw a recording into a file; of a long one the first :data:`LONGEST` seconds.

    Silence before and after the music is left out.

    Raises
    ------
    AudioError
        It cannot be listened to.
    UsageError
        ``output`` is no picture, or cannot be written.
    """
    from recsys.audio.excerpts import read_all
    from recsys.features.key import estimate_key
    from recsys.features.spectrum import Spectrum
    from recsys.features.tempo import estimate_tempo
    from recsys.render.canvas import check_format, plain
    from recsys.render.sound import Sound, plot_sound

    check_format(output)  # before minutes are decoded
    heard = read_all(file, longest=LONGEST)
    y = heard.windows[0].y
    spectra = [Spectrum(y, heard.sr)]
    key = estimate_key(spectra)
    title = plain(Path(file).name, _LONGEST_NAME)
    if heard.music_end - heard.music_start > LONGEST:
        title += f", the first {LONGEST / 60:.0f} minutes"
    sound = Sound(y, heard.sr, estimate_tempo(spectra).bpm, str(key), title, heard.music_start)
    plot_sound(sound, output, dark=dark)
