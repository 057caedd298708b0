import { beforeEach, expect, it } from 'vitest';
import { nextUndecided, readDecisions, writeDecisions } from './decisions';

beforeEach(() => localStorage.clear());

it('goes to the next one that is not decided, and around the end', () => {
  const paths = ['a', 'b', 'c', 'd'];
  expect(nextUndecided(paths, {}, -1)).toBe(0);
  expect(nextUndecided(paths, {}, 0)).toBe(1);
  expect(nextUndecided(paths, { b: 'right', c: 'wrong' }, 0)).toBe(3);
  expect(nextUndecided(paths, {}, 3)).toBe(0);
  expect(nextUndecided(paths, { a: 'right', c: 'right', d: 'right' }, 1)).toBe(1);
  expect(nextUndecided(paths, { a: 'right', b: 'right', c: 'right', d: 'wrong' }, 2)).toBeNull();
  expect(nextUndecided([], {}, -1)).toBeNull();
});

it('keeps the decisions of each model', () => {
  writeDecisions('mine', { a: 'right' });
  expect(readDecisions('mine')).toEqual({ a: 'right' });
  expect(readDecisions('other')).toEqual({});
});

it('ignores what it did not write', () => {
  localStorage.setItem('recsys.suspects.mine', '{"a": "maybe", "b": "wrong"}');
  expect(readDecisions('mine')).toEqual({ b: 'wrong' });
  localStorage.setItem('recsys.suspects.mine', 'null');
  expect(readDecisions('mine')).toEqual({});
  localStorage.setItem('recsys.suspects.mine', '{');
  expect(readDecisions('mine')).toEqual({});
});
