/** The filters of the library, as they stand in the address, and the query of the API that they make. */

export const RANGES = ['year', 'bpm', 'duration', 'loudness'] as const;
export const TEXTS = ['title', 'artist', 'album'] as const;
const ALONE = ['genre', 'tagged_genre'] as const; // parameters of their own
const CONDITIONS = ['key', 'added'] as const;

export const FILTERS = [...TEXTS, ...ALONE, ...RANGES, ...CONDITIONS] as const;
export type FilterName = (typeof FILTERS)[number];

export interface LibraryQuery {
  /** the words and conditions that the user typed */
  text: string;
  filters: Partial<Record<FilterName, string>>;
  /** "title", "year:desc"; empty is the order of the library */
  sort: string;
}

export function readQuery(query: URLSearchParams): LibraryQuery {
  const filters: LibraryQuery['filters'] = {};
  for (const name of FILTERS) {
    const value = query.get(name);
    if (value) filters[name] = value;
  }
  return { text: query.get('q') ?? '', filters, sort: query.get('sort') ?? '' };
}

/** The query of an address: the same that `readQuery` reads. */
export const writeQuery = ({ text, filters, sort }: LibraryQuery): Record<string, string> => ({
  ...(text && { q: text }),
  ...filters,
  ...(sort && { sort }),
});

const quoted = (value: string): string => `"${value.replaceAll('"', '')}"`;

/** The parameters of the API. */
export function toParameters({ text, filters, sort }: LibraryQuery): Record<string, string> {
  const terms = text.trim() ? [text.trim()] : [];
  const given: Record<string, string> = {};
  for (const name of FILTERS) {
    const value = filters[name]?.trim();
    if (!value) continue;
    if ((ALONE as readonly string[]).includes(name)) given[name] = value;
    else if ((TEXTS as readonly string[]).includes(name)) terms.push(`${name}:${quoted(value)}`);
    else terms.push(`${name}:${value.includes(' ') ? quoted(value) : value}`);
  }
  return { ...(terms.length > 0 && { query: terms.join(' ') }), ...given, ...(sort && { sort }) };
}

/** A range as queries have it: "1990..1999", ">=1990", "<=1999"; empty without ends. */
export function writeRange(low: string, high: string): string {
  const [from, to] = [low.trim(), high.trim()];
  if (from && to) return from === to ? from : `${from}..${to}`;
  return from ? `>=${from}` : to ? `<=${to}` : '';
}

export function readRange(text: string): [string, string] {
  if (text.startsWith('>=')) return [text.slice(2), ''];
  if (text.startsWith('<=')) return ['', text.slice(2)];
  const [low = '', high] = text.split('..');
  return [low, high ?? low];
}

/** The order after a click on a column: ascending, descending, that of the library. */
export function nextSort(sort: string, field: string): string {
  if (sort === field) return `${field}:desc`;
  return sort === `${field}:desc` ? '' : field;
}
