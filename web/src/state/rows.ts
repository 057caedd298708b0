/** Rows of tracks, read by their ids as they come into view, and kept. */
import { signal } from '@preact/signals';
import { api, type Rating } from '../api/endpoints';
import { isAbort, problemOf, requestListener, type Problem } from '../api/client';
import type { TrackRowRecord } from '../api/records';

const BATCH = 200;
const LIMIT = 20_000; // rows; about 20 MB

const rows = new Map<number, TrackRowRecord>();
const wanted = new Set<number>();
const pending = new Set<number>();
/** Counts up when rows come or change: a component that reads it is drawn again. */
export const rowsVersion = signal(0);
/** Why the last rows could not be read. */
export const rowsError = signal<Problem | null>(null);

let scheduled = false;

/** The row of a track, if it is here; a component that calls it is drawn again when rows come or change. */
export const row = (id: number): TrackRowRecord | undefined => (rowsVersion.value < 0 ? undefined : rows.get(id));

/** Read the rows of some ids that are not here; those asked for at the same time are read together. */
export function needRows(ids: Iterable<number>): void {
  for (const id of ids) if (!rows.has(id) && !pending.has(id)) wanted.add(id);
  if (wanted.size === 0 || scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    const all = [...wanted];
    wanted.clear();
    for (let start = 0; start < all.length; start += BATCH) void read(all.slice(start, start + BATCH));
  });
}

async function read(ids: readonly number[]): Promise<void> {
  const listener = requestListener.peek();
  for (const id of ids) pending.add(id);
  try {
    const found = await api.trackRows(ids);
    if (listener === requestListener.peek()) putRows(found.items);
    rowsError.value = null;
  } catch (error) {
    if (!isAbort(error)) rowsError.value = problemOf(error);
  } finally {
    for (const id of ids) pending.delete(id);
  }
}

export function putRows(items: readonly TrackRowRecord[]): void {
  for (const item of items) rows.set(item.id, item);
  for (const id of rows.keys()) {
    if (rows.size <= LIMIT) break;
    rows.delete(id); // the oldest
  }
  rowsVersion.value++;
}

/** Forget all rows: another listener has other ratings. */
export function clearRows(): void {
  rows.clear();
  rowsVersion.value++;
}

/** Change the rating of a track at once, and back if the server refuses it. */
export async function rateTrack(id: number, rating: Rating): Promise<void> {
  const before = rows.get(id);
  if (before) putRows([{ ...before, rating }]);
  try {
    await api.rate('track', id, rating);
  } catch (error) {
    if (before) putRows([before]);
    throw error;
  }
}
