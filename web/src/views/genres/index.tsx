/** The genres of the library, by sound and by tag, as bars that open their tracks. */
import { useState } from 'preact/hooks';
import { api } from '../../api/endpoints';
import { useResource } from '../../api/useResource';
import { t } from '../../i18n';
import { useTitle } from '../../layout/useTitle';
import { to } from '../../router';
import { Choice } from '../../ui/Chips';
import { EmptyState, ErrorState, Loading } from '../../ui/states';
import './genres.css';

type Source = 'genre' | 'tagged_genre';

export default function Genres() {
  const [source, setSource] = useState<Source>('genre');
  const found = useResource<{ items: { name: string; tracks: number }[] }>(source, (signal) =>
    source === 'genre' ? api.genres(signal) : api.taggedGenres(signal),
  );
  useTitle(t('genres-title'));
  const items = found.data?.items ?? [];
  const most = Math.max(...items.map((each) => each.tracks), 1);
  return (
    <>
      <header class="view-head">
        <div>
          <h1>{t('genres-title')}</h1>
          <p class="muted">{source === 'genre' ? t('genres-about') : t('genres-about-tagged')}</p>
        </div>
        <Choice
          label={t('genres-title')}
          value={source}
          choices={[
            { value: 'genre', label: t('genres-predicted') },
            { value: 'tagged_genre', label: t('genres-tagged') },
          ]}
          onChange={setSource}
        />
      </header>
      {found.state === 'failed' ? (
        <ErrorState error={found.error} onRetry={found.reload} />
      ) : found.state === 'loading' ? (
        <Loading rows={10} />
      ) : items.length === 0 ? (
        <EmptyState icon="genres" title={t('genres-none-title')}>
          <p>{t('genres-none-text')}</p>
        </EmptyState>
      ) : (
        <ul class="genre-list">
          {items.map((each) => (
            <li key={each.name}>
              <a href={to('', { [source]: each.name })}>
                <bdi>{each.name}</bdi>
                <span class="genre-bar" aria-hidden="true">
                  <span style={{ inlineSize: `${(each.tracks / most) * 100}%` }} />
                </span>
                <span class="number muted">{t('n-tracks', { n: each.tracks })}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
