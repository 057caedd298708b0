import { expect, it } from 'vitest';
import { bars, steps } from './charts';

it('draws bars relative to the largest one that is shown', () => {
  expect(bars({ rock: 8, pop: 2, jazz: 1 }, 2)).toEqual([
    { name: 'rock', count: 8, share: 1 },
    { name: 'pop', count: 2, share: 0.25 },
  ]);
  expect(bars({})).toEqual([]);
});

it('has a step for every decade between the first and the last', () => {
  expect(steps({ 1970: 1, 2000: 3 }, 10)).toEqual(['1970', '1980', '1990', '2000']);
  expect(steps({}, 10)).toEqual([]);
});

it('draws a step without tracks as zero', () => {
  const counts = { 60: 4, 80: 2 };
  expect(bars(counts, Infinity, steps(counts, 10)).map((bar) => bar.count)).toEqual([4, 0, 2]);
});
