/** Removes the tracks whose files are gone: first a search that changes nothing, then, if confirmed, the removal. */
import { useEffect, useState } from 'preact/hooks';
import { adminApi } from '../../api/admin';
import { problemOf, type Problem } from '../../api/client';
import type { Job } from '../../api/endpoints';
import type { PruneRecord } from '../../api/records';
import { t } from '../../i18n';
import { JobProgress } from '../../jobs/JobProgress';
import { jobs } from '../../state/jobs';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Loading, ProblemLines } from '../../ui/states';
import { attempt } from '../../ui/toast';

const SHOWN = 20; // paths

export function Prune({ onClose }: { onClose: () => void }) {
  const [force, setForce] = useState(false);
  const [started, setStarted] = useState<Job | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    let gone = false;
    setStarted(null);
    adminApi.startJob({ kind: 'prune', dry_run: true, force }).then(
      (job) => gone || setStarted(job),
      (error: unknown) => gone || setProblem(problemOf(error)),
    );
    return () => {
      gone = true;
    };
  }, [force]);
  const job = started && (jobs.value.find((each) => each.id === started.id) ?? started);
  const found = job?.state === 'done' ? (job.result as PruneRecord | null) : null;
  const gone = found ? found.tracks + found.failures : 0;
  const remove = (): void => {
    attempt(adminApi.startJob({ kind: 'prune', dry_run: false, force }), t('jobs-started'));
    onClose();
  };
  return (
    <Dialog
      title={t('job-kind-prune')}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t(gone > 0 || job?.state === 'failed' ? 'cancel' : 'close')}</Button>
          {job?.error?.code === 'prune_refused' && (
            <Button onClick={() => setForce(true)}>{t('prune-show-anyway')}</Button>
          )}
          {gone > 0 && (
            <Button kind="danger" icon="trash" onClick={remove}>
              {t('prune-remove', { n: gone })}
            </Button>
          )}
        </>
      }
    >
      {problem && <ErrorState error={problem} />}
      {!job && !problem && <Loading rows={2} />}
      {job && (job.state === 'waiting' || job.state === 'running') && <JobProgress job={job} />}
      {job?.state === 'cancelled' && <p>{t('job-state-cancelled')}</p>}
      {job?.error && <ProblemLines problem={job.error} />}
      {found && <Found {...found} />}
    </Dialog>
  );
}

function Found({ tracks, rated, failures, reappeared, sample_paths, kept }: PruneRecord) {
  const rest = tracks - Math.min(SHOWN, sample_paths.length);
  return (
    <div class="prune">
      <p role="status">{tracks > 0 ? t('prune-found', { n: tracks }) : t('prune-none')}</p>
      {rated > 0 && <p>{t('prune-rated', { n: rated })}</p>}
      {failures > 0 && <p>{t('prune-failures', { n: failures })}</p>}
      {reappeared > 0 && <p>{t('prune-reappeared', { n: reappeared })}</p>}
      {sample_paths.length > 0 && (
        <ul class="prune-paths muted">
          {sample_paths.slice(0, SHOWN).map((path) => (
            <li key={path}>
              <bdi>{path}</bdi>
            </li>
          ))}
          {rest > 0 && <li>{t('prune-more', { n: rest })}</li>}
        </ul>
      )}
      {kept.map(({ folder, files, reason }) => (
        <p key={folder} class="prune-kept">
          {t(REASONS[reason] ?? 'prune-kept-unreadable', { n: files, folder })}
        </p>
      ))}
    </div>
  );
}

const REASONS = {
  not_mounted: 'prune-kept-not-mounted',
  unreadable: 'prune-kept-unreadable',
  moved: 'prune-kept-moved',
} as Record<string, 'prune-kept-not-mounted' | 'prune-kept-unreadable' | 'prune-kept-moved'>;
