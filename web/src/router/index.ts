/** Addresses of the page: paths below <base href>, through the History API. */
import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';

export interface Location {
  /** below the base, without a slash at the begin: "tracks/12" */
  path: string;
  query: URLSearchParams;
}

/** What a view gets: the parts of the path that its pattern names, and the query. */
export interface ViewProperties {
  parameters: Record<string, string>;
  query: URLSearchParams;
}

export type View = ComponentType<ViewProperties>;

export interface Route {
  /** "tracks/:id" */
  path: string;
  load: () => Promise<{ default: View }>;
}

const base = (): URL => new URL(document.baseURI);

function read(): Location {
  const path = location.pathname.slice(base().pathname.length).replace(/\/$/, '');
  return {
    path: location.pathname.startsWith(base().pathname) ? path : '',
    query: new URLSearchParams(location.search),
  };
}

/** Where the page is. */
export const current = signal<Location>({ path: '', query: new URLSearchParams() });

/** The address of a view for a link: `to('tracks', { q: 'blue' })`. */
export function to(path: string, query: Record<string, string | number | null | undefined> = {}): string {
  const set = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') set.set(name, String(value));
  }
  const text = set.toString();
  return `${path || '.'}${text && `?${text}`}`;
}

/** Go to a view; `replace` leaves no entry in the history. */
export function navigate(address: string, { replace = false } = {}): void {
  const url = new URL(address, document.baseURI);
  history[replace ? 'replaceState' : 'pushState'](null, '', url);
  current.value = read();
}

/** Follow the history and the links of the page; returns the function that stops it. */
export function startRouter(): () => void {
  const onPop = (): void => {
    current.value = read();
  };
  const onClick = (event: MouseEvent): void => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || event.defaultPrevented || link.target || link.hasAttribute('download')) return;
    const url = new URL(link.getAttribute('href') ?? '', document.baseURI);
    if (url.origin !== location.origin || !url.pathname.startsWith(base().pathname)) return;
    if (url.pathname.startsWith(`${base().pathname}api/`)) return;
    if (link.getAttribute('href')?.startsWith('#')) return;
    event.preventDefault();
    if (url.href !== location.href) navigate(url.href);
  };
  addEventListener('popstate', onPop);
  document.addEventListener('click', onClick);
  current.value = read();
  return () => {
    removeEventListener('popstate', onPop);
    document.removeEventListener('click', onClick);
  };
}

/** The parts that a pattern names, or null where it does not match. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const found: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const text = given[index] ?? '';
    if (part.startsWith(':')) {
      try {
        found[part.slice(1)] = decodeURIComponent(text);
      } catch {
        return null;
      }
    } else if (part !== text) return null;
  }
  return found;
}
