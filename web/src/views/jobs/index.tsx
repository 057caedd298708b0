/** The jobs of the server: what runs, what failed and why, what has been; and the buttons that start one. */
import { useState } from 'preact/hooks';
import { adminApi, type JobRequest } from '../../api/admin';
import type { Job } from '../../api/endpoints';
import { useResource } from '../../api/useResource';
import { formatDateTime, t } from '../../i18n';
import { elapsed, jobTitle, resultParts, subject } from '../../jobs/describe';
import { FolderPicker } from '../../jobs/FolderPicker';
import { JobProgress } from '../../jobs/JobProgress';
import { useTitle } from '../../layout/useTitle';
import { jobs, runningJobs, storedTracks } from '../../state/jobs';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Icon, type IconName } from '../../ui/Icon';
import { MenuButton } from '../../ui/Menu';
import { ErrorState, Loading, ProblemLines } from '../../ui/states';
import { toast, toastError } from '../../ui/toast';
import { Failures } from './Failures';
import { Prune } from './Prune';
import './jobs-view.css';

export default function Jobs() {
  const [adding, setAdding] = useState(false);
  const [pruning, setPruning] = useState(false);
  const [busy, setBusy] = useState(false);
  const loaded = useResource('settings', (signal) => adminApi.settings(signal));
  const ended = jobs.value.filter((job) => job.ended_at !== null);
  const running = runningJobs();
  const failures = useResource(`failures ${ended.length} ${storedTracks.value}`, (signal) => adminApi.failures(signal));
  useTitle(t('jobs-title'));

  const start = (request: JobRequest): void => {
    setBusy(true);
    adminApi
      .startJob(request)
      .then(() => {
        setAdding(false);
        toast(t('jobs-started'));
      }, toastError)
      .finally(() => setBusy(false));
  };
  const scan = (): void => {
    const folders = loaded.data?.folders ?? [];
    if (folders.length > 0) start({ kind: 'ingest', folders });
    else toast(t('jobs-no-folders'));
  };
  const mayIngest = loaded.data?.allow_ingest ?? false;
  return (
    <div class="jobs-view">
      <header class="view-head">
        <div>
          <h1>{t('jobs-title')}</h1>
          <p class="muted">{t('jobs-about')}</p>
        </div>
        {mayIngest && (
          <Button kind="primary" icon="plus" onClick={() => setAdding(true)}>
            {t('jobs-add-folder')}
          </Button>
        )}
        <Button icon="jobs" disabled={busy} onClick={scan}>
          {t('jobs-scan')}
        </Button>
        <MenuButton
          label={t('jobs-start')}
          items={[
            { label: t('jobs-refresh'), icon: 'playlist', onSelect: () => start({ kind: 'refresh' }) },
            { label: t('jobs-evaluate'), icon: 'check', onSelect: () => start({ kind: 'evaluate' }) },
            { label: t('jobs-prune'), icon: 'trash', onSelect: () => setPruning(true) },
          ]}
        >
          <Icon name="more" />
        </MenuButton>
      </header>

      {loaded.state === 'failed' && <ErrorState error={loaded.error} onRetry={loaded.reload} />}

      <section aria-labelledby="jobs-now">
        <h2 id="jobs-now">{t('jobs-now')}</h2>
        {running.length === 0 ? (
          <p class="jobs-idle muted">{t('jobs-idle')}</p>
        ) : (
          <div class="jobs-running">
            {running.map((job) => (
              <JobProgress key={job.id} job={job} />
            ))}
          </div>
        )}
      </section>

      {failures.data === null ? (
        failures.state === 'failed' ? (
          <ErrorState error={failures.error} onRetry={failures.reload} />
        ) : (
          <Loading rows={3} />
        )
      ) : (
        failures.data.items.length > 0 && (
          <Failures
            items={failures.data.items}
            busy={busy || running.some((job) => job.kind === 'retry')}
            onRetry={() => start({ kind: 'retry' })}
          />
        )
      )}

      <section aria-labelledby="jobs-history">
        <h2 id="jobs-history">{t('jobs-history')}</h2>
        {ended.length === 0 ? (
          <p class="jobs-idle muted">{t('jobs-history-none')}</p>
        ) : (
          <ol class="history">
            {ended.map((job) => (
              <Ended key={job.id} job={job} />
            ))}
          </ol>
        )}
      </section>

      {pruning && <Prune onClose={() => setPruning(false)} />}
      {adding && (
        <Dialog title={t('jobs-add-folder')} onClose={() => setAdding(false)}>
          <FolderPicker busy={busy} onChoose={(path) => start({ kind: 'ingest', folders: [path] })} />
        </Dialog>
      )}
    </div>
  );
}

const ICONS: Record<string, IconName> = { done: 'check', failed: 'warning', cancelled: 'close' };

/** A job that has ended. */
function Ended({ job }: { job: Job }) {
  const about = subject(job);
  const parts = resultParts(job);
  const why = job.state === 'failed' ? job.error : null;
  return (
    <li class={`history-${job.state}`}>
      <span class="history-icon">
        <Icon name={ICONS[job.state] ?? 'check'} size={18} />
        <span class="visually-hidden">{t(`job-state-${job.state}`)}</span>
      </span>
      <div class="history-text">
        <p>
          <strong>{jobTitle(job)}</strong> {about && <bdi>{about}</bdi>}
        </p>
        {parts.length > 0 && <p class="muted">{parts.join(' · ')}</p>}
        {why && (
          <div class="history-error">
            <ProblemLines problem={why} />
          </div>
        )}
      </div>
      <p class="history-when muted number">
        {job.ended_at && <time dateTime={job.ended_at}>{formatDateTime(job.ended_at)}</time>}
        <span>{elapsed(job)}</span>
      </p>
    </li>
  );
}
