/** What is liked and disliked, as the view shows it. */
import type { RatedKind, Ratings } from '../../api/endpoints';

export type Side = 'liked' | 'disliked';
export const KINDS: readonly RatedKind[] = ['track', 'album', 'artist'];

export interface Rated {
  kind: RatedKind;
  id: number;
  name: string;
  detail: string;
  address: string;
  /** of stars that imply the rating; null without */
  stars: number | null;
}

const joined = (parts: readonly (string | number | null)[]): string =>
  parts.filter((each) => each !== null && each !== '').join(' · ');

/** The entries of one kind, newest rating first. `nTracks` writes a number of tracks. */
export function entries(ratings: Ratings, side: Side, kind: RatedKind, nTracks: (n: number) => string): Rated[] {
  const stars = (each: { from_stars: boolean; stars: number | null }): number | null =>
    each.from_stars ? each.stars : null;
  const all: Record<RatedKind, () => Rated[]> = {
    track: () =>
      ratings[`${side}_tracks`].map((each) => ({
        kind,
        id: each.id,
        name: each.title,
        detail: joined([each.artist, each.album]),
        address: `tracks/${each.id}`,
        stars: stars(each),
      })),
    album: () =>
      ratings[`${side}_albums`].map((each) => ({
        kind,
        id: each.id,
        name: each.title,
        detail: joined([each.artist, each.year]),
        address: `albums/${each.id}`,
        stars: stars(each),
      })),
    artist: () =>
      ratings[`${side}_artists`].map((each) => ({
        kind,
        id: each.id,
        name: each.name,
        detail: nTracks(each.tracks),
        address: `artists/${each.id}`,
        stars: stars(each),
      })),
  };
  return all[kind]().reverse();
}

/** The number of entries of each kind. */
export const counts = (ratings: Ratings, side: Side): Record<RatedKind, number> => ({
  track: ratings[`${side}_tracks`].length,
  album: ratings[`${side}_albums`].length,
  artist: ratings[`${side}_artists`].length,
});

/** The ratings without one entry. */
export function without(ratings: Ratings, side: Side, kind: RatedKind, id: number): Ratings {
  const list = `${side}_${kind}s` as const;
  return { ...ratings, [list]: (ratings[list] as { id: number }[]).filter((each) => each.id !== id) };
}
