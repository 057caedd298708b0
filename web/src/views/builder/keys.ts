/** Musical keys and their neighbours on the circle of fifths. */

const NOTES = ['C', 'C#', 'D', 'D#', 'E', 'F', 'F#', 'G', 'G#', 'A', 'A#', 'B'] as const;
const FIFTH = 7; // semitones

export const KEYS: readonly string[] = NOTES.flatMap((note) => [`${note} major`, `${note} minor`]);

const keyOf = (tonic: number, minor: boolean): string =>
  `${NOTES[(tonic + 12) % 12] ?? 'C'} ${minor ? 'minor' : 'major'}`;

/** The keys that mix well with one: itself and its relative key, and both a fifth up and a fifth down. */
export function compatibleKeys(key: string): string[] {
  const [note, mode] = key.split(' ');
  const tonic = NOTES.findIndex((each) => each === note);
  if (tonic < 0 || (mode !== 'major' && mode !== 'minor')) return [key];
  const minor = mode === 'minor';
  const relative = tonic + (minor ? 3 : -3);
  return [0, FIFTH, -FIFTH].flatMap((step) => [keyOf(tonic + step, minor), keyOf(relative + step, !minor)]);
}

export const withCompatible = (keys: readonly string[]): string[] => [...new Set(keys.flatMap(compatibleKeys))];
