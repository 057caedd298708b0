/** The map of the library: every track a point, similar tracks close together. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { get, getBytes } from '../../api/client';
import { useResource } from '../../api/useResource';
import { formatNumber, formatPercent, t } from '../../i18n';
import { timeLeft } from '../../jobs/describe';
import { useTitle } from '../../layout/useTitle';
import { colourPoints, type ColourBy, type Legend } from '../../map/colours';
import { MapCanvas, type MapHandle, type MapLabel } from '../../map/MapCanvas';
import { decodePoints, type MapPoints } from '../../map/points';
import { player } from '../../player/interface';
import { current, navigate } from '../../router';
import { needRows } from '../../state/rows';
import { theme } from '../../state/theme';
import { trackMenu } from '../../tracks/actions';
import { SelectionBar } from '../../tracks/SelectionBar';
import { TrackTable } from '../../tracks/TrackTable';
import { Button, IconButton } from '../../ui/Button';
import { Choice } from '../../ui/Chips';
import { Menu } from '../../ui/Menu';
import { nothingSelected, type Selection } from '../../ui/selection';
import { EmptyState, ErrorState, Loading } from '../../ui/states';
import './map.css';

interface MapAnswer {
  revision: string;
  count: number;
  genres: string[];
  labels: MapLabel[];
}

interface Progress {
  /** of the map that is made */
  share: number;
  secondsLeft: number | null;
}

interface LoadedMap extends MapAnswer {
  content: MapPoints;
}

const FIRST_GUESS = 0.05; // the share from which on the time that is left is shown
const ASK_AGAIN = 1000; // milliseconds, while the server makes the map
const MAX_LISTED = 1000;
const MAX_WAY = 500; // tracks of a list that a line leads through
const MAX_NEXT = 30; // the same of the queue, which may be the whole library
const NO_IDS: readonly number[] = [];

/** The tracks of an address: a list that is drawn in the place of the queue. */
const idsIn = (text: string): number[] => text.split(',').map(Number).filter(Number.isSafeInteger);

/** The track of the queue that plays, and those after it. */
const nextOf = (queue: readonly number[], playing: number | null): readonly number[] => {
  const from = Math.max(0, playing === null ? 0 : queue.indexOf(playing));
  return queue.slice(from, from + MAX_NEXT);
};

export default function MapView() {
  useTitle(t('map-title'));
  const [progress, setProgress] = useState<Progress | null>(null);
  const found = useResource('map', (signal) => loadMap(setProgress, signal));
  return (
    <>
      <header class="view-head">
        <div>
          <h1>{t('map-title')}</h1>
          <p class="muted" aria-live="polite">
            {found.state === 'ready' ? t('map-about', { n: found.data.count }) : ''}
          </p>
        </div>
      </header>
      {found.state === 'failed' ? (
        found.error.code === 'not_analysed' || found.error.status === 404 ? (
          <EmptyState icon="map" title={t('map-none-title')}>
            <p>{t('map-none-text')}</p>
          </EmptyState>
        ) : (
          <ErrorState error={found.error} onRetry={found.reload} />
        )
      ) : found.state === 'ready' ? (
        <LibraryMap key={found.data.revision} map={found.data} />
      ) : progress === null ? (
        <Loading />
      ) : (
        <EmptyState icon="map" title={t('map-making-title')}>
          <p>{t('map-making-text')}</p>
          <progress max={1} value={progress.share} aria-label={t('map-making-title')} />
          <p class="number">
            {[formatPercent(progress.share), timeLeft(progress.secondsLeft)].filter(Boolean).join(' · ')}
          </p>
        </EmptyState>
      )}
    </>
  );
}

/** The map and its points; while the server makes it, its progress is reported. */
async function loadMap(onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<LoadedMap> {
  const first = { share: -1, at: 0 };
  for (;;) {
    const answer = await get<MapAnswer | { progress: number }>('map', {}, signal);
    if (!('progress' in answer)) {
      const bytes = await getBytes('map/points', { revision: answer.revision }, signal);
      return { ...answer, content: decodePoints(bytes) };
    }
    const share = answer.progress;
    if (first.share < 0) Object.assign(first, { share, at: performance.now() });
    const rate = (share - first.share) / (performance.now() - first.at); // per millisecond, since it is watched
    onProgress({ share, secondsLeft: share - first.share < FIRST_GUESS ? null : (1 - share) / rate / 1000 });
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN));
    if (signal.aborted) throw new DOMException('aborted', 'AbortError');
  }
}

function LibraryMap({ map }: { map: LoadedMap }) {
  const { content: points, genres } = map;
  const music = player.value;
  const [by, setBy] = useState<ColourBy>('genre');
  const dark = useDark();
  const { pixels, legend } = useMemo(() => colourPoints(points, genres, by, dark), [points, genres, by, dark]);
  const [lasso, setLasso] = useState(false);
  const [chosen, setChosen] = useState<readonly number[]>([]); // points inside the last lasso
  const [listing, setListing] = useState(false);
  const [listed, setListed] = useState<readonly number[]>(NO_IDS);
  const [rows, setRows] = useState<Selection<number>>(nothingSelected);
  const [menu, setMenu] = useState<{ id: number; x: number; y: number } | null>(null);
  const handle = useRef<MapHandle>(null);
  const timer = useRef(0);

  const idsOf = useCallback((found: readonly number[]) => found.map((point) => points.ids[point] ?? 0), [points]);
  const list = useCallback((): void => {
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      setListed(idsOf(handle.current?.visible(MAX_LISTED) ?? []));
      setRows(nothingSelected());
    }, 200);
  }, [idsOf]);
  const onMove = useCallback(() => listing && list(), [listing, list]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const highlight = useMemo(() => (chosen.length > 0 ? new Set(chosen) : null), [chosen]);
  const chosenIds = useMemo(() => idsOf(chosen), [idsOf, chosen]);
  const queue = music?.queue.value ?? NO_IDS;
  const playing = music?.currentId.value ?? null;
  const asked = current.value.query.get('tracks');
  const way = useMemo(() => (asked ? idsIn(asked).slice(0, MAX_WAY) : nextOf(queue, playing)), [asked, queue, playing]);
  const shownIds = chosen.length > 0 ? chosenIds : listed;

  return (
    <>
      <div class="map-tools">
        <Choice
          label={t('map-colours')}
          value={by}
          choices={[
            { value: 'genre', label: t('map-by-genre') },
            { value: 'year', label: t('map-by-year') },
            { value: 'tempo', label: t('map-by-tempo') },
            { value: 'loudness', label: t('map-by-loudness') },
          ]}
          onChange={setBy}
        />
        <Button icon="lasso" aria-pressed={lasso} onClick={() => setLasso(!lasso)}>
          {t('map-lasso')}
        </Button>
        <Button icon="queue" aria-pressed={listing} onClick={() => setListing(!listing)}>
          {t('map-list')}
        </Button>
        <span class="map-zoom">
          <IconButton icon="minus" label={t('map-zoom-out')} onClick={() => handle.current?.zoom(1 / 1.6)} />
          <IconButton icon="plus" label={t('map-zoom-in')} onClick={() => handle.current?.zoom(1.6)} />
          <IconButton icon="map" label={t('map-fit')} onClick={() => handle.current?.fit()} />
        </span>
      </div>
      <div
        class={`map-body ${listing ? 'map-listing' : ''}`}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          setLasso(false);
          setChosen([]);
        }}
      >
        {/* over the map, which keeps its place and size */}
        <div class="map-overlay">
          {lasso && <p>{t('map-lasso-about')}</p>}
          {!lasso && <SelectionBar ids={chosenIds} least={1} onClear={() => setChosen([])} />}
        </div>
        <MapCanvas
          ref={handle}
          points={points}
          labels={map.labels}
          pixels={pixels}
          highlight={highlight}
          way={way}
          lasso={lasso}
          onPick={(id) => (music ? music.play([id]) : navigate(`tracks/${id}`))}
          onMenu={(id, at) => {
            needRows([id]);
            setMenu({ id, ...at });
          }}
          onLasso={(found) => {
            setChosen(found);
            setLasso(false);
          }}
          onMove={onMove}
        />
        {listing && (
          <section class="map-list" aria-label={t('map-list')}>
            <h2>{t('map-listed', { n: shownIds.length })}</h2>
            {shownIds.length >= MAX_LISTED && chosen.length === 0 && (
              <p class="muted">{t('map-listed-limit', { limit: MAX_LISTED })}</p>
            )}
            <TrackTable label={t('map-list')} ids={shownIds} selection={rows} onSelection={setRows} />
          </section>
        )}
      </div>
      <MapLegend legend={legend} by={by} />
      {menu && (
        <Menu
          label={t('actions')}
          items={trackMenu([menu.id])}
          anchor={{ left: menu.x, right: menu.x, top: menu.y, bottom: menu.y }}
          onClose={() => setMenu(null)}
        />
      )}
    </>
  );
}

function MapLegend({ legend, by }: { legend: Legend; by: ColourBy }) {
  if (by === 'genre') {
    return (
      <ul class="map-legend" aria-label={t('map-colours')}>
        {legend.genres.map((genre) => (
          <li key={genre.name}>
            <span class="map-dot" style={{ background: genre.colour }} />
            <bdi>{genre.name}</bdi> <span class="muted number">{formatNumber(genre.count)}</span>
          </li>
        ))}
        <li>
          <span class="map-dot" style={{ background: legend.other }} />
          {t('map-other')}
        </li>
      </ul>
    );
  }
  if (!legend.range) return <p class="muted">{t('map-no-values')}</p>;
  const [low, high] = legend.range;
  const unit = by === 'tempo' ? ' BPM' : by === 'loudness' ? ' LUFS' : '';
  const end = (value: number): string => (by === 'year' ? String(value) : formatNumber(value)) + unit;
  return (
    <div class="map-legend">
      <span class="number">{end(low)}</span>
      <span class="map-scale" style={{ background: `linear-gradient(to right, ${legend.gradient.join(', ')})` }} />
      <span class="number">{end(high)}</span>
      <span>
        <span class="map-dot" style={{ background: legend.other }} /> {t('map-none')}
      </span>
    </div>
  );
}

/** Whether the page is dark, by the setting or the system. */
function useDark(): boolean {
  const [system, setSystem] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const onChange = (): void => setSystem(query.matches);
    query.addEventListener('change', onChange);
    return () => query.removeEventListener('change', onChange);
  }, []);
  return theme.value === 'dark' || (theme.value === 'system' && system);
}
