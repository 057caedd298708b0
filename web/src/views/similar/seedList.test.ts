import { expect, it } from 'vitest';
import { readSeeds, seedParameters, writeSeeds } from './seedList';

it('seeds are the same after a way through the address', () => {
  const seeds = [
    { kind: 'track', id: 12 },
    { kind: 'album', id: 5 },
    { kind: 'artist', id: 7 },
  ] as const;
  expect(writeSeeds(seeds)).toBe('t12,a5,r7');
  expect(readSeeds('t12,a5,r7')).toEqual(seeds);
});

it('what is no seed is left out', () => {
  expect(readSeeds('x1,t,t-1,t1.5,<b>,,t9')).toEqual([{ kind: 'track', id: 9 }]);
  expect(readSeeds(null)).toEqual([]);
});

it('seeds become parameters by kind and side', () => {
  expect(seedParameters(readSeeds('t1,t2,r3'), readSeeds('a4'))).toEqual({
    seed: [1, 2],
    album: [],
    artist: [3],
    minus: [],
    minus_album: [4],
    minus_artist: [],
  });
});
