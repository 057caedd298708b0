import { expect, it } from 'vitest';
import { mistakes, rowShares } from './confusion';

const MATRIX = [
  [8, 2, 0],
  [0, 0, 0],
  [3, 0, 1],
];

it('shows a cell as the share of the tracks with its label', () => {
  expect(rowShares(MATRIX)).toEqual([
    [0.8, 0.2, 0],
    [0, 0, 0],
    [0.75, 0, 0.25],
  ]);
});

it('finds the most frequent mistakes, and leaves out what is right', () => {
  expect(mistakes(['rock', 'pop', 'jazz'], MATRIX)).toEqual([
    { label: 'jazz', predicted: 'rock', tracks: 3 },
    { label: 'rock', predicted: 'pop', tracks: 2 },
  ]);
  expect(mistakes(['rock', 'pop', 'jazz'], MATRIX, 1)).toHaveLength(1);
});
