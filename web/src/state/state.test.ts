import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '../api/endpoints';
import type { TrackRowRecord } from '../api/records';
import { clearRows, needRows, putRows, rateTrack, row } from './rows';
import { addSeeds, clearSeeds, removeSeed, seeds } from './seeds';

const track = (id: number): TrackRowRecord => ({ id, title: `Track ${id}`, rating: 0 }) as TrackRowRecord;

describe('rows', () => {
  beforeEach(clearRows);

  it('of one moment are read together, and only once', async () => {
    const read = vi
      .spyOn(api, 'trackRows')
      .mockImplementation((ids) => Promise.resolve({ items: ids.map(track), next: null }));
    needRows([1, 2]);
    needRows([2, 3]);
    await vi.waitFor(() => expect(row(3)).toBeDefined());
    needRows([1, 2, 3]);
    await Promise.resolve();
    expect(read.mock.calls.map(([ids]) => ids)).toEqual([[1, 2, 3]]);
  });

  it('of many are read in batches', async () => {
    const read = vi
      .spyOn(api, 'trackRows')
      .mockImplementation((ids) => Promise.resolve({ items: ids.map(track), next: null }));
    needRows(Array.from({ length: 450 }, (_, index) => index));
    await vi.waitFor(() => expect(row(449)).toBeDefined());
    expect(read.mock.calls.map(([ids]) => ids.length)).toEqual([200, 200, 50]);
  });

  it('have a new rating at once, and the old one if the server refuses it', async () => {
    putRows([track(1)]);
    vi.spyOn(api, 'rate').mockRejectedValue(new Error('no'));
    const rated = rateTrack(1, 1);
    expect(row(1)?.rating).toBe(1);
    await expect(rated).rejects.toThrow('no');
    expect(row(1)?.rating).toBe(0);
  });
});

describe('seeds', () => {
  afterEach(clearSeeds);

  it('are on one side only', () => {
    const one = { kind: 'track', id: 1, name: 'One' } as const;
    const two = { kind: 'album', id: 1, name: 'Two' } as const;
    addSeeds([one, two]);
    addSeeds([one], 'minus');
    expect(seeds.value).toEqual({ plus: [two], minus: [one] });
    removeSeed(one);
    expect(seeds.value).toEqual({ plus: [two], minus: [] });
  });
});
