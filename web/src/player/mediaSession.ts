/** Media keys, and what the system shows of the track that plays. */
import { apiUrl } from '../api/client';
import type { TrackRowRecord } from '../api/records';

export interface MediaActions {
  play: () => void;
  pause: () => void;
  next: () => void;
  previous: () => void;
  /** by so many seconds */
  seekBy: (seconds: number) => void;
  seekTo: (position: number) => void;
}

const STEP = 10; // seconds

const session = (): MediaSession | null => ('mediaSession' in navigator ? navigator.mediaSession : null);

export function handleMediaKeys(actions: MediaActions): void {
  const handlers: [MediaSessionAction, MediaSessionActionHandler][] = [
    ['play', actions.play],
    ['pause', actions.pause],
    ['stop', actions.pause],
    ['nexttrack', actions.next],
    ['previoustrack', actions.previous],
    ['seekbackward', ({ seekOffset }) => actions.seekBy(-(seekOffset ?? STEP))],
    ['seekforward', ({ seekOffset }) => actions.seekBy(seekOffset ?? STEP)],
    ['seekto', ({ seekTime }) => seekTime !== undefined && actions.seekTo(seekTime)],
  ];
  for (const [action, handler] of handlers) {
    try {
      session()?.setActionHandler(action, handler);
    } catch {
      continue; // an action that this browser does not have
    }
  }
}

export function showTrack(track: TrackRowRecord | undefined): void {
  const found = session();
  if (!found) return;
  if (!track) {
    found.metadata = null;
    return;
  }
  const artwork = [96, 256, 512].map((size) => ({
    src: new URL(apiUrl(`cover/${track.id}`, { size }), document.baseURI).href,
    sizes: `${size}x${size}`,
  }));
  found.metadata = new MediaMetadata({
    title: track.title,
    artist: track.artist ?? '',
    album: track.album ?? '',
    artwork,
  });
}

export function showState(playing: boolean, position: number, duration: number): void {
  const found = session();
  if (!found) return;
  found.playbackState = playing ? 'playing' : 'paused';
  if (duration > 0) found.setPositionState({ duration, position: Math.min(Math.max(position, 0), duration) });
}
