/** The files that could not be analysed, with the reasons. */
import { useState } from 'preact/hooks';
import type { FailureRecord } from '../../api/records';
import { formatDateTime, t } from '../../i18n';
import { baseName } from '../../jobs/describe';
import { Button } from '../../ui/Button';

const SHOWN = 20;

interface FailuresProperties {
  items: readonly FailureRecord[];
  busy: boolean;
  onRetry: () => void;
}

export function Failures({ items, busy, onRetry }: FailuresProperties) {
  const [shown, setShown] = useState(SHOWN);
  const rest = items.length - shown;
  return (
    <section class="failures" aria-labelledby="failures-title">
      <header>
        <div>
          <h2 id="failures-title">{t('failures-title', { n: items.length })}</h2>
          <p class="muted">{t('failures-about')}</p>
        </div>
        <Button icon="jobs" disabled={busy} onClick={onRetry}>
          {t('failures-retry')}
        </Button>
      </header>
      <ul>
        {items.slice(0, shown).map((each) => (
          <li key={each.path}>
            <p>
              <strong>
                <bdi>{baseName(each.path)}</bdi>
              </strong>
            </p>
            <p>{each.reason}</p>
            <p class="muted failure-path">
              <bdi>{each.path}</bdi>
              <span>
                {t('failures-attempts', { n: each.attempts })} · {formatDateTime(each.at)}
              </span>
            </p>
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <Button onClick={() => setShown(shown + 200)}>{t('failures-more', { n: Math.min(200, rest) })}</Button>
      )}
    </section>
  );
}
