/** What the first run shows. */
export type Phase = 'choose' | 'working' | 'ready';

interface Situation {
  tracks: number;
  /** ingests that run or wait */
  running: number;
  /** the request of an ingest is on its way */
  starting: boolean;
  /** a further folder is being chosen */
  adding: boolean;
}

/** Choose a folder while there is nothing; then the work, then the library. */
export function phaseOf({ tracks, running, starting, adding }: Situation): Phase {
  if (adding) return 'choose';
  if (running > 0 || (starting && tracks > 0)) return 'working';
  return tracks > 0 ? 'ready' : 'choose';
}
