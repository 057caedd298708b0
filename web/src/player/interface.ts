/** What views use of the player. `src/player` registers its implementation when the page starts. */
import { signal, type ReadonlySignal } from '@preact/signals';

/** What a radio begins from. */
export interface Seed {
  kind: 'track' | 'album' | 'artist';
  id: number;
}

export interface Player {
  /** The track that plays or is paused; null with an empty queue. */
  readonly currentId: ReadonlySignal<number | null>;
  readonly playing: ReadonlySignal<boolean>;
  /** Ids of the queue, in order. */
  readonly queue: ReadonlySignal<readonly number[]>;
  /** Replace the queue and play from an index on. */
  play(ids: readonly number[], startIndex?: number): void;
  /** Add to the end of the queue. */
  enqueue(ids: readonly number[]): void;
  /** Add after the current track. */
  playNext(ids: readonly number[]): void;
  /** Play similar tracks without an end. */
  radioFrom(seed: Seed): void;
  /** Play or pause. */
  toggle(): void;
}

/** The player; null until one is registered. Views show what plays music only where there is one. */
export const player = signal<Player | null>(null);

export const registerPlayer = (implementation: Player): void => {
  player.value = implementation;
};
