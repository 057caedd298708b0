"""What the audio elements of a page play, recorded sample by sample, and the gaps in it."""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.signal import correlate
from signals import Samples

NEAR = 64
"""Samples beside a junction that are not compared: encoders with losses smooth it."""
_WINDOW = 4096

KEEP_ELEMENTS = """
window.elements = [];
window.Audio = class extends Audio { constructor(...all) { super(...all); window.elements.push(this); } };
"""
"""A script that runs before the page."""

_RECORD = """
async (sampleRate) => {
  const context = new AudioContext({ sampleRate });
  await context.resume();
  const module = `registerProcessor('recorder', class extends AudioWorkletProcessor {
    process([input]) { if (input[0]) this.port.postMessage(input[0].slice()); return true; } })`;
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([module], { type: 'text/javascript' })));
  const recorder = new AudioWorkletNode(context, 'recorder');
  window.recorded = [];
  recorder.port.onmessage = ({ data }) => window.recorded.push(data);
  for (const element of window.elements) context.createMediaElementSource(element).connect(recorder);
  recorder.connect(context.destination);
}
"""
_TAKE = """
() => {
  const bytes = new Uint8Array(128 * 4 * window.recorded.length);
  window.recorded.forEach((block, place) => bytes.set(new Uint8Array(block.buffer), 512 * place));
  let text = '';
  for (let place = 0; place < bytes.length; place += 32768)
    text += String.fromCharCode(...bytes.subarray(place, place + 32768));
  return btoa(text);
}
"""


def record(page: Any, sample_rate: int) -> None:
    """Record from now on, where the context of the page has ``KEEP_ELEMENTS`` and does without its policy."""
    page.evaluate(_RECORD, sample_rate)


def recorded(page: Any) -> Samples:
    """The left channel since ``record``."""
    return np.frombuffer(base64.b64decode(page.evaluate(_TAKE)), np.float32)


def gaps(y: Samples, played: Samples, junctions: Sequence[int]) -> list[int]:
    """Samples that were added (or left out, negative) at each junction of a signal, in a recording ``y`` of it."""
    return [_lag(y, played, junction + NEAR) - _lag(y, played, junction - NEAR - _WINDOW) for junction in junctions]


def _lag(y: Samples, played: Samples, place: int) -> int:
    """Samples by which a window of a signal is late in a recording of it."""
    window = played[place : place + _WINDOW]
    products = correlate(y, window, "valid", method="fft")
    energies = correlate(y**2, np.ones(_WINDOW, np.float32), "valid", method="fft")
    similarity = products / np.sqrt(np.maximum(energies, 1e-3) * np.sum(window**2))
    assert similarity.max() > 0.7, "the window is not in the recording"
    return int(similarity.argmax()) - place
