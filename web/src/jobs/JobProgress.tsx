/** A job that waits or runs: what it does, how far it is, how fast, how long still, and the button that cancels it. */
import { adminApi } from '../api/admin';
import type { Job } from '../api/endpoints';
import { formatNumber, formatPercent, t } from '../i18n';
import { Button } from '../ui/Button';
import { attempt } from '../ui/toast';
import { isEnding, jobStep, jobTitle, rateText, share, subject, timeLeft } from './describe';
import './jobs.css';

export function JobProgress({ job }: { job: Job }) {
  const part = share(job);
  const about = subject(job);
  const waiting = job.state === 'waiting';
  const numbers = [
    job.total ? t('job-done-of', { done: job.done, total: formatNumber(job.total) }) : '',
    rateText(job.rate),
    timeLeft(job.seconds_left),
    job.failed > 0 ? t('result-failed', { n: job.failed }) : '',
  ].filter(Boolean);
  return (
    <article class="job-card" aria-label={`${jobTitle(job)} ${about}`}>
      <header>
        <div>
          <h3>
            {jobTitle(job)} {about && <bdi class="muted">{about}</bdi>}
          </h3>
          <p class="muted">{waiting ? t('job-state-waiting') : jobStep(job)}</p>
        </div>
        {part !== null && !waiting && <strong class="job-percent number">{formatPercent(part)}</strong>}
        <Button disabled={isEnding(job)} onClick={() => attempt(adminApi.cancelJob(job.id))}>
          {t('cancel')}
        </Button>
      </header>
      {!waiting && (
        <progress
          class="job-bar"
          aria-label={jobTitle(job)}
          {...(part !== null && { value: job.done, max: job.total ?? 1 })}
        />
      )}
      {numbers.length > 0 && (
        <ul class="job-numbers muted number">
          {numbers.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      )}
    </article>
  );
}
