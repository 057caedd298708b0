/** The confusion matrix of a genre model, as shares and as mistakes. */

/** Each cell as its share of the row: of the tracks with this label. */
export const rowShares = (matrix: readonly (readonly number[])[]): number[][] =>
  matrix.map((row) => {
    const total = row.reduce((sum, n) => sum + n, 0);
    return row.map((n) => (total > 0 ? n / total : 0));
  });

export interface Mistake {
  label: string;
  predicted: string;
  tracks: number;
}

/** The most frequent mistakes, most first. */
export function mistakes(genres: readonly string[], matrix: readonly (readonly number[])[], limit = 5): Mistake[] {
  const all = matrix.flatMap((row, i) =>
    row.flatMap((tracks, j) =>
      i === j || tracks === 0 ? [] : [{ label: genres[i] ?? '', predicted: genres[j] ?? '', tracks }],
    ),
  );
  return all.sort((a, b) => b.tracks - a.tracks).slice(0, limit);
}
