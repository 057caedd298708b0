import { describe, expect, it } from 'vitest';
import { nothingSelected, select, selectAll } from './selection';

const items = ['a', 'b', 'c', 'd', 'e'];

describe('a selection', () => {
  it('is one row after a click', () => {
    const first = select(items, nothingSelected<string>(), 1);
    expect([...select(items, first, 3).ids]).toEqual(['d']);
  });

  it('reaches from the anchor with Shift, in both directions', () => {
    const first = select(items, nothingSelected<string>(), 2);
    const down = select(items, first, 4, { range: true });
    expect([...down.ids]).toEqual(['c', 'd', 'e']);
    expect([...select(items, down, 1, { range: true }).ids]).toEqual(['b', 'c']);
  });

  it('reaches from the row that has the focus where nothing was chosen before', () => {
    const focused = { ...nothingSelected<string>(), active: 1 };
    expect([...select(items, focused, 2, { range: true }).ids]).toEqual(['b', 'c']);
  });

  it('gains and loses a row with Ctrl', () => {
    const two = select(items, select(items, nothingSelected<string>(), 0), 3, { toggle: true });
    expect([...two.ids]).toEqual(['a', 'd']);
    expect([...select(items, two, 0, { toggle: true }).ids]).toEqual(['d']);
  });

  it('stays when only the active row moves', () => {
    const moved = select(items, select(items, nothingSelected<string>(), 0), 1, { keep: true });
    expect([...moved.ids]).toEqual(['a']);
    expect(moved.active).toBe(1);
  });

  it('has all rows, and ignores rows that do not exist', () => {
    const all = selectAll(items, nothingSelected<string>());
    expect(all.ids.size).toBe(5);
    expect(select(items, all, 9)).toBe(all);
  });
});
