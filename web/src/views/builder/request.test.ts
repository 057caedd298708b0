import { describe, expect, it } from 'vitest';
import { compatibleKeys, KEYS, withCompatible } from './keys';
import { matching } from './NameField';
import {
  DEFAULTS,
  draftOf,
  filterCount,
  idsOf,
  newDraft,
  previewRequest,
  quotaSum,
  readInterval,
  savedRequest,
  showInterval,
  spread,
  withShare,
} from './request';

describe('previewRequest', () => {
  it('has the ids of seeds and minus seeds as references', () => {
    const request = previewRequest(newDraft(), [3, 5], [8]);
    expect(request.seeds).toEqual(['3', '5']);
    expect(request.not_like).toEqual(['8']);
  });

  it('has no seeds where the list begins with the likes, and then does not include them', () => {
    const draft = { ...newDraft('likes'), request: { ...DEFAULTS, include_seeds: true } };
    expect(previewRequest(draft, [3], [])).toMatchObject({ seeds: [], include_seeds: false });
  });

  it('is never random, and leaves out quotas of nothing', () => {
    const quotas = [
      { genre: 'jazz', share: 0.3, count: null },
      { genre: 'rock', share: 0, count: null },
      { genre: 'pop', share: null, count: 2 },
    ];
    const request = previewRequest({ ...newDraft(), request: { ...DEFAULTS, quotas, random: true } }, [1], []);
    expect(request.random).toBe(false);
    expect(request.quotas.map(({ genre }) => genre)).toEqual(['jazz', 'pop']);
  });
});

it('a request that is saved as random has no seed', () => {
  const request = { ...DEFAULTS, seed: 12 };
  expect(savedRequest(request, true)).toMatchObject({ seed: 0, random: true });
  expect(savedRequest(request, false)).toMatchObject({ seed: 12, random: false });
});

it('a saved request becomes a draft that makes the same request', () => {
  const request = {
    ...DEFAULTS,
    n: null,
    minutes: 45,
    seeds: ['7'],
    filter: { ...DEFAULTS.filter, folders: ['/music/new'], genres: ['jazz'] },
    energy_curve: 'arc' as const,
  };
  const draft = draftOf(request, { id: 1, name: 'Evening' });
  expect(draft).toMatchObject({ source: 'seeds', editing: { id: 1, name: 'Evening' } });
  expect(previewRequest(draft, idsOf(request.seeds), [])).toEqual(request);
  expect(draftOf({ ...request, n: null, minutes: null, seeds: [] }, null)).toMatchObject({
    source: 'likes',
    request: { n: DEFAULTS.n },
  });
});

it('references that are no ids are left out', () => {
  expect(idsOf(['12', '/music/a.mp3', '3'])).toEqual([12, 3]);
});

it('many ids are spread evenly', () => {
  expect(spread([1, 2, 3], 5)).toEqual([1, 2, 3]);
  expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 5)).toEqual([0, 2, 4, 6, 8]);
});

describe('quotas', () => {
  const quotas = [
    { genre: 'jazz', share: 0.5, count: null },
    { genre: 'rock', share: 0.3, count: null },
  ];
  it('add up to at most the whole list', () => {
    expect(quotaSum(withShare(quotas, 1, 0.9))).toBe(1);
    expect(withShare(quotas, 1, 0.9)[1]?.share).toBe(0.5);
    expect(withShare(quotas, 0, 0.2)[0]?.share).toBe(0.2);
  });
});

describe('intervals', () => {
  it('have open ends', () => {
    expect(readInterval('', '', 999)).toBeNull();
    expect(readInterval('90', '', 999)).toEqual([90, 999]);
    expect(readInterval(' ', '120', 999)).toEqual([0, 120]);
    expect(showInterval([90, 999], 999)).toEqual(['90', '']);
    expect(showInterval([0, 120], 999)).toEqual(['', '120']);
    expect(showInterval(null, 999)).toEqual(['', '']);
  });

  it('that are reversed or no numbers are not read', () => {
    expect(readInterval('130', '120', 999)).toBeUndefined();
    expect(readInterval('fast', '', 999)).toBeUndefined();
  });
});

it('counts the fields of a filter that are set', () => {
  expect(filterCount(DEFAULTS.filter)).toBe(0);
  expect(filterCount({ ...DEFAULTS.filter, genres: ['jazz'], year_range: [1950, 1960] })).toBe(2);
});

describe('keys', () => {
  it('are compatible as the server has it', () => {
    expect(compatibleKeys('A minor')).toEqual(['A minor', 'C major', 'E minor', 'G major', 'D minor', 'F major']);
    expect(withCompatible(['A minor', 'C major'])).toHaveLength(6);
    expect(KEYS).toHaveLength(24);
  });
});

it('names that begin with the text come first, without what is chosen', () => {
  const names = ['punk rock', 'rock', 'rockabilly', 'jazz'].map((name) => ({ name }));
  expect(matching(names, ['rockabilly'], 'Rock').map(({ name }) => name)).toEqual(['rock', 'punk rock']);
});
