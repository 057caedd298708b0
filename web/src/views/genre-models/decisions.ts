/** What has been decided about doubtful labels; kept in the browser, for each model. */
export type Decision = 'right' | 'wrong';
export type Decisions = Readonly<Record<string, Decision>>;

const setting = (model: string): string => `recsys.suspects.${model}`;

export function readDecisions(model: string): Decisions {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(setting(model)) ?? '{}');
    if (typeof found !== 'object' || found === null) return {};
    return Object.fromEntries(Object.entries(found).filter(([, value]) => value === 'right' || value === 'wrong'));
  } catch {
    return {}; // not written by this page
  }
}

export const writeDecisions = (model: string, decisions: Decisions): void =>
  localStorage.setItem(setting(model), JSON.stringify(decisions));

/** The next item that is not decided, after an index, else before it; null where all are decided. */
export function nextUndecided(paths: readonly string[], decisions: Decisions, after: number): number | null {
  const open = (index: number): boolean => decisions[paths[index] ?? ''] === undefined;
  for (let step = 1; step <= paths.length; step++) {
    const index = (after + step + paths.length) % paths.length;
    if (open(index)) return index;
  }
  return null;
}
