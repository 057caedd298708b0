/** The path from one track to another, in even steps of similarity. */
import { useEffect } from 'preact/hooks';
import { api } from '../../api/endpoints';
import { useResource } from '../../api/useResource';
import { t } from '../../i18n';
import { useTitle } from '../../layout/useTitle';
import { navigate, to, type ViewProperties } from '../../router';
import { pathEnds } from '../../state/pathEnds';
import { needRows, row } from '../../state/rows';
import { dragged } from '../../state/seeds';
import { FilterFields, filterParameters } from '../../tracks/FilterFields';
import { ListHead } from '../../tracks/ListHead';
import { TrackList } from '../../tracks/TrackList';
import { IconButton } from '../../ui/Button';
import { Cover } from '../../ui/Cover';
import { Picker } from '../../ui/Picker';
import { Slider } from '../../ui/Slider';
import { EmptyState, ErrorState, Loading } from '../../ui/states';
import './path.css';

const DEFAULT_N = 12;

const idOf = (text: string | null): number | null => (text && /^\d{1,15}$/.test(text) ? Number(text) : null);

export default function Path({ query }: ViewProperties) {
  const start = idOf(query.get('start'));
  const end = idOf(query.get('end'));
  const n = Number(query.get('n') ?? DEFAULT_N);
  const filters = filterParameters(query);
  useTitle(t('path-title'));
  useEffect(() => {
    pathEnds.set(start, end);
    needRows([start, end].filter((each) => each !== null));
  }, [start, end]);

  const set = (changes: Record<string, string | number | null>): void =>
    navigate(to('path', { ...Object.fromEntries(query), ...changes }), { replace: true });
  const complete = start !== null && end !== null;
  const parameters = { start, end, n, ...filters };
  const found = useResource(JSON.stringify(parameters), (signal) =>
    complete ? api.path(parameters, signal) : Promise.resolve(null),
  );
  const tracks = found.data?.tracks ?? [];
  return (
    <>
      <ListHead title={t('path-title')} about={t('path-about')} tracks={tracks} />
      <div class="controls">
        <div class="path-ends">
          <End label={t('path-start')} id={start} onChange={(id) => set({ start: id })} />
          <IconButton
            icon="swap"
            label={t('path-swap')}
            disabled={start === null && end === null}
            onClick={() => set({ start: end, end: start })}
          />
          <End label={t('path-end')} id={end} onChange={(id) => set({ end: id })} />
        </div>
        <div class="control-sliders">
          <Slider label={t('path-length')} value={n} min={3} max={60} onInput={(value) => set({ n: value })} />
        </div>
        <FilterFields query={query} onChange={set} />
      </div>
      {found.state === 'failed' ? (
        <ErrorState error={found.error} onRetry={found.reload} />
      ) : !complete ? (
        <EmptyState icon="path" title={t('path-empty-title')}>
          <p>{t('path-empty-text')}</p>
        </EmptyState>
      ) : found.data === null ? (
        <Loading rows={8} />
      ) : (
        <div class={`path-way ${found.state === 'loading' ? 'refreshing' : ''}`} aria-busy={found.state === 'loading'}>
          <TrackList
            label={t('path-title')}
            tracks={tracks}
            number={true}
            aside={(track) => <span class="muted path-genre">{track.genre_guess ?? track.genre}</span>}
          />
        </div>
      )}
    </>
  );
}

function End({ label, id, onChange }: { label: string; id: number | null; onChange: (id: number | null) => void }) {
  const track = id === null ? undefined : row(id);
  return (
    <section
      class="path-end"
      aria-label={label}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        const item = dragged(event).find((each) => each.kind === 'track');
        if (item) onChange(item.id);
      }}
    >
      <h2>{label}</h2>
      {id === null ? (
        <Picker label={t('path-choose')} kinds={['track']} onPick={(hit) => onChange(hit.id)} />
      ) : (
        <div class="path-chosen">
          <Cover id={id} size={44} />
          <span class="two-lines">
            <bdi>{track?.title ?? '…'}</bdi>
            <small>
              <bdi>{track?.artist}</bdi>
            </small>
          </span>
          <IconButton
            icon="close"
            size={16}
            label={t('remove-named', { name: track?.title ?? label })}
            onClick={() => onChange(null)}
          />
        </div>
      )}
    </section>
  );
}
