/** An artist: albums, tracks, and similar artists. */
import { api } from '../../api/endpoints';
import { requestListener } from '../../api/client';
import { useResource } from '../../api/useResource';
import type { AlbumRecord, ArtistRecord, TrackRowRecord } from '../../api/records';
import { formatPercent, t } from '../../i18n';
import { useTitle } from '../../layout/useTitle';
import { to, type ViewProperties } from '../../router';
import { Cards } from '../../tracks/Cards';
import { Hero } from '../../tracks/Hero';
import { TrackList } from '../../tracks/TrackList';
import { useRating } from '../../tracks/useRating';
import { Icon } from '../../ui/Icon';
import { ErrorState, Loading } from '../../ui/states';

const SHOWN = 100; // tracks; the library shows all

export default function ArtistView({ parameters }: ViewProperties) {
  const id = Number(parameters.id);
  const key = JSON.stringify([id, requestListener.value]);
  const found = useResource(key, async (signal) => {
    const [artist, albums, tracks] = await Promise.all([
      api.artist(id, signal),
      api.albums({ artist: id, limit: 200 }, signal),
      api.tracks({ artist: id, limit: SHOWN, sort: 'plays:desc' }, signal),
    ]);
    return { artist, albums: albums.items, tracks: tracks.items };
  });
  useTitle(found.data?.artist.name ?? t('kind-artist'));
  if (found.state === 'failed') return <ErrorState error={found.error} onRetry={found.reload} />;
  if (found.state === 'loading') return <Loading rows={10} />;
  return <Shown {...found.data} />;
}

interface ShownProperties {
  artist: ArtistRecord;
  albums: readonly AlbumRecord[];
  tracks: readonly TrackRowRecord[];
}

function Shown({ artist, albums, tracks }: ShownProperties) {
  const [rating, rate] = useRating('artist', artist.id);
  const similar = useResource(`artist-${artist.id}`, (signal) => api.similarArtists(artist.id, signal));
  return (
    <>
      <Hero
        kind="artist"
        id={artist.id}
        title={artist.name}
        picture={
          <span class="cover cover-round" style={{ '--hue': String((artist.id * 137.5) % 360), '--size': '200px' }}>
            <Icon name="user" size={72} />
          </span>
        }
        ids={tracks.map((track) => track.id)}
        rating={rating}
        onRate={rate}
        similar={to('similar', { plus: `r${artist.id}` })}
      >
        <p class="muted">
          {t('n-tracks', { n: artist.tracks })} · {t('n-albums', { n: albums.length })}
        </p>
      </Hero>
      {albums.length > 0 && (
        <section>
          <h2 class="section-title">{t('albums')}</h2>
          <Cards
            kind="album"
            label={t('albums')}
            items={albums.map((each) => ({
              id: each.id,
              title: each.title,
              detail: [each.year, t('n-tracks', { n: each.tracks })].filter(Boolean).join(' · '),
            }))}
          />
        </section>
      )}
      <section>
        <div class="section-head">
          <h2 class="section-title">{t('tracks')}</h2>
          {artist.tracks > tracks.length && <a href={to('', { artist: artist.name })}>{t('show-all')}</a>}
        </div>
        <TrackList
          label={t('tracks')}
          tracks={tracks}
          second={(track) => <bdi>{[track.album, track.year].filter(Boolean).join(' · ')}</bdi>}
        />
      </section>
      {similar.state === 'ready' && similar.data.items.length > 0 && (
        <section>
          <h2 class="section-title">{t('similar-artists')}</h2>
          <Cards
            kind="artist"
            label={t('similar-artists')}
            items={similar.data.items.map((each) => ({
              id: each.id,
              title: each.name,
              detail: (
                <>
                  {formatPercent(each.similarity)}
                  {each.pairs[0] && (
                    <>
                      {' · '}
                      <bdi>{t('as-in', { one: each.pairs[0].track.title, other: each.pairs[0].other.title })}</bdi>
                    </>
                  )}
                </>
              ),
            }))}
          />
        </section>
      )}
    </>
  );
}
