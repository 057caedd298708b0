import { describe, expect, it } from 'vitest';
import { line, place, shape, target } from './curve';

describe('target', () => {
  const values = [0.1, 0.5, 0.2, 0.9];
  it('sorts the values of the tracks into the shape of the curve', () => {
    expect(target(values, 'rising')).toEqual([0.1, 0.2, 0.5, 0.9]);
    expect(target(values, 'falling')).toEqual([0.9, 0.5, 0.2, 0.1]);
    expect(target(values, 'arc')).toEqual([0.1, 0.5, 0.9, 0.2]);
  });
  it('is the mean where it is flat', () => {
    expect(target([0.2, 0.4], 'flat').map((each) => each.toFixed(2))).toEqual(['0.30', '0.30']);
    expect(target([], 'flat')).toEqual([]);
  });
});

describe('place', () => {
  it('puts 1 at the top and leaves out what has no value', () => {
    expect(place([1, null, 0], 100, 50, 0)).toEqual([{ x: 0, y: 0 }, null, { x: 100, y: 50 }]);
  });
  it('puts one value into the middle', () => {
    expect(place([0.5], 100, 50)).toEqual([{ x: 50, y: 25 }]);
  });
});

it('a line goes through its points', () => {
  expect(line([])).toBe('');
  expect(
    line([
      { x: 0, y: 10 },
      { x: 20, y: 0 },
    ]),
  ).toBe('M0 10C10 10 10 0 20 0');
  expect(shape('rising', 56, 32)).toMatch(/^M4 /);
});
