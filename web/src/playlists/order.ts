/** Lists whose order changes. */

/** The list with one entry at another place. */
export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const rest = items.filter((_, index) => index !== from);
  const item = items[from];
  return item === undefined ? [...items] : [...rest.slice(0, to), item, ...rest.slice(to)];
}

/** Where an entry from `from` is after it is dropped before or after the entry `over`. */
export function dropIndex(from: number, over: number, after: boolean): number {
  const gap = after ? over + 1 : over;
  return from < gap ? gap - 1 : gap;
}

/** Keys of the entries that move with them, also where a track is in the list twice. */
export function keysOf(ids: readonly number[]): string[] {
  const seen = new Map<number, number>();
  return ids.map((id) => {
    const count = seen.get(id) ?? 0;
    seen.set(id, count + 1);
    return `${id}-${count}`;
  });
}
