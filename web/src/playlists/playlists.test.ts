import { describe, expect, it } from 'vitest';
import type { UnmetConstraintRecord } from '../api/records';
import { describeUnmet } from './describeUnmet';
import { dropIndex, keysOf, moved } from './order';

describe('order', () => {
  it('moves an entry', () => {
    expect(moved(['a', 'b', 'c', 'd'], 0, 2)).toEqual(['b', 'c', 'a', 'd']);
    expect(moved(['a', 'b', 'c', 'd'], 3, 0)).toEqual(['d', 'a', 'b', 'c']);
    expect(moved(['a'], 4, 0)).toEqual(['a']);
  });

  it.each([
    [0, 2, true, ['b', 'c', 'a', 'd']],
    [0, 2, false, ['b', 'a', 'c', 'd']],
    [3, 1, false, ['a', 'd', 'b', 'c']],
    [3, 1, true, ['a', 'b', 'd', 'c']],
    [1, 1, true, ['a', 'b', 'c', 'd']],
  ])('drops entry %i beside entry %i', (from, over, after, expected) => {
    expect(moved(['a', 'b', 'c', 'd'], from, dropIndex(from, over, after))).toEqual(expected);
  });

  it('gives a track that is in a list twice two keys', () => {
    expect(keysOf([4, 5, 4])).toEqual(['4-0', '5-0', '4-1']);
  });
});

const unmet = (fields: Partial<UnmetConstraintRecord>): UnmetConstraintRecord => ({
  constraint: 'n',
  wanted: null,
  got: null,
  reason: '',
  details: {},
  ...fields,
});

describe('describeUnmet', () => {
  it.each([
    [
      { constraint: 'n', wanted: 5, got: 2, reason: 'artist_limit', details: { limit: 2 } },
      '2 tracks instead of 5. More would exceed 2 of one artist.',
    ],
    [
      { constraint: 'minutes', wanted: 60, got: 58.44, reason: 'no_closer_choice' },
      '58.4 minutes instead of 60. No other choice of tracks is closer.',
    ],
    [
      {
        constraint: 'quotas',
        wanted: 0.5,
        got: 0.2,
        reason: 'no_more_matches',
        details: { unit: 'share', genre: 'jazz', n_tracks: 10, n_genre_tracks: 2 },
      },
      'jazz has 20% of the list instead of 50%. There are no more tracks of jazz that match.',
    ],
    [
      {
        constraint: 'n',
        wanted: 9,
        got: 1,
        reason: 'left_out',
        details: { left_out: ['sound_like_dislikes', 'near_minus_seeds'], sound_like_dislikes: 3, near_minus_seeds: 1 },
      },
      '1 track instead of 9. 3 tracks are similar to something you dislike. ' +
        '1 track is similar to what the list must not resemble.',
    ],
    [
      { constraint: 'min_artist_gap', wanted: 3, got: 1, details: { n_close: 2, n_tracks: 8 } },
      '2 of 8 tracks are closer to another one of their artist than you asked for.',
    ],
    [
      { constraint: 'excluded_genres', wanted: 'polka', reason: 'no_track_has_it' },
      'No track has the genre “polka” that is excluded.',
    ],
    [{ constraint: 'a_new_one', reason: 'of_a_newer_server' }, 'Not met: a new one. of a newer server.'],
  ])('%j', (fields, text) => {
    expect(describeUnmet(unmet(fields))).toBe(text);
  });
});
