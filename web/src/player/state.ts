/** The state of the player. */
import { computed, signal } from '@preact/signals';
import { row } from '../state/rows';
import * as queues from './queue';
import { EMPTY, type Queue } from './queue';
import type { Radio } from './radio';
import { readSettings, type Settings } from './storage';

export const queue = signal<Queue>(EMPTY);
export const radio = signal<Radio | null>(null);
export const playing = signal(false);
/** Whether data of the track that plays are missing. */
export const waiting = signal(false);
/** Seconds. */
export const position = signal(0);
export const settings = signal<Settings>(readSettings());
/** The queue or the view of the track that plays, if one is open. */
export const panel = signal<'queue' | 'now' | 'help' | null>(null);

export const entry = computed(() => queues.current(queue.value));
export const currentId = computed(() => entry.value?.id ?? null);
/** The row of the current track; undefined until the server has answered. */
export const track = computed(() => (currentId.value === null ? undefined : row(currentId.value)));
export const duration = computed(() => track.value?.duration ?? 0);
