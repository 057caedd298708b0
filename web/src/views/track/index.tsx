/** A track: what is known of it, its file, and what is similar. */
import { useEffect } from 'preact/hooks';
import { api } from '../../api/endpoints';
import { requestListener } from '../../api/client';
import { useResource } from '../../api/useResource';
import type { TrackDetailsRecord } from '../../api/records';
import { formatPercent, t } from '../../i18n';
import { useTitle } from '../../layout/useTitle';
import { navigate, type ViewProperties } from '../../router';
import { pathEnds } from '../../state/pathEnds';
import { needRows, rateTrack, row } from '../../state/rows';
import { similarAddress } from '../../tracks/actions';
import { artistsOf } from '../../tracks/columns';
import { Hero } from '../../tracks/Hero';
import { Reasons } from '../../tracks/Reasons';
import { TrackList } from '../../tracks/TrackList';
import { Cover } from '../../ui/Cover';
import { ErrorState, Loading } from '../../ui/states';
import { attempt } from '../../ui/toast';
import { FileFacts, MusicFacts } from './Facts';
import './track.css';

const SIMILAR = 8; // tracks

export default function TrackView({ parameters }: ViewProperties) {
  const id = Number(parameters.id);
  const key = JSON.stringify([id, requestListener.value]);
  const found = useResource(key, (signal) => api.track(id, signal));
  useTitle(found.data?.title ?? t('kind-track'));
  if (found.state === 'failed') return <ErrorState error={found.error} onRetry={found.reload} />;
  if (found.state === 'loading') return <Loading />;
  return <Shown track={found.data} />;
}

function Shown({ track }: { track: TrackDetailsRecord }) {
  const { id } = track;
  useEffect(() => needRows([id]), [id]);
  const similar = useResource(`similar-${id}`, (signal) => api.similar({ seed: [id], n: SIMILAR }, signal));
  return (
    <>
      <Hero
        kind="track"
        id={id}
        title={track.title}
        picture={<Cover id={id} size={200} />}
        ids={[id]}
        rating={row(id)?.rating ?? track.rating}
        onRate={(rating) => attempt(rateTrack(id, rating))}
        similar={similarAddress([id])}
        more={[
          { label: t('path-from'), icon: 'path', onSelect: () => navigate(pathEnds.begin(id)) },
          { label: t('path-to'), icon: 'path', onSelect: () => navigate(pathEnds.finish(id)) },
        ]}
      >
        <p class="hero-names">{artistsOf(track)}</p>
        <p class="muted">
          {track.album !== null && (
            <a href={track.album_id === null ? '.' : `albums/${track.album_id}`}>
              <bdi>{track.album}</bdi>
            </a>
          )}
          {track.year !== null && ` · ${track.year}`}
        </p>
        {track.missing && <p class="form-error">{t('missing')}</p>}
      </Hero>
      <div class="track-parts">
        <section>
          <h2>{t('track-music')}</h2>
          <MusicFacts track={track} />
        </section>
        <section>
          <h2>{t('track-genres')}</h2>
          <Bars values={track.genres} most={5} />
          <h2>{t('track-tags')}</h2>
          <Bars values={track.tags} most={8} />
        </section>
        <section class="track-similar">
          <div class="section-head">
            <h2>{t('similar-title')}</h2>
            <a href={similarAddress([id])}>{t('show-all')}</a>
          </div>
          {similar.state === 'failed' ? (
            <ErrorState error={similar.error} onRetry={similar.reload} />
          ) : similar.state === 'loading' ? (
            <Loading rows={SIMILAR} />
          ) : (
            <TrackList
              label={t('similar-title')}
              tracks={similar.data.tracks}
              note={(each) => <Reasons track={each} />}
            />
          )}
        </section>
        <section class="track-file">
          <h2>{t('track-file')}</h2>
          <FileFacts track={track} />
        </section>
      </div>
    </>
  );
}

function Bars({ values, most }: { values: Record<string, number>; most: number }) {
  const shown = Object.entries(values).slice(0, most);
  if (shown.length === 0) return <p class="muted">{t('none')}</p>;
  return (
    <dl class="bars">
      {shown.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <span class="genre-bar" aria-hidden="true">
              <span style={{ inlineSize: `${value * 100}%` }} />
            </span>
            <span class="number muted">{formatPercent(value)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
