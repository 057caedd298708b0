/** The library: all tracks in a virtual table, with filters and an order. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { api } from '../../api/endpoints';
import { requestListener } from '../../api/client';
import { useResource } from '../../api/useResource';
import { t, type TextKey } from '../../i18n';
import { useTitle } from '../../layout/useTitle';
import { player } from '../../player/interface';
import { navigate, to, type ViewProperties } from '../../router';
import { storedTracks } from '../../state/jobs';
import { SelectionBar } from '../../tracks/SelectionBar';
import { TrackTable } from '../../tracks/TrackTable';
import { Button } from '../../ui/Button';
import { Chips } from '../../ui/Chips';
import { nothingSelected, type Selection } from '../../ui/selection';
import { EmptyState, ErrorState, Loading } from '../../ui/states';
import { FilterPanel } from './FilterPanel';
import { FILTERS, nextSort, readQuery, toParameters, writeQuery, type FilterName, type LibraryQuery } from './filters';
import './library.css';

const NO_IDS: readonly number[] = [];

export default function Library({ query: address }: ViewProperties) {
  const text = address.toString();
  const query = useMemo(() => readQuery(new URLSearchParams(text)), [text]);
  const parameters = toParameters(query);
  const key = JSON.stringify([parameters, requestListener.value]);
  const stored = storedTracks.value;
  const found = useResource(`${key} ${stored}`, (signal) => api.trackIds(parameters, signal));
  const [selection, setSelection] = useState<Selection<number>>(nothingSelected);
  const [filtering, setFiltering] = useState(false);
  const [shownKey, setShownKey] = useState(key);
  if (shownKey !== key) {
    setShownKey(key);
    setSelection(nothingSelected());
  }
  useTitle(t('library-title'));

  const ids = found.data?.ids ?? NO_IDS;
  const isNew = found.state === 'ready' && ids.length === 0 && text === '';
  useEffect(() => {
    if (isNew) navigate('welcome', { replace: true });
  }, [isNew]);
  const selected = useMemo(() => ids.filter((id) => selection.ids.has(id)), [ids, selection.ids]);
  const filtered = query.text !== '' || Object.keys(query.filters).length > 0;
  const show = (next: LibraryQuery): void => navigate(to('', writeQuery(next)), { replace: true });
  const music = player.value;

  return (
    <>
      <header class="view-head">
        <div>
          <h1>{t('library-title')}</h1>
          <p class="muted" aria-live="polite">
            {found.state === 'ready' && t('n-tracks', { n: ids.length })}
          </p>
        </div>
        {music && ids.length > 0 && (
          <Button icon="shuffle" onClick={() => music.play(shuffled(ids))}>
            {t('shuffle')}
          </Button>
        )}
        <SortChoice sort={query.sort} onSort={(sort) => show({ ...query, sort })} />
        <Button icon="filter" aria-expanded={filtering} onClick={() => setFiltering(!filtering)}>
          {t('filters')}
        </Button>
      </header>
      {filtering && <FilterPanel query={query} onChange={show} />}
      <Chips
        label={t('filters')}
        chips={[
          ...(query.text ? [{ key: 'q', label: `“${query.text}”`, onRemove: () => show({ ...query, text: '' }) }] : []),
          ...FILTERS.filter((name) => query.filters[name]).map((name) => ({
            key: name,
            label: `${t(`filter-${name}`)}: ${query.filters[name] ?? ''}`,
            onRemove: () => show({ ...query, filters: without(query.filters, name) }),
          })),
        ]}
      />
      <SelectionBar ids={selected} onClear={() => setSelection(nothingSelected())} />
      {found.state === 'failed' && found.error.code !== 'library_not_found' ? (
        <ErrorState error={found.error} onRetry={found.reload} />
      ) : found.state === 'loading' && found.data === null ? (
        <Loading rows={12} />
      ) : ids.length > 0 ? (
        <TrackTable
          label={t('library-title')}
          list={key}
          ids={ids}
          selection={selection}
          onSelection={setSelection}
          sort={query.sort}
          onSort={(field) => show({ ...query, sort: nextSort(query.sort, field) })}
        />
      ) : filtered ? (
        <EmptyState icon="search" title={t('library-none-title')}>
          <Correction query={query} show={show} />
          <p>{t('library-none-text')}</p>
          <Button onClick={() => show({ text: '', filters: {}, sort: query.sort })}>{t('filters-clear')}</Button>
        </EmptyState>
      ) : (
        <EmptyState icon="music" title={t('library-empty-title')}>
          <p>{t('library-empty-text')}</p>
          <a class="button button-primary" href="welcome">
            {t('welcome-another')}
          </a>
        </EmptyState>
      )}
    </>
  );
}

/** The words that a mistyped search may have meant, as a link. */
function Correction({ query, show }: { query: LibraryQuery; show: (query: LibraryQuery) => void }) {
  const found = useResource(query.text, (signal) =>
    query.text ? api.spelling(query.text, signal) : Promise.resolve({ query: null }),
  );
  const better = found.state === 'ready' ? found.data.query : null;
  return (
    better !== null && (
      <Button kind="primary" onClick={() => show({ ...query, text: better })}>
        {t('search-corrected', { query: better })}
      </Button>
    )
  );
}

const SORTS: readonly [string, TextKey][] = [
  ['', 'sort-library'],
  ['title', 'column-title'],
  ['artist', 'column-artist'],
  ['album', 'column-album'],
  ['year:desc', 'sort-newest'],
  ['added:desc', 'sort-added'],
  ['plays:desc', 'sort-plays'],
  ['bpm', 'column-bpm'],
  ['duration', 'column-duration'],
];

/** The order where the table has no column titles. */
function SortChoice({ sort, onSort }: { sort: string; onSort: (sort: string) => void }) {
  return (
    <select
      class="sort-choice"
      aria-label={t('sort-label')}
      value={sort}
      onChange={(event) => onSort(event.currentTarget.value)}
    >
      {SORTS.map(([value, text]) => (
        <option key={value} value={value}>
          {t(text)}
        </option>
      ))}
      {!SORTS.some(([value]) => value === sort) && <option value={sort}>{sort}</option>}
    </select>
  );
}

function without(filters: LibraryQuery['filters'], name: FilterName): LibraryQuery['filters'] {
  const { [name]: removed, ...rest } = filters;
  return rest;
}

function shuffled(ids: readonly number[]): number[] {
  const all = [...ids];
  for (let index = all.length - 1; index > 0; index--) {
    const other = Math.floor(Math.random() * (index + 1));
    [all[index], all[other]] = [all[other] as number, all[index] as number];
  }
  return all.slice(0, 1000);
}
