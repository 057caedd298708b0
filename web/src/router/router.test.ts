import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { current, match, navigate, startRouter, to } from '.';

describe('match', () => {
  it.each([
    ['tracks/:id', 'tracks/12', { id: '12' }],
    ['tracks/:id', 'tracks', null],
    ['tracks/:id', 'albums/12', null],
    ['', '', {}],
    ['genre-models/:name', 'genre-models/a%20b', { name: 'a b' }],
    ['genre-models/:name', 'genre-models/%', null],
  ])('%s with %s', (pattern, path, found) => {
    expect(match(pattern, path)).toEqual(found);
  });
});

describe('the router', () => {
  let stop = (): void => undefined;
  beforeEach(() => {
    document.head.innerHTML = '<base href="http://localhost:3000/recsys/">';
    history.replaceState(null, '', '/recsys/tracks/5?x=1');
    stop = startRouter();
  });
  afterEach(() => {
    stop();
    document.head.innerHTML = '';
    document.body.innerHTML = '';
  });

  it('reads the address below the base', () => {
    expect(current.value.path).toBe('tracks/5');
    expect(current.value.query.get('x')).toBe('1');
  });

  it('goes to a view below the base', () => {
    navigate(to('path', { start: 1, end: null }));
    expect(location.pathname + location.search).toBe('/recsys/path?start=1');
    expect(current.value.path).toBe('path');
  });

  it('goes to the first view', () => {
    navigate(to(''));
    expect(location.pathname).toBe('/recsys/');
    expect(current.value.path).toBe('');
  });

  it('follows links of the page, and leaves others to the browser', () => {
    const click = (html: string): boolean => {
      document.body.innerHTML = html;
      const event = new MouseEvent('click', { bubbles: true, cancelable: true });
      document.body.querySelector('b')?.dispatchEvent(event);
      return event.defaultPrevented;
    };
    expect(click('<a href="/elsewhere"><b>x</b></a>')).toBe(false);
    expect(click('<a href="api/v1/playlists/1/export" download><b>x</b></a>')).toBe(false);
    expect(current.value.path).toBe('tracks/5');
    expect(click('<a href="albums/3"><b>x</b></a>')).toBe(true);
    expect(current.value.path).toBe('albums/3');
  });
});
