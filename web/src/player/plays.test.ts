import { describe, expect, it } from 'vitest';
import { NOT_STARTED, isPlayed, isSkipped, listened } from './plays';

describe('plays', () => {
  it('is played after half of it or four minutes', () => {
    expect(isPlayed(99, 200)).toBe(false);
    expect(isPlayed(100, 200)).toBe(true);
    expect(isPlayed(239, 3600)).toBe(false);
    expect(isPlayed(240, 3600)).toBe(true);
    expect(isPlayed(0, 0)).toBe(false);
  });

  it('is skipped within 30 seconds, unless it was reported as played', () => {
    expect(isSkipped({ seconds: 29.9, reported: false })).toBe(true);
    expect(isSkipped({ seconds: 30, reported: false })).toBe(false);
    expect(isSkipped({ seconds: 12, reported: true })).toBe(false);
  });

  it('counts what is played, not what a seek passes over', () => {
    let listening = listened(NOT_STARTED, 0, 10, 10);
    listening = listened(listening, 10, 180, 0.3);
    listening = listened(listening, 180, 20, 0.3);
    listening = listened(listening, 20, 20.25, 0.25);
    expect(listening.seconds).toBeCloseTo(10.25);
  });
});
