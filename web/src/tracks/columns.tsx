/** The columns of a table of tracks. */
import type { ComponentChildren } from 'preact';
import type { TrackRowRecord } from '../api/records';
import { formatDate, formatDuration, formatNumber, type TextKey } from '../i18n';

export interface Column {
  /** the field that the server sorts by */
  sort: string;
  name: string;
  text: TextKey;
  render: (track: TrackRowRecord) => ComponentChildren;
}

const linked = (ids: readonly (number | null)[], names: readonly string[], folder: string): ComponentChildren =>
  names.map((name, index) => {
    const id = ids[index];
    return (
      <>
        {index > 0 && ', '}
        {id ? (
          <a href={`${folder}/${id}`} tabIndex={-1}>
            <bdi>{name}</bdi>
          </a>
        ) : (
          <bdi>{name}</bdi>
        )}
      </>
    );
  });

/** The artists of a track, each with a link to their view. */
export const artistsOf = (track: Pick<TrackRowRecord, 'artist' | 'artists' | 'artist_ids'>): ComponentChildren =>
  track.artists.length > 0 ? linked(track.artist_ids, track.artists, 'artists') : <bdi>{track.artist}</bdi>;

export const COLUMNS: readonly Column[] = [
  {
    name: 'title',
    sort: 'title',
    text: 'column-title',
    render: (track) => (
      <>
        <a href={`tracks/${track.id}`} tabIndex={-1}>
          <bdi>{track.title}</bdi>
        </a>
        <small>
          <bdi>{track.artist}</bdi>
        </small>
      </>
    ),
  },
  { name: 'artist', sort: 'artist', text: 'column-artist', render: artistsOf },
  {
    name: 'album',
    sort: 'album',
    text: 'column-album',
    render: (track) => (track.album === null ? '' : linked([track.album_id], [track.album], 'albums')),
  },
  {
    name: 'genre',
    sort: 'genre',
    text: 'column-genre',
    render: (track) => track.genre_guess ?? track.genre,
  },
  { name: 'year', sort: 'year', text: 'column-year', render: (track) => track.year },
  {
    name: 'bpm',
    sort: 'bpm',
    text: 'column-bpm',
    render: (track) => (track.bpm === null ? '' : formatNumber(Math.round(track.bpm))),
  },
  { name: 'key', sort: 'key', text: 'column-key', render: (track) => track.key },
  {
    name: 'duration',
    sort: 'duration',
    text: 'column-duration',
    render: (track) => formatDuration(track.duration),
  },
  {
    name: 'added',
    sort: 'added',
    text: 'column-added',
    render: (track) => (track.added_at === null ? '' : formatDate(track.added_at)),
  },
  { name: 'plays', sort: 'plays', text: 'column-plays', render: (track) => formatNumber(track.plays) },
];

export const NUMBERS: ReadonlySet<string> = new Set(['year', 'bpm', 'duration', 'plays']);
export const QUIET: ReadonlySet<string> = new Set([
  'album',
  'genre',
  'key',
  'added',
  'year',
  'bpm',
  'duration',
  'plays',
]);
