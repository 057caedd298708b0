/** The routes of the API that several views use, with their types. A view adds its own beside them. */
import type { AnyProblem } from '../i18n/problems';
import { del, get, post, put, type Parameters } from './client';
import type {
  AlbumRecord,
  ArtistRecord,
  GenreRecord,
  JobRecord,
  ListenerRecord,
  PlaylistRecord,
  RatedAlbumRecord,
  RatedArtistRecord,
  RatedTrackRecord,
  SimilarAlbumRecord,
  SimilarArtistRecord,
  StatisticsRecord,
  TrackDetailsRecord,
  TrackRowRecord,
} from './records';

export interface Page<T> {
  items: T[];
  next: string | null;
}
export type Rating = -1 | 0 | 1;
export type RatedKind = 'track' | 'album' | 'artist';

export interface Ratings {
  liked_tracks: RatedTrackRecord[];
  disliked_tracks: RatedTrackRecord[];
  liked_albums: RatedAlbumRecord[];
  disliked_albums: RatedAlbumRecord[];
  liked_artists: RatedArtistRecord[];
  disliked_artists: RatedArtistRecord[];
}

export interface Session {
  authenticated: boolean;
  key_needed: boolean;
  listener: string | null;
  bound: boolean;
  listeners: string[];
  version: string;
}

export type Job = Omit<JobRecord, 'error'> & { error: AnyProblem | null };

export interface SimilarQuery {
  seed?: readonly number[];
  album?: readonly number[];
  artist?: readonly number[];
  minus?: readonly number[];
  minus_album?: readonly number[];
  minus_artist?: readonly number[];
  n?: number;
  max_per_artist?: number;
  [filter: string]: Parameters[string];
}

export const api = {
  session: (signal?: AbortSignal) => get<Session>('session', {}, signal),
  login: (key: string) => post<unknown>('session', { key }),
  logout: () => del<unknown>('session'),
  listeners: () => get<Page<ListenerRecord>>('listeners'),
  addListener: (name: string) => post<unknown>('listeners', { name }),
  statistics: (signal?: AbortSignal) => get<StatisticsRecord>('statistics', {}, signal),

  spelling: (query: string, signal?: AbortSignal) =>
    get<{ query: string | null }>('tracks/spelling', { query }, signal),
  trackIds: (parameters: Parameters, signal?: AbortSignal) => get<{ ids: number[] }>('tracks/ids', parameters, signal),
  tracks: (parameters: Parameters, signal?: AbortSignal) => get<Page<TrackRowRecord>>('tracks', parameters, signal),
  trackRows: (ids: readonly number[], signal?: AbortSignal) =>
    get<Page<TrackRowRecord>>('tracks', { ids: ids.join(',') }, signal),
  track: (id: number, signal?: AbortSignal) => get<TrackDetailsRecord>(`tracks/${id}`, {}, signal),
  similar: (query: SimilarQuery, signal?: AbortSignal) =>
    get<PlaylistRecord>('similar', { explain: true, ...query }, signal),
  path: (parameters: Parameters, signal?: AbortSignal) => get<PlaylistRecord>('path', parameters, signal),

  artists: (parameters: Parameters, signal?: AbortSignal) => get<Page<ArtistRecord>>('artists', parameters, signal),
  artist: (id: number, signal?: AbortSignal) => get<ArtistRecord>(`artists/${id}`, {}, signal),
  similarArtists: (id: number, signal?: AbortSignal) =>
    get<Page<SimilarArtistRecord>>(`artists/${id}/similar`, {}, signal),
  albums: (parameters: Parameters, signal?: AbortSignal) => get<Page<AlbumRecord>>('albums', parameters, signal),
  album: (id: number, signal?: AbortSignal) => get<AlbumRecord>(`albums/${id}`, {}, signal),
  similarAlbums: (id: number, signal?: AbortSignal) =>
    get<Page<SimilarAlbumRecord>>(`albums/${id}/similar`, {}, signal),
  genres: (signal?: AbortSignal) => get<Page<{ name: string; tracks: number }>>('genres', {}, signal),
  taggedGenres: (signal?: AbortSignal) => get<Page<GenreRecord>>('tagged-genres', {}, signal),

  ratings: (kind?: RatedKind, signal?: AbortSignal) => get<Ratings>('ratings', { kind }, signal),
  rate: (kind: RatedKind, id: number, rating: Rating) => put<unknown>(`${kind}s/${id}/rating`, { rating }),
  addPlay: (id: number, skipped: boolean) => post<unknown>(`tracks/${id}/plays`, { skipped }),
  jobs: (signal?: AbortSignal) => get<Page<Job>>('jobs', {}, signal),
};
