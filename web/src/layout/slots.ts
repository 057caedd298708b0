/** Places of the frame that parts of the page fill when they start. */
import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';

export const slots = {
  /** below the view, in <footer class="player-bar"> */
  playerBar: signal<ComponentType | null>(null),
};
