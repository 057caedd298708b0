import { expect, it } from 'vitest';
import type { Ratings } from '../../api/endpoints';
import { counts, entries, without } from './ratings';

const rated = { rating: 1, strength: 1, rated_at: '', source: 'manual', stars: null, from_stars: false };
const ratings = {
  liked_tracks: [
    { ...rated, id: 1, title: 'Old', artist: 'Ann', album: null },
    { ...rated, id: 2, title: 'New', artist: null, album: 'Hall', stars: 5, from_stars: true },
  ],
  disliked_tracks: [],
  liked_albums: [{ ...rated, id: 3, title: 'Hall', artist: 'Ann', year: 1999 }],
  disliked_albums: [],
  liked_artists: [{ ...rated, id: 4, name: 'Ann', tracks: 7, albums: 1 }],
  disliked_artists: [],
} as unknown as Ratings;
const nTracks = (n: number): string => `${n} tracks`;

it('lists what is rated, the newest first', () => {
  expect(entries(ratings, 'liked', 'track', nTracks)).toEqual([
    { kind: 'track', id: 2, name: 'New', detail: 'Hall', address: 'tracks/2', stars: 5 },
    { kind: 'track', id: 1, name: 'Old', detail: 'Ann', address: 'tracks/1', stars: null },
  ]);
  expect(entries(ratings, 'liked', 'album', nTracks)[0]?.detail).toBe('Ann · 1999');
  expect(entries(ratings, 'liked', 'artist', nTracks)[0]?.detail).toBe('7 tracks');
  expect(entries(ratings, 'disliked', 'album', nTracks)).toEqual([]);
});

it('counts and removes', () => {
  expect(counts(ratings, 'liked')).toEqual({ track: 2, album: 1, artist: 1 });
  expect(counts(without(ratings, 'liked', 'track', 1), 'liked').track).toBe(1);
  expect(counts(ratings, 'liked').track).toBe(2);
});
