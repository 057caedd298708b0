import { describe, expect, it } from 'vitest';
import { elementVolume, gainFactor, type Loudness } from './gain';

const none: Loudness = { track_gain: null, track_peak: null, album_gain: null, album_peak: null, loudness: null };

describe('gain', () => {
  it('uses the gain of the mode', () => {
    const track = { ...none, track_gain: -6, album_gain: -12, track_peak: 1, album_peak: 1 };
    expect(gainFactor(track, 'track')).toBeCloseTo(0.501, 3);
    expect(gainFactor(track, 'album')).toBeCloseTo(0.251, 3);
    expect(gainFactor(track, 'off')).toBe(1);
    expect(gainFactor({ ...track, album_gain: null }, 'album')).toBeCloseTo(0.501, 3);
  });

  it('does not clip: the loudest sample stays within full scale', () => {
    expect(gainFactor({ ...none, track_gain: 12, track_peak: 0.5 }, 'track')).toBe(2);
    expect(gainFactor({ ...none, track_gain: 3, track_peak: 0.5 }, 'track')).toBeCloseTo(1.413, 3);
    expect(gainFactor({ ...none, track_gain: 12 }, 'track')).toBe(1);
    expect(gainFactor({ ...none, track_gain: 0, track_peak: 1.25 }, 'track')).toBe(0.8);
  });

  it('uses the measured loudness of a track without ReplayGain', () => {
    expect(gainFactor({ ...none, loudness: -8 }, 'track')).toBeCloseTo(0.316, 3);
    expect(gainFactor({ ...none, loudness: -30 }, 'track')).toBe(1);
    expect(gainFactor({ ...none, loudness: -8, track_gain: -6 }, 'track')).toBeCloseTo(0.501, 3);
    expect(gainFactor(none, 'track')).toBe(1);
  });

  it('gives an element a volume from 0 to 1', () => {
    expect(elementVolume(0.5, 1)).toBe(0.25);
    expect(elementVolume(1, 1.4)).toBe(1);
    expect(elementVolume(0, 2)).toBe(0);
  });
});
