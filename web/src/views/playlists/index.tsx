/** Saved playlists. */
import { requestListener } from '../../api/client';
import { useResource } from '../../api/useResource';
import { formatDate, formatLength, t } from '../../i18n';
import { useTitle } from '../../layout/useTitle';
import { navigate } from '../../router';
import { playlists, type ListedPlaylist } from '../../playlists/api';
import { Button } from '../../ui/Button';
import { Icon } from '../../ui/Icon';
import { EmptyState, ErrorState, Loading } from '../../ui/states';
import './playlists.css';

export default function Playlists() {
  const found = useResource(`playlists ${requestListener.value ?? ''}`, (signal) => playlists.list(signal));
  useTitle(t('playlists-title'));
  const items = found.data?.items ?? [];
  return (
    <>
      <header class="view-head">
        <div>
          <h1>{t('playlists-title')}</h1>
          <p class="muted">{items.length > 0 && t('n-playlists', { n: items.length })}</p>
        </div>
        {items.length > 0 && (
          <Button icon="plus" kind="primary" onClick={() => navigate('builder')}>
            {t('builder-title')}
          </Button>
        )}
      </header>
      {found.state === 'failed' ? (
        <ErrorState error={found.error} onRetry={found.reload} />
      ) : found.data === null ? (
        <Loading />
      ) : items.length === 0 ? (
        <EmptyState icon="playlist" title={t('playlists-none-title')}>
          <p>{t('playlists-none-text')}</p>
          <Button icon="builder" kind="primary" onClick={() => navigate('builder')}>
            {t('builder-title')}
          </Button>
        </EmptyState>
      ) : (
        <ul class="playlist-list">
          {items.map((each) => (
            <li key={each.id}>
              <Entry playlist={each} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Entry({ playlist }: { playlist: ListedPlaylist }) {
  const { id, name, request, n_tracks, duration, changed_at } = playlist;
  return (
    <a href={`playlists/${id}`}>
      <span class="playlist-icon" style={{ '--hue': String((id * 137.5) % 360) }}>
        <Icon name={request === null ? 'playlist' : 'builder'} size={24} />
      </span>
      <span class="two-lines">
        <bdi>{name}</bdi>
        <small>
          {t('n-tracks', { n: n_tracks })} · {formatLength(duration)}
        </small>
        <small>
          {t(request === null ? 'playlists-kind-tracks' : 'playlists-kind-request')} ·{' '}
          {t('playlist-changed', { date: formatDate(changed_at) })}
        </small>
      </span>
    </a>
  );
}
