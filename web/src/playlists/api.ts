/** The routes of playlists. */
import { del, get, post, postForFile, put } from '../api/client';
import type { Page } from '../api/endpoints';
import type { PlaylistRecord, PlaylistRequestRecord, SavedPlaylistRecord, TrackRowRecord } from '../api/records';

export type ListedPlaylist = SavedPlaylistRecord & { n_tracks: number; duration: number };
export type OpenPlaylist = SavedPlaylistRecord & { tracks: TrackRowRecord[] };
export type Format = 'm3u8' | 'xspf' | 'jspf' | 'paths' | 'json';
export const FORMATS: readonly Format[] = ['m3u8', 'xspf', 'jspf', 'json', 'paths'];

interface PlaylistChange {
  name?: string;
  track_ids?: readonly number[];
  request?: PlaylistRequestRecord | null;
}

export const playlists = {
  preview: (request: PlaylistRequestRecord, signal: AbortSignal) =>
    post<PlaylistRecord>('playlists/preview', { request }, { signal }),
  list: (signal?: AbortSignal) => get<Page<ListedPlaylist>>('playlists', {}, signal),
  add: (name: string, change: PlaylistChange) => post<OpenPlaylist>('playlists', { ...change, name }),
  open: (id: number, signal?: AbortSignal) => get<OpenPlaylist>(`playlists/${id}`, {}, signal),
  change: (id: number, change: PlaylistChange) => put<OpenPlaylist>(`playlists/${id}`, change),
  remove: (id: number) => del<unknown>(`playlists/${id}`),
  refresh: (id: number) => post<OpenPlaylist>(`playlists/${id}/refresh`),
  extend: (ids: readonly number[], n: number) => post<PlaylistRecord>('playlists/extend', { track_ids: ids, n }),
};

/** Store a list of tracks as a file, as the browser stores downloads. */
export async function exportTracks(ids: readonly number[], name: string, format: Format): Promise<void> {
  const file = await postForFile('export', { track_ids: ids, name, format });
  const url = URL.createObjectURL(file.blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // browsers read it after the click
}
