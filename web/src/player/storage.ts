/** The queue and the position of each listener, kept by the browser. */
import { EMPTY, type Entry, type Queue, type Repeat } from './queue';
import type { Radio } from './radio';

export interface Stored {
  queue: Queue;
  /** seconds */
  position: number;
  radio: Radio | null;
}

interface Written {
  format: 1;
  ids: number[];
  /** places of the entries that the radio added */
  radioPlaces: number[];
  index: number;
  repeat: Repeat;
  /** places in `ids`, in the order before the shuffle */
  unshuffled: number[] | null;
  position: number;
  radio: Radio | null;
}

const name = (listener: string | null): string => `recsys.player.queue.${listener ?? ''}`;

export function write(listener: string | null, { queue, position, radio }: Stored): void {
  const places = new Map(queue.entries.map(({ key }, place) => [key, place]));
  const written: Written = {
    format: 1,
    ids: queue.entries.map(({ id }) => id),
    radioPlaces: queue.entries.flatMap((entry, place) => (entry.radio ? [place] : [])),
    index: queue.index,
    repeat: queue.repeat,
    unshuffled: queue.unshuffled?.map((key) => places.get(key) ?? 0) ?? null,
    position: Math.round(position * 10) / 10,
    radio,
  };
  try {
    localStorage.setItem(name(listener), JSON.stringify(written));
  } catch {
    localStorage.removeItem(name(listener)); // no room for it: better no queue than an old one
  }
}

export function read(listener: string | null): Stored {
  try {
    const found = JSON.parse(localStorage.getItem(name(listener)) ?? 'null') as Written | null;
    if (found?.format === 1) return stored(found);
  } catch {
    localStorage.removeItem(name(listener));
  }
  return { queue: EMPTY, position: 0, radio: null };
}

function stored({ ids, radioPlaces, index, repeat, unshuffled, position, radio }: Written): Stored {
  const added = new Set(radioPlaces);
  const entries = ids.map((id, place): Entry => ({ key: place + 1, id, radio: added.has(place) }));
  const queue: Queue = {
    entries,
    index: Math.min(index, entries.length - 1),
    repeat,
    nextKey: entries.length + 1,
    unshuffled: unshuffled?.map((place) => place + 1) ?? null,
  };
  return { queue, position, radio };
}

const SETTINGS = 'recsys.player.settings';

export interface Settings {
  /** of the volume, 0 to 1 */
  level: number;
  muted: boolean;
  gain: 'track' | 'album' | 'off';
  /** whether single letters are shortcuts */
  shortcuts: boolean;
}

const DEFAULTS: Settings = { level: 1, muted: false, gain: 'album', shortcuts: true };

export function readSettings(): Settings {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(SETTINGS) ?? '{}') as Partial<Settings>) };
  } catch {
    return DEFAULTS;
  }
}

export const writeSettings = (settings: Settings): void => localStorage.setItem(SETTINGS, JSON.stringify(settings));
