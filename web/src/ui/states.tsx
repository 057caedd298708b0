/** What a view shows instead of its content. */
import type { ComponentChildren } from 'preact';
import type { Problem } from '../api/client';
import { t } from '../i18n';
import { describeProblem, type AnyProblem } from '../i18n/problems';
import { Button } from './Button';
import { Icon, type IconName } from './Icon';

interface EmptyProperties {
  icon: IconName;
  title: string;
  children?: ComponentChildren;
}

/** Nothing is here: why, and what to do. */
export function EmptyState({ icon, title, children }: EmptyProperties) {
  return (
    <div class="state">
      <div class="state-icon">
        <Icon name={icon} size={30} />
      </div>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** What failed, what helps, and a second attempt. */
export function ErrorState({ error, onRetry }: { error: Problem; onRetry?: () => void }) {
  const offline = error.code === 'offline';
  return (
    <div class="state" role="alert">
      <div class="state-icon state-icon-error">
        <Icon name={offline ? 'offline' : 'warning'} size={30} />
      </div>
      <h2>{offline ? t('offline-title') : t('error-title')}</h2>
      {offline ? <p>{t('offline-text')}</p> : <ProblemLines problem={error} />}
      {onRetry && (
        <Button icon="jobs" onClick={onRetry}>
          {t('retry')}
        </Button>
      )}
    </div>
  );
}

/** What happened, and what helps; in other languages than English also the sentence of the server. */
export function ProblemLines({ problem }: { problem: AnyProblem }) {
  const { text, detail, hint } = describeProblem(problem);
  return (
    <>
      <p>
        {text}
        {detail && (
          <small class="problem-detail" lang="en" dir="auto">
            {detail}
          </small>
        )}
      </p>
      {hint && <p>{hint}</p>}
    </>
  );
}

/** A list that loads: grey rows, and a text for screen readers. */
export function Loading({ rows = 6 }: { rows?: number }) {
  return (
    <div class="loading" role="status">
      <span class="visually-hidden">{t('loading')}</span>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} class="skeleton" />
      ))}
    </div>
  );
}
