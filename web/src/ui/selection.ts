/** Which rows of a list are selected, as file managers select: click, Ctrl, Shift. */

export interface Selection<T extends string | number> {
  ids: ReadonlySet<T>;
  /** the row that the keyboard acts on; -1 is none */
  active: number;
  /** where a range begins */
  anchor: number;
}

export const nothingSelected = <T extends string | number>(): Selection<T> => ({
  ids: new Set(),
  active: -1,
  anchor: -1,
});

interface Options {
  /** Shift: all from the anchor to the row */
  range?: boolean;
  /** Ctrl: the row changes, others stay */
  toggle?: boolean;
  /** only the active row moves */
  keep?: boolean;
}

export function select<T extends string | number>(
  items: readonly T[],
  before: Selection<T>,
  index: number,
  { range = false, toggle = false, keep = false }: Options = {},
): Selection<T> {
  const item = items[index];
  if (item === undefined) return before;
  if (keep) return { ...before, active: index };
  if (range) {
    const anchor = [before.anchor, before.active].find((each) => each >= 0 && each < items.length) ?? index;
    const [low, high] = anchor < index ? [anchor, index] : [index, anchor];
    return { ids: new Set([...(toggle ? before.ids : []), ...items.slice(low, high + 1)]), active: index, anchor };
  }
  if (toggle) {
    const ids = new Set(before.ids);
    if (!ids.delete(item)) ids.add(item);
    return { ids, active: index, anchor: index };
  }
  return { ids: new Set([item]), active: index, anchor: index };
}

export const selectAll = <T extends string | number>(items: readonly T[], before: Selection<T>): Selection<T> => ({
  ids: new Set(items),
  active: before.active,
  anchor: 0,
});
