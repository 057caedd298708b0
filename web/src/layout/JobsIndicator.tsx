import { useEffect } from 'preact/hooks';
import { formatPercent, t } from '../i18n';
import { jobStep } from '../jobs/describe';
import { followJobs, runningJobs } from '../state/jobs';

/** What the server is doing, while it does something. */
export function JobsIndicator() {
  useEffect(followJobs, []);
  const running = runningJobs();
  const [job] = running;
  if (!job) return null;
  const share = job.total ? job.done / job.total : null;
  const text = share === null ? t('jobs-running', { n: running.length }) : formatPercent(share);
  return (
    <a class="jobs-indicator" href="jobs" title={jobStep(job)} aria-label={t('jobs-running', { n: running.length })}>
      <span class="jobs-spinner" aria-hidden="true" />
      <span>{text}</span>
    </a>
  );
}
