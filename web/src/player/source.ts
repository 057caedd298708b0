/** Where the audio of a track is read from: the file where the browser plays it, else a stream that is transcoded. */
import { apiUrl } from '../api/client';
import type { TrackDetailsRecord } from '../api/records';

export interface Source {
  /** of the entry of the queue */
  readonly key: number;
  readonly id: number;
  /** seconds */
  readonly duration: number;
  /** null where the file itself is played */
  readonly transcode: 'opus' | 'mp3' | 'flac' | null;
}

export interface Playable extends Source {
  /** for the samples; see gainFactor */
  readonly factor: number;
}

/** MIME types of codecs as the library names them. */
const TYPES: Record<string, string> = {
  mp3: 'audio/mpeg',
  aac: 'audio/mp4; codecs="mp4a.40.2"',
  flac: 'audio/flac',
  vorbis: 'audio/ogg; codecs="vorbis"',
  opus: 'audio/ogg; codecs="opus"',
  pcm: 'audio/wav',
};
/** Suffixes of containers that browsers do not read, whatever the codec. */
const UNREADABLE = /\.(aiff?|aifc|au|snd|w64|caf|wma|asf|mka|mkv|avi|dsf|dff|ape|wv|tta|tak|mpc)$/i;

export type CanPlay = (type: string) => string;

const canPlay: CanPlay = (type) => document.createElement('audio').canPlayType(type);

/** Whether the browser plays a file, as far as its codec and its suffix say. */
export function isPlayable(codec: string, path: string, can: CanPlay = canPlay): boolean {
  const type = TYPES[codec.toLowerCase()];
  return type !== undefined && !UNREADABLE.test(path) && can(type) !== '';
}

export const transcoding = (can: CanPlay = canPlay): 'opus' | 'mp3' =>
  can('audio/ogg; codecs="opus"') === '' ? 'mp3' : 'opus';

export const sourceOf = (key: number, track: TrackDetailsRecord, can: CanPlay = canPlay): Source => ({
  key,
  id: track.id,
  duration: track.duration,
  transcode: isPlayable(track.codec, track.path, can) ? null : transcoding(can),
});

/** The address of a source; a transcoded stream begins at `start`, a file is sought in. */
export const urlOf = (source: Source, start: number): string =>
  source.transcode === null
    ? apiUrl(`audio/${source.id}`)
    : apiUrl(`audio/${source.id}`, { transcode: source.transcode, start: start > 0 ? start.toFixed(2) : null });
