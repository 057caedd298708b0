"""A louder band than synthetic_band.py: MIDI with drum kit, guitars, bass, keys and lead, for FluidSynth to play.

``song`` writes a piece in one of ``STYLES`` whose tempo is known by construction. The styles are those in which a
tempo is easily taken for its half or its double: fast rock, punk, metal and dance music on one side, and slow rock,
soul, hip hop and reggae on the other, from which they must be told. Everything random comes from the generator.
"""

from dataclasses import dataclass

import mido
import numpy as np

TICKS = 480
KICK, SNARE, CLOSED, OPEN, RIDE, CRASH, TOM, CLAP, STICK = 36, 38, 42, 46, 51, 49, 45, 39, 37
ROOTS = ((0, 8, 3, 10), (0, 0, 5, 7), (0, 10, 8, 7), (0, 3, 5, 8), (0, 5, 0, 7), (0, 0, 0, 10), (0, 7, 9, 5))


@dataclass(frozen=True, slots=True)
class Style:
    """Usual tempi in BPM; bars of 16 steps as "kick snare cymbal" patterns; rhythms and sounds (General MIDI from 0).

    Patterns are strings, one sign a step: "x" a hit, "o" a soft one, "." nothing; shorter ones repeat.
    """

    bpm: tuple[float, float]
    drums: tuple[str, ...]
    guitar: tuple[str, ...]
    bass: tuple[str, ...]
    programs: tuple[int, ...] = (29, 30)
    kits: tuple[int, ...] = (0, 16)
    lead: float = 0.35  # of the bars
    cymbals: tuple[int, ...] = (CLOSED, OPEN, RIDE, CRASH)
    snare: int = SNARE
    triplets: bool = False  # a beat has three steps instead of four: twelve a bar


BACKBEAT = "....x.......x..."
EIGHTHS, QUARTERS, SIXTEENTHS, OFFBEATS = "x.o.", "x...", "xooo", "..x."
CHUGS = ("x.x.x.x.", "xxxx", "x.xx", "x...x...", "x...............", "x.xxx.xx")

STYLES: dict[str, Style] = {
    "rock": Style(
        (100, 150),
        (f"x.......x....... {BACKBEAT} {EIGHTHS}", f"x.....x.x....... {BACKBEAT} {EIGHTHS}",
         f"x..x..x.x..x.... {BACKBEAT} x.x.", f"x.......x.x..... {BACKBEAT} {QUARTERS}"),
        ("x.x.x.x.", "x...............", "x.......x.x.....", "x.xxx.x."), ("x.x.", "x.......x......."),
    ),
    "fast rock": Style(
        (150, 205),
        (f"x.......x....... {BACKBEAT} x.x.", f"x.......x.x..... {BACKBEAT} {QUARTERS}",
         f"x.....x.x....... {BACKBEAT} {QUARTERS}", f"x.....x...x..... {BACKBEAT} {EIGHTHS}"),
        ("x.x.", "x...............", "x.x.x.x.", "x.....x.....x...", "x..............."), ("x.x.", "x..."),
    ),
    "punk": Style(
        (160, 220),
        (f"x.......x.x..... {BACKBEAT} x.x.", f"x.....x.x.x..... {BACKBEAT} {QUARTERS}",
         "x...x...x...x... ..x...x...x...x. x...", f"x.......x....... {BACKBEAT} {QUARTERS}",
         "x.....x.x....... ....x.......x... x..."),
        ("x.x.", "x.x.x.x.", "x.......x.......", "x..............."), ("x.x.",),
    ),
    "metal": Style(
        (120, 200),
        (f"x.x.x.x. {BACKBEAT} {QUARTERS}", f"xxxx {BACKBEAT} {QUARTERS}", f"x.xx {BACKBEAT} {QUARTERS}",
         f"x..x..x.x..x..x. {BACKBEAT} {QUARTERS}", f"x.xxx.xx {BACKBEAT} x.x."),
        CHUGS, ("x.x.", "xxxx", "x.xx"), lead=0.25,
    ),
    "thrash": Style(
        (170, 245),
        ("x...x...x...x... ..x...x...x...x. x.x.", f"x.x.x.x. {BACKBEAT} {QUARTERS}",
         f"x.......x.x..... {BACKBEAT} {QUARTERS}", "x..xx...x..xx... ..x...x...x...x. x...",
         f"x.......x....... {BACKBEAT} {QUARTERS}"),
        ("x.x.", "x.xx", "xxxx", "x...............", "x.x.x.x."), ("x.x.",), programs=(30,), lead=0.25,
    ),
    "blast": Style(
        (180, 245),
        ("x.x. .x.x x.x.", "x.x. x.x. x.x.", "x... ..x. x...", f"xxxx {BACKBEAT} {QUARTERS}"),
        ("xxxx", "x.x.", "x..............."), ("x.x.", "x..............."), programs=(30,), lead=0.15,
    ),
    "ballad": Style(
        (58, 92),
        (f"x.......x....... {BACKBEAT} {EIGHTHS}", f"x.....x.x.x..... {BACKBEAT} {EIGHTHS}",
         f"x..x..x.x....... {BACKBEAT} x.x.", f"x.......x.x..... {BACKBEAT} {SIXTEENTHS}"),
        ("x...............", "x.x.x.x.", "x......."), ("x.......x.......", "x.....x.x......."),
        programs=(0, 24, 25, 27, 48, 29),
    ),
    "slow heavy": Style(
        (60, 96),
        (f"x.....x.x....... {BACKBEAT} {QUARTERS}", f"x..x..x...x..... {BACKBEAT} {EIGHTHS}",
         f"xx..x.x.x.xx.... {BACKBEAT} {QUARTERS}", f"xxxx {BACKBEAT} {QUARTERS}"),
        ("x..x..x.x..x....", "x...............", "x.xxx.xxx.x.x...", "xxxx"), ("x.x.", "x......."),
    ),
    "funk": Style(
        (88, 118),
        ("x.x...x...x..x.. ....x..o.o..x..o xoxo", "x..x..x...x..... ....x.......x..o xxxx",
         f"x.....x.x..x..x. {BACKBEAT} xoxo"),
        ("..x..x.x..x..x..", "x..xx..x.x..x.x.", "..x...x."), ("x..x..xx..x.x..x", "x.x..x.x...x.x.."),
        programs=(27, 28, 16, 4), kits=(0, 8),
    ),
    "hip hop": Style(
        (68, 104),
        (f"x.x.......x..... {BACKBEAT} x.x.", f"x......x..x..x.. {BACKBEAT} xxxx",
         f"x..x......xx.... {BACKBEAT} xoxo"),
        ("x...............", "x.......x.......", "..x...x."), ("x.x.......x.....", "x..............."),
        programs=(4, 48, 0, 11), kits=(0, 25, 24), cymbals=(CLOSED,),
    ),
    "reggae": Style(
        (62, 94),
        ("........x....... ........x....... x.x.", "x.......x....... ....x.......x... xoxo",
         "x...x...x...x... ........x....... x.xo"),
        ("..x...x.", "....x.......x..."), ("x..xx...x..x....", "x.x.....x.x.x..."),
        programs=(27, 16, 0), cymbals=(CLOSED,), lead=0.25,
    ),
    "ska": Style(
        (130, 190),
        (f"x...x...x...x... {BACKBEAT} ..x.", f"x.......x....... {BACKBEAT} {OFFBEATS}", f"x... {BACKBEAT} x.x."),
        ("..x.",), ("x...",), programs=(27, 16, 61), cymbals=(CLOSED, RIDE),
    ),
    "house": Style(
        (116, 134),
        (f"x... {BACKBEAT} ..x.", f"x... {BACKBEAT} xxxx", f"x... ................ {OFFBEATS}"),
        ("x..x..x...x..x..", "..x.", "x..............."), ("..xx", "x..x..x.", "..x."),
        programs=(4, 16, 81, 62, 90), kits=(24, 25), cymbals=(OPEN, CLOSED), snare=CLAP,
    ),
    "hard dance": Style(
        (138, 195),
        (f"x... {BACKBEAT} ..x.", f"x... ................ {OFFBEATS}", "x... ................ xxxx",
         f"x... {BACKBEAT} xxxx"),
        ("xxxx", "..xx", "x..x..x.x..x..x.", ".xxx", "x..............."), ("..x.", ".xxx", "..xx"),
        programs=(81, 80, 62, 90, 38), kits=(24, 25), cymbals=(OPEN, CLOSED), snare=CLAP,
    ),
    "drum and bass": Style(
        (160, 182),
        ("x.........x..... ....x.......x... x.x.", "x.x.......xx.... ....x..o.o..x..o x.x.",
         "x.........x..... ....x.......x... xoxo", "x.......x.x..... ....x..o....x.x. x.x."),
        ("x...............", "x.......x.......", "..x...x."),
        ("x...............", "x.....x...x.....", "x.......x......."),
        programs=(89, 90, 4, 48), kits=(24, 25, 0), cymbals=(CLOSED, RIDE),
    ),
    "disco": Style(
        (108, 132),
        (f"x... {BACKBEAT} ..x.", f"x... {BACKBEAT} xoxo"), ("..x.", "xoxx", "x.xx"), ("x.x.", "x.oxx.ox"),
        programs=(27, 48, 4, 61), cymbals=(OPEN, CLOSED),
    ),
    "soul": Style(
        (92, 138),
        ("x.......x.x..... x... x.x.", f"x.....x.x....... {BACKBEAT} x.x.", "x.......x....... x... x..."),
        ("....x.......x...", "x.......x.x.....", "x..............."), ("x...x.x.", "x..xx..x"),
        programs=(27, 16, 0, 61), kits=(0, 8),
    ),
    "latin": Style(
        (92, 126),
        ("x..xx..x ...x..x....x..x. xxxx", "x..xx..x x..x..x...x.x... x.xx"),
        ("x.x..x.xx.x..x.x", "x..x..x.", "..xx"), ("..x...x.", "x..xx..x"), programs=(0, 24, 61), snare=STICK,
        cymbals=(CLOSED,),
    ),
    "polka": Style(
        (100, 132), ("x... ..x. ..x.", "x... ..x. x.x."), ("..x.",), ("x.......", "x..."), programs=(21, 24, 61, 25),
    ),
    "country": Style(
        (90, 130), (f"x.......x....... {BACKBEAT} xoxo", "x... ..x. x.x.", "x....... ..x. xxxx"),
        ("..x.", "x.xx", "x...x.xx"), ("x...x...", "x......."), programs=(24, 25, 27),
    ),
    "swing": Style(
        (110, 230), ("o..o..o..o.. ...o.....o.. x..x.xx..x.x", "x........... ...o.....o.. x..x.xx..x.x"),
        ("x.....x.....", "...x.....x..", "x....o......"), ("x..x..x..x..",), programs=(0, 26, 61), kits=(32, 40),
        cymbals=(RIDE,), triplets=True,
    ),
    "shuffle": Style(
        (84, 150),
        ("x.....x..... ...x.....x.. x.xx.x", "x..x..x..x.. ...x.....x.. x.x", "x....xx..... ...x.....x.. x.xx.x"),
        ("x.x", "x..x..", "x..........."), ("x.xx.x", "x..x.."), programs=(27, 29, 0, 16), triplets=True,
    ),
}  # fmt: skip


def song(style: str, bpm: float, rng: np.random.Generator, seconds: float = 32.0) -> mido.MidiFile:
    """A piece of ``seconds`` at ``bpm``."""
    plan = STYLES[style]
    steps = 12 if plan.triplets else 16
    step = TICKS * 4 / steps
    bars = int(np.ceil(seconds * bpm / 240))
    jitter = rng.uniform(0, 0.008) * bpm / 60 * TICKS  # in ticks
    key, roots = int(rng.integers(12)), ROOTS[rng.integers(len(ROOTS))]
    levels = dict(zip(("drums", "guitar", "bass", "lead"), rng.uniform(0.55, 1.0, 4), strict=True))
    power = plan.programs[0] in (29, 30)
    players = (plan.programs, (33, 34, 38), (30, 80, 65, 0))
    programs = {channel: int(rng.choice(choices)) for channel, choices in enumerate(players)}
    tuned, drummed = rng.random() < 0.93, rng.random() < 0.95
    notes: list[tuple[int, int, int, int, int]] = []  # start, end, channel, pitch, velocity

    def play(channel: int, at: float, length: float, pitch: int, strength: float) -> None:
        start = max(0, round(at + rng.normal(0, jitter)))
        velocity = int(np.clip(118 * strength * rng.normal(1, 0.06), 1, 127))
        notes.append((start, start + max(20, round(length)), channel, pitch, velocity))

    sections = [_section(plan, rng) for _ in range(2)]
    every, chord_bars = int(rng.choice((4, 8))), int(rng.choice((1, 2)))
    for bar in range(bars):
        kick, snare, cymbal, guitar, bass, ride = sections[bar // 8 % 2]
        begin = bar * 4 * TICKS
        root = roots[bar // chord_bars % 4]
        filled = bar % every == every - 1 and rng.random() < 0.7
        for i in range(steps if drummed else 0):
            at = begin + i * step
            if filled and i >= steps * 3 // 4:
                if i % 2 == 0 or rng.random() < 0.5:
                    play(9, at, 40, int(rng.choice((SNARE, TOM, 48, 41))), 0.9 * levels["drums"])
                continue
            for pattern, pitch, level in ((kick, KICK, 1.0), (snare, plan.snare, 1.0), (cymbal, ride, 0.65)):
                if hit := _strength(pattern, i):
                    play(9, at, 40, pitch, hit * level * levels["drums"])
        if drummed and bar % every == 0:
            play(9, begin, 40, CRASH, 0.9 * levels["drums"])
        for i in range(steps if tuned else 0):
            at = begin + i * step
            if hit := _strength(guitar, i):
                length = step * (_gap(guitar, i) - 0.1)
                chord = (0, 7, 12) if power else (0, 3 if key % 2 else 4, 7)
                for tone in chord:
                    play(0, at, length, (40 if power else 52) + (key + root) % 12 + tone, 0.8 * hit * levels["guitar"])
            if hit := _strength(bass, i):
                play(1, at, step * (_gap(bass, i) - 0.1), 28 + (key + root) % 12, 0.9 * hit * levels["bass"])
            if rng.random() < plan.lead * (0.5 if i % (steps // 4) == 0 else 0.2 if i % 2 == 0 else 0.05):
                pitch = 64 + (key + int(rng.choice((0, 3, 5, 7, 10)))) % 12
                play(2, at, step * rng.integers(1, 7), pitch, levels["lead"])
    return _file(bpm, notes, programs, int(rng.choice(plan.kits)))


def _section(plan: Style, rng: np.random.Generator) -> tuple[str, str, str, str, str, int]:
    kick, snare, cymbal = str(rng.choice(plan.drums)).split()
    return kick, snare, cymbal, str(rng.choice(plan.guitar)), str(rng.choice(plan.bass)), int(rng.choice(plan.cymbals))


def _strength(pattern: str, i: int) -> float:
    return {"x": 1.0, "o": 0.5, ".": 0.0}[pattern[i % len(pattern)]]


def _gap(pattern: str, i: int) -> int:
    """Steps to the next hit, at most 8."""
    return next((k for k in range(1, 9) if _strength(pattern, i + k)), 8)


def _file(bpm: float, notes: list[tuple[int, int, int, int, int]], programs: dict[int, int], kit: int) -> mido.MidiFile:
    events = [(start, 1, channel, pitch, velocity) for start, _, channel, pitch, velocity in notes]
    events += [(end, 0, channel, pitch, 0) for _, end, channel, pitch, _ in notes]
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))])
    track += [mido.Message("program_change", channel=c, program=p) for c, p in (programs | {9: kit}).items()]
    now = 0
    for at, on, channel, pitch, velocity in sorted(events):
        kind = "note_on" if on else "note_off"
        track.append(mido.Message(kind, channel=channel, note=pitch, velocity=velocity, time=at - now))
        now = at
    return mido.MidiFile(ticks_per_beat=TICKS, tracks=[track])
