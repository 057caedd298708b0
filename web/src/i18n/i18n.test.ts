import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatDuration, formatLength, preferredLanguage, setLanguage, t, type TextKey } from '.';
import { de } from './de';
import { en } from './en';

const parts = Object.entries(import.meta.glob<Record<string, object>>('./en/*.ts', { eager: true }))
  .filter(([path]) => !path.endsWith('/index.ts'))
  .flatMap(([, module]) => Object.values(module));

const placeholders = (text: string | { one: string; other: string }): string[] =>
  [...(typeof text === 'string' ? text : text.other).matchAll(/\{\w+\}/g)].map(([each]) => each).sort();

describe('the catalogues', () => {
  it('have every key once', () => {
    const keys = parts.flatMap((part) => Object.keys(part));
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
    expect(keys.length).toBe(Object.keys(en).length);
  });

  it.each(Object.keys(en) as TextKey[])('have the same values in %s', (key) => {
    expect(placeholders(de[key])).toEqual(placeholders(en[key]));
  });
});

describe('texts', () => {
  beforeEach(() => {
    vi.spyOn(navigator, 'languages', 'get').mockReturnValue(['de-AT', 'en']);
    localStorage.clear();
  });
  afterEach(() => setLanguage('en'));

  it('follow the browser, and the setting before it', async () => {
    expect(preferredLanguage()).toBe('de');
    await setLanguage('en', true);
    expect(preferredLanguage()).toBe('en');
  });

  it('choose the plural and write numbers as the language does', async () => {
    await setLanguage('en');
    expect([t('n-tracks', { n: 1 }), t('n-tracks', { n: 12345 })]).toEqual(['1 track', '12,345 tracks']);
    await setLanguage('de');
    expect(t('n-albums', { n: 2 })).toBe('2 Alben');
    expect(document.documentElement.lang).toBe('de');
  });

  it('isolate names that change the direction of the text around them', async () => {
    await setLanguage('en');
    expect(t('like-named', { name: 'So What' })).toBe('Like So What');
    expect(t('like-named', { name: 'ليل' })).toBe('Like \u2068ليل\u2069');
    expect(t('actions-named', { name: 'a\u2069\u202egnp' })).toBe('Actions for \u2068a\u202egnp\u2069');
  });

  it('leave a placeholder without a value as it is', () => {
    expect(t('remove-named')).toContain('{name}');
  });
});

describe('lengths', () => {
  it.each([
    [0, '0:00'],
    [245.4, '4:05'],
    [3723, '1:02:03'],
  ])('%d seconds of a track', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it('of lists have the two largest units', async () => {
    await setLanguage('en');
    expect([formatLength(2520), formatLength(11_100), formatLength(7200), formatLength(400_000)]).toEqual([
      '42 min',
      '3 hr 5 min',
      '2 hr',
      '5 days',
    ]);
  });
});
