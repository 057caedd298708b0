#!/usr/bin/env python3
"""Samples between the tracks of an album in a browser, for each way to play one track after the other.

    benchmarks/gapless.py [--ways elements stream …] [--formats wav mp3 …] [--sink] [--chromium /usr/bin/chromium]
    pip install playwright; apt install ffmpeg; with --sink: pulseaudio, which must run

A continuous signal at 44.1 kHz is cut into four tracks, each is encoded by FFmpeg and played in Chromium. What the page
plays is recorded sample by sample; with --sink it is what reaches a silent sink of PulseAudio. The place of
a known stretch before and after each junction is found by correlation: 0 is gapless, more is a gap, less an overlap or
something that was left out.
"""

import argparse
import base64
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Error, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from page_recording import gaps
from signals import Samples, write_audio

from recsys.audio.decode import open_source
from recsys.audio.transcode import transcode

SR = 44_100
SECONDS = 3
JUNCTIONS = [SECONDS * SR * number + 123 * number for number in (1, 2, 3)]
ENCODERS = {
    "wav": ["-c:a", "pcm_s16le"],
    "flac": [],
    "mp3": ["-b:a", "192k"],
    "ogg": ["-c:a", "libvorbis", "-q:a", "5"],
    "opus": ["-c:a", "libopus", "-b:a", "128k"],
    "m4a": ["-c:a", "aac", "-b:a", "192k"],
}
ARGUMENTS = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
SOURCES = {  # what a media source takes: type, arguments of FFmpeg that put the same packets into it, samples to skip
    "mp3": ("audio/mpeg", ["-f", "mp3", "-c", "copy"], 1105),
    "opus": ('audio/webm; codecs="opus"', ["-f", "webm", "-c", "copy"], 0),
    "m4a": (
        'audio/mp4; codecs="mp4a.40.2"',
        ["-f", "mp4", "-movflags", "frag_keyframe+empty_moov", "-c", "copy"],
        1024,
    ),
}

PLAY = """
async ({ way, tracks, type, lengths, skip, rate, inside }) => {
  const data = tracks.map((each) => Uint8Array.from(atob(each), (letter) => letter.charCodeAt(0)));
  const context = inside || way === 'buffers' ? new AudioContext({ sampleRate: rate }) : null;
  let out = context?.destination;
  window.recorded = [];
  if (inside) {
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([`registerProcessor('recorder',
      class extends AudioWorkletProcessor { process([input]) {
        if (input[0]) this.port.postMessage(input[0].slice()); return true; } })`], { type: 'text/javascript' })));
    out = new AudioWorkletNode(context, 'recorder');
    out.port.onmessage = ({ data }) => window.recorded.push(data);
    out.connect(context.destination);
  }
  const element = (address) => {
    const made = new Audio(address);
    made.preload = 'auto';
    if (inside) context.createMediaElementSource(made).connect(out);
    return made;
  };
  const url = (part) => URL.createObjectURL(new Blob([part], { type }));
  const event = (target, name) => new Promise((done) => target.addEventListener(name, done, { once: true }));
  const rest = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));

  if (way === 'elements' || way === 'timer') {
    const all = data.map((each) => element(url(each)));
    await Promise.all(all.map((each) => each.readyState >= 4 || event(each, 'canplaythrough')));
    for (const [place, each] of all.entries()) {
      if (place === 0 || way === 'elements') await each.play();
      const next = all[place + 1];
      if (way === 'timer' && next) { // 30 ms before the end, which is what starting takes
        const left = () => each.duration - each.currentTime;
        while (left() > 0.034) await rest(Math.max(0.001, left() / 2 - 0.02));
        next.play();
      } else if (!each.ended) await event(each, 'ended');
    }
  } else if (way === 'buffers') {
    const buffers = await Promise.all(data.map((each) => context.decodeAudioData(each.buffer)));
    let at = context.currentTime + 0.2;
    for (const buffer of buffers) {
      const node = new AudioBufferSourceNode(context, { buffer });
      node.connect(out);
      node.start(at);
      at += buffer.length / rate;
    }
    await rest(at - context.currentTime);
  } else if (way === 'one') {
    const only = element(url(data[0]));
    await only.play();
    await event(only, 'ended');
  } else {
    const media = new MediaSource();
    const player = element(URL.createObjectURL(media));
    await event(media, 'sourceopen');
    const buffer = media.addSourceBuffer(type);
    let from = 0;
    for (const [place, each] of data.entries()) {
      if (way === 'window') {
        if (place > 0) buffer.abort();
        buffer.appendWindowStart = 0;
        buffer.appendWindowEnd = from + lengths[place] / rate;
        buffer.appendWindowStart = from;
      }
      buffer.timestampOffset = from - (way === 'window' ? skip / rate : 0);
      buffer.appendBuffer(each);
      await event(buffer, 'updateend');
      from = way === 'window' ? from + lengths[place] / rate : buffer.buffered.end(buffer.buffered.length - 1);
    }
    media.endOfStream();
    await player.play();
    await event(player, 'ended');
  }
  await rest(0.3);
  const bytes = new Uint8Array(512 * window.recorded.length);
  window.recorded.forEach((block, place) => bytes.set(new Uint8Array(block.buffer), 512 * place));
  await context?.close();
  let text = '';
  for (let place = 0; place < bytes.length; place += 32768)
    text += String.fromCharCode(...bytes.subarray(place, place + 32768));
  return btoa(text);
}
"""
WAYS = {
    "elements": "an element for each, the next one started by the end of the one before",
    "timer": "an element for each, the next one started 30 ms before the end",
    "buffers": "decodeAudioData of whole files, each started where the one before ends",
    "source": "packets of the files in one media source, one after the other",
    "window": "the same, cut by append windows at the samples that were encoded",
    "one": "one stream of all tracks, as WAV of what the server decodes",
    "stream": "FLAC of the server in one media source, as the page plays it",
}


def signal() -> Samples:
    """Noise below 4 kHz, of which every stretch is another one."""
    spectrum = np.fft.rfft(np.random.default_rng(1).standard_normal(JUNCTIONS[-1] + SECONDS * SR))
    spectrum[spectrum.size * 4000 // (SR // 2) :] = 0
    y = np.fft.irfft(spectrum)
    return np.asarray(0.4 * y / np.abs(y).max(), np.float32)


def encoded(folder: Path, y: Samples, format: str) -> list[Path]:
    """The tracks of the album in a format."""
    paths = []
    for number, part in enumerate(np.split(y, JUNCTIONS)):
        wav, path = folder / f"{number}.wav", folder / f"{number}.{format}"
        write_audio(wav, part, SR)
        if path != wav:
            run(wav, *ENCODERS[format], path)
        paths.append(path)
    return paths


def run(source: Path, *arguments: Any) -> bytes:
    """What FFmpeg writes."""
    command = ["ffmpeg", "-v", "error", "-y", "-i", source, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def request(way: str, format: str, paths: list[Path], folder: Path) -> dict[str, Any] | None:
    """What the page gets to play; None where there is no such way."""
    lengths = np.diff([0, *JUNCTIONS, JUNCTIONS[-1] + SECONDS * SR]).tolist()
    found: dict[str, Any] = {"way": way, "type": "", "lengths": lengths, "skip": 0, "rate": SR}
    if way in ("source", "window"):
        if format not in SOURCES:
            return None
        found["type"], arguments, found["skip"] = SOURCES[format]
        tracks = [run(path, *arguments, "-") for path in paths]
    elif way == "stream":
        found["type"] = 'audio/mp4; codecs="flac"'
        tracks = [b"".join(transcode(path, "flac")) for path in paths]
    elif way == "one":
        for number, path in enumerate(paths):  # as the server sends them
            (folder / f"{number}.mp4").write_bytes(b"".join(transcode(path, "flac")))
        parts = []
        for number in range(len(paths)):
            with open_source(folder / f"{number}.mp4") as source:
                parts.append(source.read(0, source.n_samples)[0])
                rate = source.info.sample_rate
        tracks = [write_audio(folder / "one.wav", np.concatenate(parts), rate).read_bytes()]
    else:
        tracks = [path.read_bytes() for path in paths]
    return {**found, "tracks": [base64.b64encode(each).decode() for each in tracks]}


def inside(page: Any, found: dict[str, Any]) -> Samples:
    """What the graph of the page plays."""
    return np.frombuffer(base64.b64decode(page.evaluate(PLAY, {**found, "inside": True})), np.float32)


def at_the_sink(page: Any, found: dict[str, Any]) -> Samples:
    """What a monitor of PulseAudio gets while the page plays."""
    command = ["parec", "-d", "gapless.monitor", "--format=float32le", f"--rate={SR}", "--channels=2", "--raw"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as recorder, tempfile.TemporaryFile() as kept:
        assert recorder.stdout is not None
        copy = subprocess.Popen(["cat"], stdin=recorder.stdout, stdout=kept)
        try:
            page.evaluate(PLAY, {**found, "inside": False})
        finally:
            recorder.terminate()
            copy.wait()
        kept.seek(0)
        return np.frombuffer(kept.read(), np.float32)[::2].copy()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--formats", nargs="+", choices=ENCODERS, default=list(ENCODERS))
    parser.add_argument("--sink", action="store_true")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    y = signal()
    module = None
    if options.sink:
        load = ["pactl", "load-module", "module-null-sink", "sink_name=gapless", f"rate={SR}"]
        module = subprocess.run(load, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        subprocess.run(["pactl", "set-default-sink", "gapless"], check=True)
    try:
        with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
            folder = Path(name)
            browser = playwright.chromium.launch(
                executable_path=options.chromium, args=ARGUMENTS, ignore_default_args=["--mute-audio"]
            )
            page = browser.new_page()
            page.route("http://localhost/", lambda route: route.fulfill(body="<p>", content_type="text/html"))
            for way in options.ways:
                for format in options.formats:
                    found = request(way, format, encoded(folder, y, format), folder)
                    if found is None:
                        continue
                    page.goto("http://localhost/")  # a worklet needs an origin that is its own
                    try:
                        played = at_the_sink(page, found) if options.sink else inside(page, found)
                        result = json.dumps(gaps(played, y, JUNCTIONS))
                    except (AssertionError, Error) as error:  # silence, or the browser refuses it
                        result = str(error).split("\n")[0]
                    print(f"{way:9}{format:6}{result}", flush=True)
            browser.close()
    finally:
        if module:
            subprocess.run(["pactl", "unload-module", module], check=True)


if __name__ == "__main__":
    main()
