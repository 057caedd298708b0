/** Seeds as the address has them: "t12,a5,r7" are a track, an album, an artist. */
import type { SimilarQuery } from '../../api/endpoints';
import type { SeedItem } from '../../state/seeds';

export type SeedKey = Pick<SeedItem, 'kind' | 'id'>;

const LETTERS = { t: 'track', a: 'album', r: 'artist' } as const;

export const writeSeeds = (items: readonly SeedKey[]): string =>
  items.map((each) => `${each.kind === 'artist' ? 'r' : each.kind.slice(0, 1)}${each.id}`).join(',');

export function readSeeds(text: string | null): SeedKey[] {
  const found: SeedKey[] = [];
  for (const each of (text ?? '').split(',')) {
    const [, letter, id] = /^([tar])(\d{1,15})$/.exec(each) ?? [];
    if (letter && id) found.push({ kind: LETTERS[letter as keyof typeof LETTERS], id: Number(id) });
  }
  return found;
}

/** The seeds as parameters of the API. */
export function seedParameters(plus: readonly SeedKey[], minus: readonly SeedKey[]): SimilarQuery {
  const ids = (items: readonly SeedKey[], kind: SeedKey['kind']): number[] =>
    items.filter((each) => each.kind === kind).map((each) => each.id);
  return {
    seed: ids(plus, 'track'),
    album: ids(plus, 'album'),
    artist: ids(plus, 'artist'),
    minus: ids(minus, 'track'),
    minus_album: ids(minus, 'album'),
    minus_artist: ids(minus, 'artist'),
  };
}
