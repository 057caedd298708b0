/**
 * The queue: an immutable value and the functions that make the next value of it.
 *
 * An entry has a key of its own, since a track may be in the queue twice. `entries` are in playing order, also when
 * shuffled; those before `index` are the history.
 */

export type Repeat = 'off' | 'all' | 'one';

export interface Entry {
  readonly key: number;
  /** of the track */
  readonly id: number;
  /** whether the radio added it, which may replace it as long as it has not been played */
  readonly radio: boolean;
}

export interface Queue {
  readonly entries: readonly Entry[];
  /** of the current entry; -1 if and only if the queue is empty */
  readonly index: number;
  readonly repeat: Repeat;
  readonly nextKey: number;
  /** keys in the order before the shuffle; null if the queue is not shuffled */
  readonly unshuffled: readonly number[] | null;
}

/** A number from 0 to below 1. */
export type Random = () => number;

export const EMPTY: Queue = { entries: [], index: -1, repeat: 'off', nextKey: 1, unshuffled: null };

export const current = (queue: Queue): Entry | null => queue.entries[queue.index] ?? null;

/** The entries after the current one. */
export const upcoming = (queue: Queue): readonly Entry[] => queue.entries.slice(queue.index + 1);

export const isShuffled = (queue: Queue): boolean => queue.unshuffled !== null;

/** Replace all entries and make one the current one; a shuffled queue stays shuffled. */
export function playTracks(queue: Queue, ids: readonly number[], index = 0, random: Random = Math.random): Queue {
  const entries = entriesOf(queue, ids, false);
  const next: Queue = {
    ...queue,
    entries,
    index: entries.length === 0 ? -1 : clamp(index, 0, entries.length - 1),
    nextKey: queue.nextKey + ids.length,
    unshuffled: null,
  };
  return isShuffled(queue) ? shuffle(next, random) : next;
}

/** Add tracks at the end. */
export const enqueue = (queue: Queue, ids: readonly number[], radio = false): Queue =>
  insert(queue, ids, queue.entries.length, radio);

/** Add tracks after the current one. */
export const playNext = (queue: Queue, ids: readonly number[]): Queue => insert(queue, ids, queue.index + 1, false);

function insert(queue: Queue, ids: readonly number[], at: number, radio: boolean): Queue {
  if (ids.length === 0) return queue;
  const added = entriesOf(queue, ids, radio);
  return {
    ...queue,
    entries: [...queue.entries.slice(0, at), ...added, ...queue.entries.slice(at)],
    index: queue.index === -1 ? 0 : queue.index,
    nextKey: queue.nextKey + ids.length,
    unshuffled: queue.unshuffled && [...queue.unshuffled, ...added.map(({ key }) => key)],
  };
}

const entriesOf = (queue: Queue, ids: readonly number[], radio: boolean): Entry[] =>
  ids.map((id, place) => ({ key: queue.nextKey + place, id, radio }));

/** Remove an entry. After the current one is removed the following one is current, or the last. */
export function remove(queue: Queue, key: number): Queue {
  const at = placeOf(queue, key);
  if (at === -1) return queue;
  const kept = keep(queue, (entry) => entry.key !== key);
  const index = at < queue.index ? queue.index - 1 : Math.min(queue.index, kept.entries.length - 1);
  return { ...kept, index };
}

/** Remove all entries after the current one. */
export const clearUpcoming = (queue: Queue): Queue => keep(queue, (_, place) => place <= queue.index);

/** Remove the entries after the current one that the radio added. */
export const clearRadio = (queue: Queue): Queue => keep(queue, (entry, place) => place <= queue.index || !entry.radio);

function keep(queue: Queue, condition: (entry: Entry, place: number) => boolean): Queue {
  const entries = queue.entries.filter(condition);
  const keys = new Set(entries.map(({ key }) => key));
  return { ...queue, entries, unshuffled: queue.unshuffled?.filter((key) => keys.has(key)) ?? null };
}

/** Move an entry to another place; the current entry stays current. */
export function move(queue: Queue, key: number, to: number): Queue {
  const from = placeOf(queue, key);
  const target = clamp(to, 0, queue.entries.length - 1);
  const moved = queue.entries[from];
  if (!moved || from === target) return queue;
  const entries = queue.entries.toSpliced(from, 1).toSpliced(target, 0, moved);
  return withCurrent({ ...queue, entries }, current(queue)?.key);
}

/** Make an entry the current one. */
export function select(queue: Queue, key: number): Queue {
  const at = placeOf(queue, key);
  return at === -1 ? queue : { ...queue, index: at };
}

/** Shuffle the entries, with the current one first, or restore the order of before. */
export function setShuffle(queue: Queue, on: boolean, random: Random = Math.random): Queue {
  if (on === isShuffled(queue)) return queue;
  if (on) return shuffle(queue, random);
  const order = new Map(queue.unshuffled?.map((key, place) => [key, place]));
  const entries = queue.entries.toSorted((one, other) => (order.get(one.key) ?? 0) - (order.get(other.key) ?? 0));
  return withCurrent({ ...queue, entries, unshuffled: null }, current(queue)?.key);
}

function shuffle(queue: Queue, random: Random): Queue {
  const first = current(queue);
  const others = queue.entries.filter((entry) => entry !== first);
  for (let place = others.length - 1; place > 0; place--) {
    const other = Math.floor(random() * (place + 1));
    const [one, two] = [others[place], others[other]];
    if (one && two) [others[place], others[other]] = [two, one];
  }
  return {
    ...queue,
    entries: first ? [first, ...others] : others,
    index: first ? 0 : -1,
    unshuffled: queue.entries.map(({ key }) => key),
  };
}

/**
 * The entry that follows, or null where playing stops. `ended` says that the current one came to its end by itself:
 * repeat "one" then repeats it, while "next" leaves it.
 */
export function following(queue: Queue, ended: boolean): Entry | null {
  if (ended && queue.repeat === 'one') return current(queue);
  return queue.entries[queue.index + 1] ?? (queue.repeat === 'off' ? null : (queue.entries[0] ?? null));
}

/** The entry before, or null at the start. */
export const preceding = (queue: Queue): Entry | null => queue.entries[queue.index - 1] ?? null;

const placeOf = (queue: Queue, key: number): number => queue.entries.findIndex((entry) => entry.key === key);

const withCurrent = (queue: Queue, key: number | undefined): Queue => ({
  ...queue,
  index: key === undefined ? -1 : placeOf(queue, key),
});

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
