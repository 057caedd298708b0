import { describe, expect, it } from 'vitest';
import {
  EMPTY,
  clearRadio,
  clearUpcoming,
  current,
  enqueue,
  following,
  isShuffled,
  move,
  playNext,
  playTracks,
  preceding,
  remove,
  select,
  setShuffle,
  upcoming,
  type Queue,
  type Random,
} from './queue';

const ids = (queue: Queue): number[] => queue.entries.map(({ id }) => id);
const keyOf = (queue: Queue, place: number): number => queue.entries[place]?.key ?? -1;
const abc = playTracks(EMPTY, [10, 20, 30], 1);

/** Numbers that are the same in every run (mulberry32). */
function randomOf(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('queue', () => {
  it('plays a list from an index', () => {
    expect(current(abc)?.id).toBe(20);
    expect(upcoming(abc).map(({ id }) => id)).toEqual([30]);
    expect(current(playTracks(EMPTY, []))).toBeNull();
    expect(playTracks(EMPTY, [1], 9).index).toBe(0);
  });

  it('adds at the end and after the current entry', () => {
    expect(ids(enqueue(abc, [40]))).toEqual([10, 20, 30, 40]);
    expect(ids(playNext(abc, [40, 50]))).toEqual([10, 20, 40, 50, 30]);
    expect(current(enqueue(EMPTY, [7]))?.id).toBe(7);
  });

  it('has a track twice under two keys', () => {
    const twice = enqueue(abc, [20]);
    expect(ids(remove(twice, keyOf(twice, 3)))).toEqual([10, 20, 30]);
  });

  it('removes: the current entry stays, or the following one becomes current, or the last', () => {
    expect(current(remove(abc, keyOf(abc, 0)))?.id).toBe(20);
    expect(current(remove(abc, keyOf(abc, 1)))?.id).toBe(30);
    const last = select(abc, keyOf(abc, 2));
    expect(current(remove(last, keyOf(last, 2)))?.id).toBe(20);
    const one = playTracks(EMPTY, [5]);
    expect(remove(one, keyOf(one, 0)).index).toBe(-1);
  });

  it('moves an entry, also the current one', () => {
    expect(ids(move(abc, keyOf(abc, 2), 0))).toEqual([30, 10, 20]);
    expect(current(move(abc, keyOf(abc, 2), 0))?.id).toBe(20);
    expect(current(move(abc, keyOf(abc, 1), 99))?.id).toBe(20);
  });

  it('shuffles with the current entry first, and restores the order', () => {
    const list = playTracks(EMPTY, [1, 2, 3, 4, 5, 6, 7, 8], 3);
    const shuffled = setShuffle(list, true, randomOf(1));
    expect(shuffled.index).toBe(0);
    expect(ids(shuffled)[0]).toBe(4);
    expect(ids(shuffled)).not.toEqual([4, 1, 2, 3, 5, 6, 7, 8]);
    const added = enqueue(shuffled, [9]);
    expect(ids(setShuffle(added, false))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(current(setShuffle(added, false))?.id).toBe(4);
    const replaced = playTracks(shuffled, [21, 22, 23], 2, randomOf(1));
    expect(isShuffled(replaced)).toBe(true);
    expect(current(replaced)?.id).toBe(23);
  });

  it('repeats nothing, all, or one entry', () => {
    const last = select(abc, keyOf(abc, 2));
    expect(following(last, true)).toBeNull();
    expect(following({ ...last, repeat: 'all' }, true)?.id).toBe(10);
    expect(following({ ...abc, repeat: 'one' }, true)?.id).toBe(20);
    expect(following({ ...abc, repeat: 'one' }, false)?.id).toBe(30);
    expect(preceding(abc)?.id).toBe(10);
    expect(preceding(playTracks(EMPTY, [1]))).toBeNull();
    expect(following(EMPTY, false)).toBeNull();
  });

  it('removes what is upcoming, or what of it the radio added', () => {
    const mixed = playNext(enqueue(abc, [40, 50], true), [25]);
    expect(ids(clearUpcoming(mixed))).toEqual([10, 20]);
    expect(ids(clearRadio(mixed))).toEqual([10, 20, 25, 30]);
    const played = select(mixed, keyOf(mixed, 4));
    expect(ids(clearRadio(played))).toEqual([10, 20, 25, 30, 40]);
  });

  it('stays valid under any sequence of changes', () => {
    const random = randomOf(20);
    const below = (n: number): number => Math.floor(random() * n);
    const some = (): number[] => Array.from({ length: below(4) }, () => below(50));
    const any = (queue: Queue): number => keyOf(queue, below(queue.entries.length + 1));
    const changes: ((queue: Queue) => Queue)[] = [
      (queue) => playTracks(queue, some(), below(4), random),
      (queue) => enqueue(queue, some(), random() < 0.5),
      (queue) => playNext(queue, some()),
      (queue) => remove(queue, any(queue)),
      (queue) => move(queue, any(queue), below(12) - 2),
      (queue) => select(queue, any(queue)),
      (queue) => setShuffle(queue, random() < 0.5, random),
      clearUpcoming,
      clearRadio,
    ];
    let queue = EMPTY;
    for (let step = 0; step < 5000; step++) {
      const before = queue;
      const kind = below(changes.length);
      queue = changes[kind]?.(queue) ?? queue;
      const keys = queue.entries.map(({ key }) => key);
      expect(new Set(keys).size).toBe(keys.length);
      expect(Math.max(0, ...keys)).toBeLessThan(queue.nextKey);
      if (keys.length === 0) expect(queue.index).toBe(-1);
      else expect(queue.entries[queue.index]).toBeDefined();
      if (queue.unshuffled) expect([...queue.unshuffled].sort()).toEqual([...keys].sort());
      const keepsCurrent = [1, 2, 4, 6, 7, 8].includes(kind) && before.index >= 0;
      if (keepsCurrent) expect(current(queue)?.key).toBe(current(before)?.key);
      const sameTracks = [4, 5, 6].includes(kind);
      if (sameTracks) expect(ids(queue).sort()).toEqual(ids(before).sort());
    }
  });
});
