/** The colours of the points: of genres by a palette, of numbers by a scale. Both can be told apart by the colour-blind. */
import { NO_GENRE, type MapPoints } from './points';

export type ColourBy = 'genre' | 'year' | 'tempo' | 'loudness';

export interface Legend {
  /** Genres with a colour of their own, most tracks first; empty for numbers. */
  genres: { name: string; colour: string; count: number }[];
  /** Ends of the scale of numbers; null for genres, and where no track has the number. */
  range: [number, number] | null;
  /** Colours from the lower to the upper end. */
  gradient: string[];
  other: string;
}

// Paul Tol's schemes "muted" for a light and "light" for a dark background.
const LIGHT = ['#332288', '#cc6677', '#117733', '#88ccee', '#882255', '#44aa99', '#999933', '#aa4499', '#ddcc77'];
const DARK = ['#77aadd', '#ee8866', '#eedd88', '#ffaabb', '#44bb99', '#99ddff', '#bbcc33', '#aaaa00', '#e4e4e4'];
// Viridis, without the end that the background swallows.
const SCALE_LIGHT = ['#440154', '#414487', '#2a788e', '#22a884', '#7ad151'];
const SCALE_DARK = ['#46588c', '#2a788e', '#22a884', '#7ad151', '#fde725'];
const OTHER_LIGHT = '#b4b6bf';
const OTHER_DARK = '#5d606c';
const STEPS = 256;
const EDGE = 0.02; // share of the tracks beyond each end of a scale

/** A colour as the 32 bits of a pixel of ImageData (little endian). */
export function pixelOf(hex: string): number {
  const value = Number.parseInt(hex.slice(1), 16);
  return (0xff000000 | ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}

/** A colour between those of a gradient, for a share in [0, 1]. */
export function between(gradient: readonly string[], share: number): string {
  const place = Math.min(Math.max(share, 0), 1) * (gradient.length - 1);
  const lower = Math.min(Math.floor(place), gradient.length - 2);
  const rest = place - lower;
  const [from, to] = [gradient[lower] ?? '#000000', gradient[lower + 1] ?? '#000000'];
  const part = (start: number): string => {
    const [a, b] = [Number.parseInt(from.slice(start, start + 2), 16), Number.parseInt(to.slice(start, start + 2), 16)];
    return Math.round(a + (b - a) * rest)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${part(1)}${part(3)}${part(5)}`;
}

/** The colour of each point as a pixel, and what the colours mean. */
export function colourPoints(
  points: MapPoints,
  genres: readonly string[],
  by: ColourBy,
  dark: boolean,
): { pixels: Uint32Array; legend: Legend } {
  const other = dark ? OTHER_DARK : OTHER_LIGHT;
  return by === 'genre'
    ? byGenre(points, genres, dark ? DARK : LIGHT, other)
    : byNumber(
        by === 'year' ? points.years : by === 'tempo' ? points.bpms : points.loudnesses,
        dark ? SCALE_DARK : SCALE_LIGHT,
        other,
      );
}

function byGenre(points: MapPoints, genres: readonly string[], palette: readonly string[], other: string) {
  const counts = new Uint32Array(genres.length);
  for (const genre of points.genres) if (genre !== NO_GENRE) counts[genre] = (counts[genre] ?? 0) + 1;
  const order = genres.map((_, i) => i).sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b);
  const colours = new Uint32Array(genres.length).fill(pixelOf(other));
  const shown = order.slice(0, palette.length).map((genre, place) => {
    const colour = palette[place] ?? other;
    colours[genre] = pixelOf(colour);
    return { name: genres[genre] ?? '', colour, count: counts[genre] ?? 0 };
  });
  const none = pixelOf(other);
  const pixels = Uint32Array.from(points.genres, (genre) => (genre === NO_GENRE ? none : (colours[genre] ?? none)));
  return { pixels, legend: { genres: shown, range: null, gradient: [], other } };
}

function byNumber(values: ArrayLike<number>, gradient: string[], other: string) {
  const known = Float32Array.from(values)
    .filter((value) => value !== 0 && !Number.isNaN(value))
    .sort();
  const none = pixelOf(other);
  if (known.length === 0) {
    const pixels = new Uint32Array(values.length).fill(none);
    return { pixels, legend: { genres: [], range: null, gradient, other } };
  }
  const low = known[Math.floor(EDGE * (known.length - 1))] ?? 0;
  const high = known[Math.ceil((1 - EDGE) * (known.length - 1))] ?? low;
  const table = Uint32Array.from({ length: STEPS }, (_, i) => pixelOf(between(gradient, i / (STEPS - 1))));
  const factor = high > low ? (STEPS - 1) / (high - low) : 0;
  const pixels = Uint32Array.from(values, (value) => {
    if (value === 0 || Number.isNaN(value)) return none;
    return table[Math.min(Math.max(Math.round((value - low) * factor), 0), STEPS - 1)] ?? none;
  });
  const range: [number, number] = [low, high];
  return { pixels, legend: { genres: [], range, gradient, other } };
}
