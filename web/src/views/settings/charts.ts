/** Counts as what charts draw. */
export interface Bar {
  name: string;
  count: number;
  /** of the largest */
  share: number;
}

/** Bars of counts in their order; at most `limit`. */
export function bars(counts: Record<string, number>, limit = Infinity, names = Object.keys(counts)): Bar[] {
  const kept = names.slice(0, limit);
  const most = Math.max(1, ...kept.map((name) => counts[name] ?? 0));
  return kept.map((name) => ({ name, count: counts[name] ?? 0, share: (counts[name] ?? 0) / most }));
}

/** The names of equal steps from the first to the last number, also those that no track has. */
export function steps(counts: Record<string, number>, width: number): string[] {
  const found = Object.keys(counts)
    .map(Number)
    .sort((a, b) => a - b);
  const [first] = found;
  const last = found.at(-1);
  if (first === undefined || last === undefined) return [];
  const all: string[] = [];
  for (let value = first; value <= last; value += width) all.push(String(value));
  return all;
}
