import { describe, expect, it } from 'vitest';
import { nextSort, readQuery, readRange, toParameters, writeQuery, writeRange } from './filters';

describe('the filters of the library', () => {
  it('become one query and parameters of their own', () => {
    const query = readQuery(
      new URLSearchParams('q=blue&artist=Miles Davis&year=1950..1959&genre=jazz&key=A minor&sort=year:desc'),
    );
    expect(toParameters(query)).toEqual({
      query: 'blue artist:"Miles Davis" year:1950..1959 key:"A minor"',
      genre: 'jazz',
      sort: 'year:desc',
    });
  });

  it('are the same after a way through the address', () => {
    const query = { text: 'a b', filters: { bpm: '>=120', album: 'x "y" z' }, sort: 'title' };
    expect(readQuery(new URLSearchParams(writeQuery(query)))).toEqual(query);
  });

  it('keep quotes out of quoted texts', () => {
    expect(toParameters({ text: '', filters: { album: 'x "y"' }, sort: '' })).toEqual({ query: 'album:"x y"' });
  });

  it.each([
    ['1990', '1999', '1990..1999'],
    ['1990', '1990', '1990'],
    ['1990', '', '>=1990'],
    ['', '1999', '<=1999'],
    ['', '', ''],
  ])('write the range %s to %s as %s', (low, high, text) => {
    expect(writeRange(low, high)).toBe(text);
    if (text) expect(readRange(text)).toEqual([low, high]);
  });

  it('sort up, down, and not at all', () => {
    expect(nextSort('', 'year')).toBe('year');
    expect(nextSort('year', 'year')).toBe('year:desc');
    expect(nextSort('year:desc', 'year')).toBe('');
    expect(nextSort('year:desc', 'title')).toBe('title');
  });
});
