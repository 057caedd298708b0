/** A table of tracks by their ids: rows are read as they come into view. */
import { useState } from 'preact/hooks';
import { formatNumber, t } from '../i18n';
import { player } from '../player/interface';
import { navigate } from '../router';
import { needRows, row } from '../state/rows';
import { startDrag } from '../state/seeds';
import { IconButton } from '../ui/Button';
import { Cover } from '../ui/Cover';
import { Icon } from '../ui/Icon';
import { Menu, MenuButton } from '../ui/Menu';
import { VirtualList } from '../ui/VirtualList';
import type { Selection } from '../ui/selection';
import { seedsOf, toggleRating, trackMenu } from './actions';
import { COLUMNS, NUMBERS, QUIET } from './columns';

const ROW_HEIGHT = 52; // pixels

interface TrackTableProperties {
  label: string;
  /** which list it is; another one begins at its top */
  list?: string;
  ids: readonly number[];
  selection: Selection<number>;
  onSelection: (selection: Selection<number>) => void;
  /** "title", "year:desc"; without `onSort` the order is fixed */
  sort?: string;
  onSort?: (field: string) => void;
}

export function TrackTable({ label, list = '', ids, selection, onSelection, sort = '', onSort }: TrackTableProperties) {
  const [menu, setMenu] = useState<{ left: number; right: number; top: number; bottom: number } | null>(null);
  const music = player.value;
  const chosen = (): number[] => {
    const active = ids[selection.active];
    if (selection.ids.size > 0) return ids.filter((id) => selection.ids.has(id));
    return active === undefined ? [] : [active];
  };

  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const picked = chosen();
    if (picked.length === 0) return;
    const run: Record<string, () => void> = {
      l: () => toggleRating(picked, 1),
      d: () => toggleRating(picked, -1),
      ...(music && { q: () => music.enqueue(picked) }),
    };
    const action = run[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };

  return (
    <>
      <VirtualList
        label={label}
        list={list}
        items={ids}
        rowHeight={ROW_HEIGHT}
        columns={COLUMNS.length + 2}
        selection={selection}
        onSelection={onSelection}
        onRange={needRows}
        onActivate={(index) => {
          const id = ids[index];
          if (music) music.play(ids, index);
          else if (id !== undefined) navigate(`tracks/${id}`);
        }}
        onMenu={setMenu}
        onKey={onKey}
        onDragStart={(event, items) => startDrag(event, seedsOf(items))}
        header={<Header sort={sort} {...(onSort && { onSort })} />}
        renderRow={(id, index, active) => <Row id={id} active={active} onPlay={() => music?.play(ids, index)} />}
      />
      {menu && (
        <Menu
          label={t('actions')}
          items={trackMenu(chosen())}
          anchor={menu}
          onClose={(refocus) => {
            setMenu(null);
            if (refocus) document.querySelector<HTMLElement>('[role=grid]')?.focus();
          }}
        />
      )}
    </>
  );
}

function Header({ sort, onSort }: { sort: string; onSort?: (field: string) => void }) {
  const [field, direction = 'asc'] = sort.split(':');
  return (
    <div class="track-row" role="presentation">
      <span role="columnheader">
        <span class="visually-hidden">{t('cover')}</span>
      </span>
      {COLUMNS.map((column) => {
        const sorted = column.sort === field;
        return (
          <span
            key={column.name}
            role="columnheader"
            class={`cell-${column.name} ${NUMBERS.has(column.name) ? 'cell-end' : ''}`}
            {...(sorted && { 'aria-sort': direction === 'desc' ? ('descending' as const) : ('ascending' as const) })}
          >
            {onSort ? (
              <button type="button" class={`sort-button ${sorted ? 'sorted' : ''}`} onClick={() => onSort(column.sort)}>
                {t(column.text)}
                {sorted && <Icon name={direction === 'desc' ? 'down' : 'up'} size={14} />}
              </button>
            ) : (
              <span class="sort-button">{t(column.text)}</span>
            )}
          </span>
        );
      })}
      <span role="columnheader">
        <span class="visually-hidden">{t('actions')}</span>
      </span>
    </div>
  );
}

function Row({ id, active, onPlay }: { id: number; active: boolean; onPlay: () => void }) {
  const track = row(id);
  const music = player.value;
  if (!track) {
    return (
      <div class="track-row" role="presentation" aria-busy="true">
        <span role="gridcell" class="cover" style={{ '--size': '40px' }} />
        <span role="gridcell">
          <span class="bone" />
        </span>
      </div>
    );
  }
  const playing = music?.currentId.value === id;
  return (
    <div class={`track-row ${playing ? 'row-playing' : ''} ${track.missing ? 'row-missing' : ''}`} role="presentation">
      <span class="cell-cover" role="gridcell">
        <Cover id={id} size={40} />
        {music && !track.missing && (
          <IconButton
            icon={playing && music.playing.value ? 'pause' : 'play'}
            label={t('play-named', { name: track.title })}
            tabIndex={-1}
            onClick={() => (playing ? music.toggle() : onPlay())}
          />
        )}
      </span>
      {COLUMNS.map((column) => (
        <span
          key={column.name}
          role="gridcell"
          class={`cell-${column.name} ${NUMBERS.has(column.name) ? 'cell-end' : ''} ${QUIET.has(column.name) ? 'cell-quiet' : ''}`}
          {...(column.name === 'title' && track.missing && { title: t('missing') })}
          {...(column.name === 'genre' && {
            title: t('genre-probability', { n: formatNumber((track.genre_probability ?? 0) * 100) }),
          })}
        >
          {column.render(track)}
        </span>
      ))}
      <span class="cell-actions" role="gridcell">
        <IconButton
          icon="heart"
          size={18}
          class="rating-like"
          label={t('like-named', { name: track.title })}
          pressed={track.rating === 1}
          tabIndex={-1}
          onClick={() => toggleRating([id], 1)}
        />
        <IconButton
          icon="dislike"
          size={18}
          class="rating-dislike"
          label={t('dislike-named', { name: track.title })}
          pressed={track.rating === -1}
          tabIndex={-1}
          onClick={() => toggleRating([id], -1)}
        />
        <RowMenu id={id} title={track.title} tabIndex={active ? 0 : -1} />
      </span>
    </div>
  );
}

function RowMenu({ id, title, tabIndex }: { id: number; title: string; tabIndex: number }) {
  return (
    <MenuButton label={t('actions-named', { name: title })} tabIndex={tabIndex} items={trackMenu([id])}>
      <Icon name="more" size={18} />
    </MenuButton>
  );
}
