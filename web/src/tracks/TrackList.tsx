/** A list of a few tracks, each with its cover, its names and its actions. */
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { TrackRecord } from '../api/records';
import { formatDuration, t } from '../i18n';
import { player } from '../player/interface';
import { needRows, row } from '../state/rows';
import { startDrag } from '../state/seeds';
import { IconButton } from '../ui/Button';
import { Cover } from '../ui/Cover';
import { Icon } from '../ui/Icon';
import { MenuButton } from '../ui/Menu';
import { toggleRating, trackMenu } from './actions';
import { artistsOf } from './columns';

interface TrackListProperties<T extends TrackRecord> {
  tracks: readonly T[];
  label: string;
  /** a number before each; true counts from 1 */
  number?: true | ((track: T) => ComponentChildren);
  /** below the names, such as the reasons of similarity */
  note?: (track: T) => ComponentChildren;
  /** before the length */
  aside?: (track: T) => ComponentChildren;
  cover?: boolean;
  /** the album instead of the artist */
  second?: (track: T) => ComponentChildren;
}

export function TrackList<T extends TrackRecord>(properties: TrackListProperties<T>) {
  const { tracks, label, number, note, aside, cover = true, second = artistsOf } = properties;
  const music = player.value;
  const ids = tracks.map((track) => track.id);
  const key = ids.join();
  useEffect(() => needRows(key === '' ? [] : key.split(',').map(Number)), [key]);
  return (
    <ol class="track-list" aria-label={label}>
      {tracks.map((track, index) => {
        const current = music?.currentId.value === track.id;
        const playing = current && music.playing.value;
        const rating = row(track.id)?.rating ?? 0;
        return (
          <li
            key={track.id}
            class={current ? 'row-playing' : ''}
            draggable
            onDragStart={(event) => startDrag(event, [{ kind: 'track', id: track.id, name: track.title }])}
          >
            {number && <span class="track-number muted number">{number === true ? index + 1 : number(track)}</span>}
            {(cover || music) && (
              <span class={cover ? 'cell-cover' : 'cell-play'}>
                {cover && <Cover id={track.id} size={44} />}
                {music && (
                  <IconButton
                    icon={playing ? 'pause' : 'play'}
                    label={t(playing ? 'pause-named' : 'play-named', { name: track.title })}
                    onClick={() => (current ? music.toggle() : music.play(ids, index))}
                  />
                )}
              </span>
            )}
            <span class="track-names">
              <a href={`tracks/${track.id}`} class="track-title">
                <bdi>{track.title}</bdi>
              </a>
              <small class="muted">{second(track)}</small>
              {note?.(track)}
            </span>
            {aside?.(track)}
            <span class="muted number track-length">{formatDuration(track.duration)}</span>
            <span class="cell-actions">
              <IconButton
                icon="heart"
                size={18}
                label={t('like-named', { name: track.title })}
                pressed={rating === 1}
                onClick={() => toggleRating([track.id], 1)}
              />
              <MenuButton label={t('actions-named', { name: track.title })} items={trackMenu([track.id])}>
                <Icon name="more" size={18} />
              </MenuButton>
            </span>
          </li>
        );
      })}
    </ol>
  );
}
