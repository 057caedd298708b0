import { describe, expect, it } from 'vitest';
import {
  RADIO_BATCH,
  canWiden,
  radioAfter,
  radioForgetting,
  radioOffered,
  radioPicks,
  radioRequest,
  radioWithdrawn,
  startRadio,
  type Radio,
} from './radio';

const started = startRadio({ kind: 'track', id: 1 });
const after = (radio: Radio, ...events: [number, Parameters<typeof radioAfter>[2]][]): Radio =>
  events.reduce((each, [id, event]) => radioAfter(each, id, event), radio);

describe('radio', () => {
  it('begins with the seed alone', () => {
    expect(radioRequest(started)).toMatchObject({ seed: [1], minus: [], album: [], artist: [], max_per_artist: 2 });
    expect(radioRequest(startRadio({ kind: 'album', id: 7 }))).toMatchObject({ seed: [], album: [7] });
    expect(radioRequest(startRadio({ kind: 'artist', id: 8 }))).toMatchObject({ seed: [], artist: [8] });
  });

  it('has what was played and liked as seeds, what was skipped and disliked as minus seeds', () => {
    const radio = after(started, [2, 'played'], [3, 'skipped'], [4, 'liked'], [5, 'disliked']);
    expect(radioRequest(radio)).toMatchObject({ seed: [1, 4, 2], minus: [3, 5] });
  });

  it('lets a rating outweigh a play and a skip, and the last rating count', () => {
    expect(radioRequest(after(started, [2, 'skipped'], [2, 'liked']))).toMatchObject({ seed: [1, 2], minus: [] });
    expect(radioRequest(after(started, [2, 'played'], [2, 'disliked']))).toMatchObject({ seed: [1], minus: [2] });
    expect(radioRequest(after(started, [2, 'disliked'], [2, 'liked']))).toMatchObject({ seed: [1, 2], minus: [] });
    expect(radioRequest(after(started, [2, 'liked'], [2, 'unrated']))).toMatchObject({ seed: [1], minus: [] });
  });

  it('keeps a skipped start, and a disliked one only where there is no other seed', () => {
    expect(radioRequest(after(started, [1, 'skipped']))).toMatchObject({ seed: [1], minus: [] });
    expect(radioRequest(after(started, [1, 'disliked']))).toMatchObject({ seed: [1], minus: [] });
    expect(radioRequest(after(started, [1, 'disliked'], [2, 'liked']))).toMatchObject({ seed: [2], minus: [1] });
  });

  it('follows the listener: only the last tracks count', () => {
    let radio = started;
    for (let id = 2; id < 30; id++) radio = radioAfter(radio, id, id % 2 ? 'played' : 'skipped');
    expect(radioRequest(radio)).toMatchObject({ seed: [1, 21, 23, 25, 27, 29], minus: [20, 22, 24, 26, 28] });
  });

  it('never adds a track twice before all were offered, and goes on for ever', () => {
    const library = Array.from({ length: 137 }, (_, place) => place + 1);
    let radio = started;
    const heard: number[] = [1];
    for (let round = 0; round < 60; round++) {
      let picks: number[] = [];
      for (let attempt = 0; picks.length === 0; attempt++) {
        const request = radioRequest(radio, attempt);
        const found = library.slice(0, request.n);
        picks = radioPicks(radio, found);
        if (picks.length === 0 && !canWiden(request, found.length)) {
          expect(radio.offered.length).toBe(library.length);
          radio = radioForgetting(radio);
        }
      }
      expect(picks.length).toBeLessThanOrEqual(RADIO_BATCH);
      radio = radioOffered(radio, picks);
      heard.push(...picks);
    }
    expect(new Set(heard.slice(0, 137)).size).toBe(137);
    for (let start = 0; start + 68 <= heard.length; start++) {
      expect(new Set(heard.slice(start, start + 68)).size).toBe(68);
    }
  });

  it('may add tracks again that left the queue before they were played', () => {
    const radio = radioWithdrawn(radioOffered(started, [2, 3]), [3]);
    expect(radioPicks(radio, [1, 2, 3, 3, 4])).toEqual([3, 4]);
  });
});
