/** The first run: choose the folder of the music, follow its analysis, and go on to the library. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { adminApi } from '../../api/admin';
import { api } from '../../api/endpoints';
import { useResource } from '../../api/useResource';
import { t } from '../../i18n';
import { FolderPicker } from '../../jobs/FolderPicker';
import { JobProgress } from '../../jobs/JobProgress';
import { useTitle } from '../../layout/useTitle';
import { player } from '../../player/interface';
import { jobs, runningJobs, storedTracks } from '../../state/jobs';
import { TrackList } from '../../tracks/TrackList';
import { Button } from '../../ui/Button';
import { Icon, type IconName } from '../../ui/Icon';
import { ErrorState, Loading, ProblemLines } from '../../ui/states';
import { toastError } from '../../ui/toast';
import { phaseOf } from './phase';
import './welcome.css';

const NEWEST = 5;

export default function Welcome() {
  const [starting, setStarting] = useState(false);
  const [adding, setAdding] = useState(false);
  const stored = storedTracks.value;
  const found = useResource(`welcome ${stored}`, async (signal) => {
    const [all, newest] = await Promise.all([
      api.trackIds({ sort: 'added:desc' }, signal),
      api.tracks({ sort: 'added:desc', limit: NEWEST }, signal),
    ]);
    return { ids: all.ids, newest: newest.items };
  });
  const ids = found.data?.ids ?? [];
  const ingests = runningJobs().filter((job) => job.kind === 'ingest');
  const last = jobs.value.find((job) => job.kind === 'ingest' && job.ended_at !== null);
  const phase = phaseOf({ tracks: ids.length, running: ingests.length, starting, adding });
  const failed = typeof last?.result?.failed === 'number' ? last.result.failed : 0;
  useTitle(t('welcome-title'));

  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(phase);
  useEffect(() => {
    if (before.current !== phase) heading.current?.focus();
    before.current = phase;
  }, [phase]);

  const start = (path: string): void => {
    setStarting(true);
    adminApi
      .startJob({ kind: 'ingest', folders: [path] })
      .then((job) => {
        setAdding(false);
        if (!jobs.value.some((each) => each.id === job.id)) jobs.value = [job, ...jobs.value];
      }, toastError)
      .finally(() => setStarting(false));
  };

  if (found.data === null) {
    return found.state === 'failed' ? <ErrorState error={found.error} onRetry={found.reload} /> : <Loading rows={5} />;
  }
  const music = player.value;
  return (
    <div class="welcome">
      <header class="welcome-head">
        <div class="state-icon">
          <Icon name={phase === 'ready' ? 'check' : 'music'} size={30} />
        </div>
        <h1 ref={heading} tabIndex={-1}>
          {t(`welcome-${phase}`, { n: ids.length })}
        </h1>
        <p class="muted">{t(`welcome-${phase}-text`)}</p>
        {phase === 'ready' && failed > 0 && (
          <p>
            <a href="jobs">{t('failures-title', { n: failed })}</a>
          </p>
        )}
      </header>

      {phase === 'choose' && (
        <>
          {!adding && last?.state === 'failed' && last.error && (
            <p class="welcome-error" role="alert">
              <Icon name="warning" size={18} />
              <span>
                <ProblemLines problem={last.error} />
              </span>
            </p>
          )}
          <section class="welcome-card" aria-label={t('welcome-choose')}>
            <FolderPicker busy={starting} onChoose={start} />
          </section>
          {adding && (
            <div class="welcome-actions">
              <Button onClick={() => setAdding(false)}>{t('cancel')}</Button>
            </div>
          )}
          <ul class="welcome-facts">
            <Fact icon="check" text={t('welcome-fact-files')} />
            <Fact icon="offline" text={t('welcome-fact-private')} />
            <Fact icon="play" text={t('welcome-fact-soon')} />
          </ul>
        </>
      )}

      {phase !== 'choose' && (
        <>
          <div class="welcome-jobs" role="status">
            {ingests.map((job) => (
              <JobProgress key={job.id} job={job} />
            ))}
          </div>
          <div class="welcome-actions">
            {ids.length > 0 && (
              <a class="button button-primary" href=".">
                {t('welcome-library')}
              </a>
            )}
            {ids.length > 0 && music && (
              <Button icon="play" onClick={() => music.play(ids.slice(0, 500))}>
                {t('welcome-play')}
              </Button>
            )}
            <Button icon="plus" onClick={() => setAdding(true)}>
              {t('welcome-another')}
            </Button>
          </div>
          {ids.length > 0 && (
            <section>
              <div class="section-head">
                <h2>{t('welcome-playable', { n: ids.length })}</h2>
              </div>
              <TrackList tracks={found.data.newest} label={t('welcome-playable', { n: ids.length })} />
            </section>
          )}
        </>
      )}
    </div>
  );
}

function Fact({ icon, text }: { icon: IconName; text: string }) {
  return (
    <li>
      <Icon name={icon} size={18} />
      <span>{text}</span>
    </li>
  );
}
