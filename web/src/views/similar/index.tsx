/** What is similar to some tracks, albums and artists, and not near others; with the reasons. */
import { useEffect } from 'preact/hooks';
import { api } from '../../api/endpoints';
import { useResource } from '../../api/useResource';
import { t } from '../../i18n';
import { useTitle } from '../../layout/useTitle';
import { navigate, to, type ViewProperties } from '../../router';
import { seeds, type SeedItem } from '../../state/seeds';
import { Reasons, Similarity } from '../../tracks/Reasons';
import { ListHead } from '../../tracks/ListHead';
import { TrackList } from '../../tracks/TrackList';
import { Slider } from '../../ui/Slider';
import { EmptyState, ErrorState, Loading } from '../../ui/states';
import { FilterFields, filterParameters } from '../../tracks/FilterFields';
import { readSeeds, seedParameters, writeSeeds, type SeedKey } from './seedList';
import { SeedField } from './SeedField';
import './similar.css';

const DEFAULT_N = 25;
const DEFAULT_PER_ARTIST = 2;

type Side = 'plus' | 'minus';

export default function Similar({ query }: ViewProperties) {
  const plus = readSeeds(query.get('plus'));
  const minus = readSeeds(query.get('minus'));
  const n = Number(query.get('n') ?? DEFAULT_N);
  const perArtist = Number(query.get('per_artist') ?? DEFAULT_PER_ARTIST);
  const filters = filterParameters(query);
  useTitle(t('similar-title'));

  const set = (changes: Record<string, string | number | null>): void =>
    navigate(to('similar', { ...Object.fromEntries(query), ...changes }), { replace: true });

  const empty = !query.has('plus');
  useEffect(() => {
    const collected = seeds.peek();
    if (empty && collected.plus.length > 0) {
      const found = { plus: writeSeeds(collected.plus), minus: writeSeeds(collected.minus) };
      navigate(to('similar', found), { replace: true });
    }
  }, [empty]);

  const parameters = { ...seedParameters(plus, minus), ...filters, n, max_per_artist: perArtist };
  const found = useResource(JSON.stringify(parameters), (signal) =>
    plus.length === 0 ? Promise.resolve(null) : api.similar(parameters, signal),
  );

  const same = (one: SeedKey, other: SeedKey): boolean => one.kind === other.kind && one.id === other.id;
  const sides = { plus, minus };
  const write = (side: Side, items: readonly SeedKey[]): void => set({ [side]: writeSeeds(items) || null });
  const field = (side: Side) => (
    <SeedField
      label={t(side === 'plus' ? 'seeds' : 'minus-seeds')}
      placeholder={t(side === 'plus' ? 'seed-add' : 'minus-seed-add')}
      items={sides[side]}
      onAdd={(items: readonly SeedItem[]) =>
        write(side, [...sides[side].filter((each) => !items.some((item) => same(item, each))), ...items])
      }
      onRemove={(item) =>
        write(
          side,
          sides[side].filter((each) => !same(each, item)),
        )
      }
    />
  );
  const tracks = found.data?.tracks ?? [];
  return (
    <>
      <ListHead title={t('similar-title')} about={t('similar-about')} tracks={tracks} />
      <div class="controls">
        {field('plus')}
        {field('minus')}
        <div class="control-sliders">
          <Slider label={t('count')} value={n} min={5} max={200} step={5} onInput={(value) => set({ n: value })} />
          <Slider
            label={t('per-artist')}
            value={perArtist}
            min={0}
            max={10}
            text={perArtist === 0 ? t('no-limit') : String(perArtist)}
            onInput={(value) => set({ per_artist: value })}
          />
        </div>
        <FilterFields query={query} onChange={set} />
      </div>
      {found.state === 'failed' ? (
        <ErrorState error={found.error} onRetry={found.reload} />
      ) : plus.length === 0 ? (
        <EmptyState icon="similar" title={t('similar-empty-title')}>
          <p>{t('similar-empty-text')}</p>
        </EmptyState>
      ) : found.data === null ? (
        <Loading rows={8} />
      ) : tracks.length === 0 ? (
        <EmptyState icon="search" title={t('similar-none-title')}>
          <p>{t('similar-none-text')}</p>
        </EmptyState>
      ) : (
        <div class={found.state === 'loading' ? 'refreshing' : ''} aria-busy={found.state === 'loading'}>
          <TrackList
            label={t('similar-title')}
            tracks={tracks}
            number={true}
            note={(track) => <Reasons track={track} />}
            aside={(track) => <Similarity value={track.similarity} />}
          />
        </div>
      )}
    </>
  );
}
