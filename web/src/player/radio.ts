/**
 * Radio: which tracks follow when the queue ends, from what the listener plays, skips, likes and dislikes.
 *
 * A radio is an immutable value. An event makes the next value; `radioRequest` returns what to request from the server.
 */
import type { Seed } from './interface';

/** What happened to a track: it was played to its end, skipped early, liked, disliked, or its rating was removed. */
export type RadioEvent = 'played' | 'skipped' | 'liked' | 'disliked' | 'unrated';

export interface Radio {
  /** What it was started with. */
  readonly start: Seed;
  /** Tracks of each kind, oldest first. */
  readonly played: readonly number[];
  readonly skipped: readonly number[];
  readonly liked: readonly number[];
  readonly disliked: readonly number[];
  /** All tracks that were in the queue; none of them is added again until the library has no other. */
  readonly offered: readonly number[];
}

/** Parameters of `GET /similar`. */
export interface RadioRequest {
  seed: number[];
  album: number[];
  artist: number[];
  minus: number[];
  n: number;
  /** 0 is no limit */
  max_per_artist: number;
}

/** With fewer upcoming entries than this, more are requested. */
export const RADIO_REMAINING = 5;
/** Tracks that are added at a time. */
export const RADIO_BATCH = 10;
/** How many of the last tracks of each kind count, so that the radio follows the listener. */
export const RECENT = 5;
const MOST = 1000; // results of one request

export const startRadio = (start: Seed): Radio => ({
  start,
  played: [],
  skipped: [],
  liked: [],
  disliked: [],
  offered: start.kind === 'track' ? [start.id] : [],
});

export function radioAfter(radio: Radio, id: number, event: RadioEvent): Radio {
  const without = (ids: readonly number[]): number[] => ids.filter((each) => each !== id);
  const liked = without(radio.liked);
  const disliked = without(radio.disliked);
  switch (event) {
    case 'played':
      return { ...radio, played: [...without(radio.played), id], skipped: without(radio.skipped) };
    case 'skipped':
      return { ...radio, played: without(radio.played), skipped: [...without(radio.skipped), id] };
    case 'liked':
      return { ...radio, liked: [...liked, id], disliked };
    case 'disliked':
      return { ...radio, liked, disliked: [...disliked, id] };
    case 'unrated':
      return { ...radio, liked, disliked };
  }
}

/** Tracks came into the queue. */
export const radioOffered = (radio: Radio, ids: readonly number[]): Radio => ({
  ...radio,
  offered: unique([...radio.offered, ...ids]),
});

/** Tracks left the queue before they were played; they may come again. */
export function radioWithdrawn(radio: Radio, ids: readonly number[]): Radio {
  const withdrawn = new Set(ids);
  return { ...radio, offered: radio.offered.filter((id) => !withdrawn.has(id)) };
}

/**
 * What to request: seeds are the start and the tracks that were liked or played, minus seeds those that were disliked or
 * skipped. A rating outweighs a play and a skip. The start stays a seed unless it is disliked and there is another one.
 * `attempt` grows while a request brings nothing new: it asks for more tracks, and for any number from one artist.
 */
export function radioRequest(radio: Radio, attempt = 0): RadioRequest {
  const { start } = radio;
  const liked = new Set(radio.liked);
  const rejected = new Set(radio.skipped.filter((id) => !liked.has(id)).slice(-RECENT));
  for (const id of radio.disliked.slice(-RECENT)) rejected.add(id);
  const disliked = new Set(radio.disliked);
  const wanted = unique([...radio.liked.slice(-RECENT), ...radio.played.slice(-RECENT)]);
  const found = wanted.filter((id) => !rejected.has(id) && !disliked.has(id));
  const isTrack = start.kind === 'track';
  if (isTrack && (found.length === 0 || !disliked.has(start.id))) found.unshift(start.id);
  const seed = unique(found);
  return {
    seed,
    album: start.kind === 'album' ? [start.id] : [],
    artist: start.kind === 'artist' ? [start.id] : [],
    minus: [...rejected].filter((id) => !seed.includes(id)),
    n: Math.min(MOST, (2 * RADIO_BATCH + Math.min(radio.offered.length, 100)) * 4 ** attempt),
    max_per_artist: attempt === 0 ? 2 : 0,
  };
}

/** Whether a request with the next `attempt` can bring other tracks after `count` results. */
export const canWiden = (request: RadioRequest, count: number): boolean =>
  request.max_per_artist > 0 || (count >= request.n && request.n < MOST);

/** The first tracks of an answer that were not in the queue. */
export function radioPicks(radio: Radio, found: readonly number[]): number[] {
  const offered = new Set(radio.offered);
  return unique(found.filter((id) => !offered.has(id))).slice(0, RADIO_BATCH);
}

/** Every track was in the queue: the older half may come again. */
export const radioForgetting = (radio: Radio): Radio => ({
  ...radio,
  offered: radio.offered.slice(Math.ceil(radio.offered.length / 2)),
});

const unique = (ids: readonly number[]): number[] => [...new Set(ids)];
