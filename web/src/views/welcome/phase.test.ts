import { expect, it } from 'vitest';
import { phaseOf } from './phase';

const nothing = { tracks: 0, running: 0, starting: false, adding: false };

it('begins with the choice of a folder, and returns to it where nothing was found', () => {
  expect(phaseOf(nothing)).toBe('choose');
  expect(phaseOf({ ...nothing, starting: true })).toBe('choose');
});

it('shows the work while an ingest waits or runs', () => {
  expect(phaseOf({ ...nothing, running: 1 })).toBe('working');
  expect(phaseOf({ ...nothing, running: 1, tracks: 5 })).toBe('working');
});

it('is ready when tracks are there and nothing runs', () => {
  expect(phaseOf({ ...nothing, tracks: 5 })).toBe('ready');
});

it('lets a further folder be chosen at any time', () => {
  expect(phaseOf({ ...nothing, tracks: 5, running: 1, adding: true })).toBe('choose');
});
