/** The request for a playlist that the form edits: its defaults, and what the form shows of it. */
import { signal } from '@preact/signals';
import type { FilterRecord, PlaylistRequestRecord, QuotaRecord } from '../../api/records';
import type { SeedItem } from '../../state/seeds';

/** What a playlist begins from. */
export type Source = 'seeds' | 'likes';

/** A playlist that is being made; its seeds are those of `state/seeds`. */
export interface Draft {
  request: PlaylistRequestRecord;
  source: Source;
  /** tracks that the user left out of the list that is shown */
  leftOut: readonly number[];
  /** the saved playlist whose request is edited */
  editing: { id: number; name: string } | null;
}

const NO_FILTER: FilterRecord = {
  genres: [],
  year_range: null,
  bpm_range: null,
  excluded_genres: [],
  keys: [],
  tags: [],
  folders: [],
  excluded_folders: [],
  moods: [],
  valence_range: null,
  arousal_range: null,
  tagged_genres: [],
  excluded_tagged_genres: [],
};

/** The defaults of the server. */
export const DEFAULTS: PlaylistRequestRecord = {
  n: 25,
  minutes: null,
  seeds: [],
  include_seeds: false,
  filter: NO_FILTER,
  min_duration: 30,
  max_duration: 1800,
  max_per_artist: 2,
  max_per_album: 0,
  min_artist_gap: 0,
  diversity: 2,
  exploration: 0,
  quotas: [],
  energy_curve: null,
  exclude_recent: false,
  seed: 0,
  random: false,
  not_like: [],
};

export const newDraft = (source: Source = 'seeds'): Draft => ({
  request: DEFAULTS,
  source,
  leftOut: [],
  editing: null,
});

/** The draft stays while other views are open. */
export const draft = signal<Draft>(newDraft());

export const change = (fields: Partial<PlaylistRequestRecord>): void => {
  draft.value = { ...draft.value, request: { ...draft.value.request, ...fields } };
};

export const changeFilter = (fields: Partial<FilterRecord>): void =>
  change({ filter: { ...draft.value.request.filter, ...fields } });

/**
 * What the server is asked for. `plus` and `minus` are ids of tracks; a preview is of one seed, so it is never random.
 */
export function previewRequest(
  { request, source }: Draft,
  plus: readonly number[],
  minus: readonly number[],
): PlaylistRequestRecord {
  const seeds = source === 'seeds' ? plus.map(String) : [];
  return {
    ...request,
    seeds,
    not_like: minus.map(String),
    include_seeds: request.include_seeds && seeds.length > 0,
    quotas: request.quotas.filter(({ genre, share, count }) => genre !== '' && (share ?? count ?? 0) > 0),
    random: false,
  };
}

/** The request that is stored: a random one has no seed. */
export const savedRequest = (request: PlaylistRequestRecord, random: boolean): PlaylistRequestRecord =>
  random ? { ...request, seed: 0, random } : request;

/** The draft that a saved request is edited as. */
export const draftOf = (request: PlaylistRequestRecord, editing: Draft['editing']): Draft => ({
  request: {
    ...request,
    n: request.n ?? (request.minutes === null ? DEFAULTS.n : null),
    filter: { ...NO_FILTER, ...request.filter },
  },
  source: request.seeds.length > 0 ? 'seeds' : 'likes',
  leftOut: [],
  editing,
});

/** Ids among references of tracks; others, such as paths, have no row here. */
export const idsOf = (references: readonly string[]): number[] =>
  references.filter((each) => /^\d+$/.test(each)).map(Number);

/** At most `most` of some ids, spread evenly: an artist with many tracks is as much of a seed as a track. */
export function spread(ids: readonly number[], most: number): number[] {
  if (ids.length <= most) return [...ids];
  return Array.from({ length: most }, (_, index) => ids[Math.floor((index * ids.length) / most)] as number);
}

export const seedKey = ({ kind, id }: SeedItem): string => `${kind}-${id}`;

/** The part of all quotas that is given away, 0 to 1. */
export const quotaSum = (quotas: readonly QuotaRecord[]): number =>
  quotas.reduce((sum, { share }) => sum + (share ?? 0), 0);

/** The quotas with one share changed, so that all add up to at most 1. */
export function withShare(quotas: readonly QuotaRecord[], index: number, share: number): QuotaRecord[] {
  const others = quotaSum(quotas.filter((_, place) => place !== index));
  const allowed = Math.max(0, Math.min(share, Math.round((1 - others) * 100) / 100));
  return quotas.map((quota, place) => (place === index ? { ...quota, share: allowed, count: null } : quota));
}

/** A range from two fields; an empty end is open. Null is no range, undefined a reversed one. */
export function readInterval(low: string, high: string, most: number): [number, number] | null | undefined {
  if (low.trim() === '' && high.trim() === '') return null;
  const from = low.trim() === '' ? 0 : Number(low);
  const until = high.trim() === '' ? most : Number(high);
  return Number.isFinite(from) && Number.isFinite(until) && 0 <= from && from <= until && until <= most
    ? [from, until]
    : undefined;
}

/** The two fields of a range. */
export const showInterval = (range: readonly number[] | null, most: number): [string, string] => {
  const [low = 0, high = most] = range ?? [];
  return [low > 0 ? String(low) : '', high < most ? String(high) : ''];
};

/** How many fields of the filter are set. */
export const filterCount = (filter: FilterRecord): number =>
  Object.values(filter).filter((value: readonly unknown[] | null) => value !== null && value.length > 0).length;
