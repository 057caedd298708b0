/** An album: its tracks by disc, and similar albums. */
import { Fragment } from 'preact';
import { api } from '../../api/endpoints';
import { requestListener } from '../../api/client';
import { useResource } from '../../api/useResource';
import type { AlbumRecord, TrackRowRecord } from '../../api/records';
import { formatLength, formatPercent, t } from '../../i18n';
import { useTitle } from '../../layout/useTitle';
import { to, type ViewProperties } from '../../router';
import { Cards } from '../../tracks/Cards';
import { artistsOf } from '../../tracks/columns';
import { Hero } from '../../tracks/Hero';
import { TrackList } from '../../tracks/TrackList';
import { useRating } from '../../tracks/useRating';
import { Cover } from '../../ui/Cover';
import { ErrorState, Loading } from '../../ui/states';

const MOST_TRACKS = 1000;

export default function AlbumView({ parameters }: ViewProperties) {
  const id = Number(parameters.id);
  const key = JSON.stringify([id, requestListener.value]);
  const found = useResource(key, async (signal) => {
    const [album, tracks] = await Promise.all([
      api.album(id, signal),
      api.tracks({ album: id, limit: MOST_TRACKS }, signal),
    ]);
    return { album, tracks: tracks.items };
  });
  useTitle(found.data?.album.title ?? t('kind-album'));
  if (found.state === 'failed') return <ErrorState error={found.error} onRetry={found.reload} />;
  if (found.state === 'loading') return <Loading rows={10} />;
  return <Shown album={found.data.album} tracks={found.data.tracks} />;
}

/** The tracks of each disc; null where there is one disc, or none is named. */
export function discsOf(tracks: readonly TrackRowRecord[]): [number | null, TrackRowRecord[]][] {
  const discs = new Map<number | null, TrackRowRecord[]>();
  for (const track of tracks) discs.set(track.disc_number, [...(discs.get(track.disc_number) ?? []), track]);
  return discs.size > 1 ? [...discs] : [[null, [...tracks]]];
}

function Shown({ album, tracks }: { album: AlbumRecord; tracks: readonly TrackRowRecord[] }) {
  const [rating, rate] = useRating('album', album.id);
  const similar = useResource(`album-${album.id}`, (signal) => api.similarAlbums(album.id, signal));
  const seconds = tracks.reduce((sum, track) => sum + track.duration, 0);
  return (
    <>
      <Hero
        kind="album"
        id={album.id}
        title={album.title}
        picture={<Cover kind="album" id={album.id} size={200} />}
        ids={tracks.map((track) => track.id)}
        rating={rating}
        onRate={rate}
        similar={to('similar', { plus: `a${album.id}` })}
      >
        <p class="hero-names">{artistsOf(album)}</p>
        <p class="muted">
          {[album.year, t('n-tracks', { n: tracks.length }), formatLength(seconds)].filter(Boolean).join(' · ')}
        </p>
      </Hero>
      {discsOf(tracks).map(([disc, each]) => (
        <Fragment key={disc}>
          {disc !== null && <h2 class="disc">{t('disc', { n: disc })}</h2>}
          <TrackList label={album.title} tracks={each} number={(track) => track.track_number ?? ''} cover={false} />
        </Fragment>
      ))}
      {similar.state === 'ready' && similar.data.items.length > 0 && (
        <section>
          <h2 class="section-title">{t('similar-albums')}</h2>
          <Cards
            kind="album"
            label={t('similar-albums')}
            items={similar.data.items.map((each) => ({
              id: each.id,
              title: each.title,
              detail: (
                <>
                  <bdi>{each.artist}</bdi> · {formatPercent(each.similarity)}
                </>
              ),
            }))}
          />
        </section>
      )}
    </>
  );
}
