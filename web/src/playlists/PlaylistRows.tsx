/** The tracks of a playlist in their order: played, rated, moved and removed, by pointer or keyboard. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { TrackRecord } from '../api/records';
import { formatDuration, t } from '../i18n';
import { player } from '../player/interface';
import { needRows, row } from '../state/rows';
import { startDrag } from '../state/seeds';
import { toggleRating, trackMenu } from '../tracks/actions';
import { artistsOf } from '../tracks/columns';
import { Button, IconButton } from '../ui/Button';
import { Cover } from '../ui/Cover';
import { Icon } from '../ui/Icon';
import { MenuButton, type MenuItem } from '../ui/Menu';
import { dropIndex, keysOf } from './order';
import './playlists.css';

const STEP = 300; // rows that are drawn at first, and more with each press of the button
const MOVE_TYPE = 'application/x-recsys-place';

interface PlaylistRowsProperties {
  label: string;
  tracks: readonly TrackRecord[];
  active?: number | null;
  onActive?: (id: number | null) => void;
  removeLabel: (name: string) => string;
  onRemove?: (index: number) => void;
  /** the list can be put into another order */
  onMove?: (from: number, to: number) => void;
  /** more for the menu of a row */
  menu?: (track: TrackRecord) => MenuItem[];
}

export function PlaylistRows(properties: PlaylistRowsProperties) {
  const { label, tracks, active, onActive, removeLabel, onRemove, onMove, menu } = properties;
  const [limit, setLimit] = useState(STEP);
  const [focused, setFocused] = useState(0);
  const [drop, setDrop] = useState<{ over: number; after: boolean } | null>(null);
  const from = useRef(-1);
  const refocus = useRef(false);
  const list = useRef<HTMLDivElement>(null);
  const music = player.value;
  const ids = tracks.map((track) => track.id);
  const keys = keysOf(ids);
  const key = ids.join(',');
  const current = Math.max(0, Math.min(focused, tracks.length - 1));

  useEffect(() => needRows(key ? key.split(',').map(Number) : []), [key]);
  useLayoutEffect(() => {
    if (!refocus.current) return;
    refocus.current = false;
    list.current?.querySelector<HTMLElement>(`[data-index="${current}"]`)?.focus();
  }, [current, key]);

  const focus = (index: number): void => {
    const target = Math.max(0, Math.min(tracks.length - 1, index));
    refocus.current = true;
    setFocused(target);
    setLimit((before) => Math.max(before, Math.ceil((target + 1) / STEP) * STEP));
  };

  const onKeyDown = (event: KeyboardEvent, index: number): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey) return;
    const id = ids[index];
    if (id === undefined) return;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const actions: Record<string, (() => void) | undefined> = {
      Enter: () => music?.play(ids, index),
      Delete: onRemove && (() => remove(index)),
      Backspace: onRemove && (() => remove(index)),
      l: () => toggleRating([id], 1),
      d: () => toggleRating([id], -1),
      q: () => music?.enqueue([id]),
      Home: () => focus(0),
      End: () => focus(tracks.length - 1),
    };
    if (step !== 0) {
      event.preventDefault();
      if (!event.altKey) focus(index + step);
      else if (onMove && ids[index + step] !== undefined) {
        focus(index + step);
        onMove(index, index + step);
      }
    } else if (actions[event.key] && !event.altKey) {
      event.preventDefault();
      actions[event.key]?.();
    }
  };
  const remove = (index: number): void => {
    focus(Math.min(index, tracks.length - 2));
    onRemove?.(index);
  };

  return (
    <>
      <div ref={list} class="playlist-rows" role="grid" aria-label={label} aria-rowcount={tracks.length}>
        {tracks.slice(0, limit).map((track, index) => {
          const { id, title } = track;
          const playing = music?.currentId.value === id;
          const rating = row(id)?.rating ?? 0;
          const tab = index === current ? 0 : -1;
          const marked = drop?.over === index ? (drop.after ? 'drop-after' : 'drop-before') : '';
          return (
            <div
              key={keys[index]}
              role="row"
              data-index={index}
              tabIndex={tab}
              aria-rowindex={index + 1}
              class={`playlist-row ${playing ? 'row-playing' : ''} ${id === active ? 'row-active' : ''} ${marked}`}
              draggable
              onFocus={() => setFocused(index)}
              onKeyDown={(event) => onKeyDown(event, index)}
              onDblClick={(event) => {
                if (!(event.target instanceof Element && event.target.closest('button, a'))) music?.play(ids, index);
              }}
              {...(onActive && { onPointerEnter: () => onActive(id), onPointerLeave: () => onActive(null) })}
              onDragStart={(event) => {
                from.current = index;
                startDrag(event, [{ kind: 'track', id, name: title }]);
                if (onMove) event.dataTransfer?.setData(MOVE_TYPE, String(index));
              }}
              onDragEnd={() => setDrop(null)}
              {...(onMove && {
                onDragOver: (event: DragEvent) => {
                  if (!event.dataTransfer?.types.includes(MOVE_TYPE)) return;
                  event.preventDefault();
                  const { top, height } = (event.currentTarget as HTMLElement).getBoundingClientRect();
                  setDrop({ over: index, after: event.clientY > top + height / 2 });
                },
                onDrop: (event: DragEvent) => {
                  if (!drop || !event.dataTransfer?.types.includes(MOVE_TYPE)) return;
                  event.preventDefault();
                  const to = dropIndex(from.current, drop.over, drop.after);
                  setDrop(null);
                  if (to !== from.current) onMove(from.current, to);
                },
              })}
            >
              <span role="gridcell" class="playlist-place number" aria-hidden="true">
                {index + 1}
              </span>
              <span role="gridcell" class="playlist-cover">
                <Cover id={id} size={40} />
                {music && (
                  <IconButton
                    icon={playing && music.playing.value ? 'pause' : 'play'}
                    label={t('play-named', { name: title })}
                    tabIndex={tab}
                    onClick={() => (playing ? music.toggle() : music.play(ids, index))}
                  />
                )}
              </span>
              <span role="gridcell" class="two-lines">
                <a href={`tracks/${id}`} tabIndex={-1} draggable={false}>
                  <bdi>{title}</bdi>
                </a>
                <small>{artistsOf(track)}</small>
              </span>
              <span role="gridcell" class="playlist-genre muted">
                {track.genre_guess ?? track.genre}
              </span>
              <span role="gridcell" class="playlist-length number muted">
                {formatDuration(track.duration)}
              </span>
              <span role="gridcell" class="playlist-actions">
                <IconButton
                  icon="heart"
                  size={18}
                  label={t('like-named', { name: title })}
                  pressed={rating === 1}
                  tabIndex={tab}
                  onClick={() => toggleRating([id], 1)}
                />
                <IconButton
                  icon="dislike"
                  size={18}
                  class="rating-dislike"
                  label={t('dislike-named', { name: title })}
                  pressed={rating === -1}
                  tabIndex={tab}
                  onClick={() => toggleRating([id], -1)}
                />
                {onRemove && (
                  <IconButton
                    icon="close"
                    size={18}
                    label={removeLabel(title)}
                    tabIndex={tab}
                    onClick={() => onRemove(index)}
                  />
                )}
                <MenuButton
                  label={t('actions-named', { name: title })}
                  tabIndex={tab}
                  items={[
                    ...(menu?.(track) ?? []),
                    ...(onMove && index > 0
                      ? [{ label: t('move-up'), icon: 'up' as const, onSelect: () => onMove(index, index - 1) }]
                      : []),
                    ...(onMove && index < tracks.length - 1
                      ? [{ label: t('move-down'), icon: 'down' as const, onSelect: () => onMove(index, index + 1) }]
                      : []),
                    ...trackMenu([id]),
                  ]}
                >
                  <Icon name="more" size={18} />
                </MenuButton>
              </span>
            </div>
          );
        })}
      </div>
      {tracks.length > limit && (
        <div class="list-more">
          <Button onClick={() => setLimit(limit + STEP)}>{t('list-more')}</Button>
        </div>
      )}
    </>
  );
}
