/** The library in numbers. */
import { api } from '../../api/endpoints';
import { useResource } from '../../api/useResource';
import { formatBytes, formatLength, formatNumber, t } from '../../i18n';
import { to } from '../../router';
import { storedTracks } from '../../state/jobs';
import { ErrorState, Loading } from '../../ui/states';
import { BarList, Columns } from './Charts';
import { bars, steps } from './charts';

export function Statistics() {
  const found = useResource(`statistics ${storedTracks.value}`, (signal) => api.statistics(signal));
  if (found.state === 'failed') return <ErrorState error={found.error} onRetry={found.reload} />;
  if (found.data === null) return <Loading rows={5} />;
  const all = found.data;
  if (all.tracks === 0) return <p class="muted">{t('settings-statistics-none')}</p>;
  const numbers: [string, string][] = [
    [t('settings-tracks'), formatNumber(all.tracks)],
    [t('settings-artists'), formatNumber(all.artists)],
    [t('settings-albums'), formatNumber(all.albums)],
    [t('settings-length'), formatLength(all.duration)],
    [t('settings-size'), formatBytes(all.size)],
  ];
  return (
    <>
      <dl class="tiles">
        {numbers.map(([name, value]) => (
          <div key={name}>
            <dt class="muted">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div class="charts">
        <BarList title={t('settings-genres')} data={bars(all.genres, 12)} link={(name) => to('', { genre: name })} />
        <BarList title={t('settings-keys')} data={bars(all.keys, 12, mostFirst(all.keys))} />
        <Columns title={t('settings-decades')} data={bars(all.decades, Infinity, steps(all.decades, 10))} />
        <Columns title={t('settings-tempi')} data={bars(all.tempi, Infinity, steps(all.tempi, 10))} />
      </div>
    </>
  );
}

const mostFirst = (counts: Record<string, number>): string[] =>
  Object.keys(counts).sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0));
