/** When a play or a skip is reported: by the rule of Last.fm, half of the track or four minutes. */

const LONG = 240; // seconds after which any track counts as played
const EARLY = 30; // seconds within which leaving a track is a skip

/** What is known of the time that a track was listened to. */
export interface Listening {
  /** seconds that were played; what a seek passes over is not counted */
  readonly seconds: number;
  readonly reported: boolean;
}

export const NOT_STARTED: Listening = { seconds: 0, reported: false };

/** Whether a play is due. */
export const isPlayed = (seconds: number, duration: number): boolean =>
  seconds > 0 && seconds >= Math.min(duration / 2, LONG);

/** Whether leaving a track now is a skip. */
export const isSkipped = (listening: Listening): boolean => !listening.reported && listening.seconds < EARLY;

/**
 * The listening after the position moved. A step backwards, or a longer one than the clock allows, is a seek and adds
 * nothing.
 */
export function listened(listening: Listening, from: number, to: number, elapsed: number): Listening {
  const step = to - from;
  if (step <= 0 || step > elapsed + 0.5) return listening;
  return { ...listening, seconds: listening.seconds + step };
}
