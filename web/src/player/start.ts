/** Starts the player: its queue is kept by the browser, for each listener. */
import { computed, effect, untracked } from '@preact/signals';
import { requestListener } from '../api/client';
import { needRows } from '../state/rows';
import { session } from '../state/session';
import type { Player } from './interface';
import { handleMediaKeys, showState, showTrack } from './mediaSession';
import { currentId, duration, playing, position, queue, radio, track } from './state';
import { add, next, play, previous, radioFrom, seek, setSettings, toggle, unload } from './store';
import { read, write } from './storage';

const SAVE_EVERY = 5000; // ms

function save(): void {
  write(savedListener, { queue: queue.value, position: position.value, radio: radio.value });
}

let savedListener: string | null = null;

function restore(listener: string | null): void {
  unload();
  savedListener = listener;
  const found = read(listener);
  radio.value = found.radio;
  queue.value = found.queue;
  position.value = found.position;
}

/** Bring back the queue of the listener, and keep it from now on. */
export function startPlayer(): Player {
  setSettings({});
  restore(requestListener.value);
  effect(() => {
    const listener = requestListener.value;
    if (listener === savedListener) return;
    untracked(() => {
      save();
      restore(listener);
    });
  });
  effect(() => {
    if (session.value?.authenticated && currentId.value !== null && !track.value) needRows([currentId.value]);
  });
  effect(() => showTrack(track.value));
  effect(() =>
    showState(
      playing.value,
      untracked(() => position.value),
      duration.value,
    ),
  );
  handleMediaKeys({
    play: () => playing.value || toggle(),
    pause: () => playing.value && toggle(),
    next,
    previous,
    seekBy: (seconds) => seek(position.value + seconds),
    seekTo: seek,
  });
  setInterval(() => playing.value && save(), SAVE_EVERY);
  effect(() => {
    const found = { listener: savedListener, queue: queue.value, radio: radio.value, playing: playing.value };
    const timer = setTimeout(() => found.listener === savedListener && save(), 300); // changes come in groups
    return () => clearTimeout(timer);
  });
  addEventListener('pagehide', save);
  document.addEventListener('visibilitychange', save);
  return {
    currentId,
    playing,
    queue: computed(() => queue.value.entries.map(({ id }) => id)),
    play,
    enqueue: (ids) => add(ids, 'end'),
    playNext: (ids) => add(ids, 'next'),
    radioFrom: (seed) => void radioFrom(seed),
    toggle,
  };
}
