/** Shares of genres that add up to at most all of the list. */
import type { QuotaRecord } from '../../api/records';
import { formatPercent, t } from '../../i18n';
import { Button, IconButton } from '../../ui/Button';
import type { NameChoice } from './NameField';
import { quotaSum, withShare } from './request';

const FIRST_SHARE = 0.3;

interface QuotasProperties {
  quotas: readonly QuotaRecord[];
  genres: readonly NameChoice[];
  onChange: (quotas: QuotaRecord[]) => void;
}

export function Quotas({ quotas, genres, onChange }: QuotasProperties) {
  const taken = new Set(quotas.map(({ genre }) => genre));
  const free = genres.filter(({ name }) => !taken.has(name));
  const sum = quotaSum(quotas);
  return (
    <div class="quotas">
      <p class="muted">{t('builder-quota-about')}</p>
      {quotas.length > 0 && (
        <div class="quota-bar" aria-hidden="true">
          {quotas.map((quota, index) => (
            <span key={quota.genre} class={`part-${index % 5}`} style={{ flexBasis: `${(quota.share ?? 0) * 100}%` }} />
          ))}
        </div>
      )}
      <ul>
        {quotas.map((quota, index) => (
          <li key={quota.genre}>
            <span class={`quota-dot part-${index % 5}`} aria-hidden="true" />
            <select
              aria-label={t('builder-quota-genre')}
              value={quota.genre}
              onChange={(event) =>
                onChange(
                  quotas.map((each, place) => (place === index ? { ...each, genre: event.currentTarget.value } : each)),
                )
              }
            >
              {[{ name: quota.genre }, ...free].map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
            {quota.count === null ? (
              <input
                type="range"
                min={0}
                max={100}
                step={5}
                aria-label={t('builder-quota-share', { genre: quota.genre })}
                aria-valuetext={formatPercent(quota.share ?? 0)}
                value={Math.round((quota.share ?? 0) * 100)}
                onInput={(event) => {
                  const next = withShare(quotas, index, event.currentTarget.valueAsNumber / 100);
                  event.currentTarget.value = String(Math.round((next[index]?.share ?? 0) * 100));
                  onChange(next);
                }}
              />
            ) : (
              <span />
            )}
            <output>
              {quota.count === null ? formatPercent(quota.share ?? 0) : t('n-tracks', { n: quota.count })}
            </output>
            <IconButton
              icon="close"
              size={16}
              label={t('remove-named', { name: quota.genre })}
              onClick={() => onChange(quotas.filter((_, place) => place !== index))}
            />
          </li>
        ))}
      </ul>
      <div class="quota-foot">
        <Button
          icon="plus"
          disabled={free.length === 0 || sum >= 0.999}
          onClick={() => {
            const [next] = free;
            const share = Math.min(FIRST_SHARE, Math.round((1 - sum) * 100) / 100);
            if (next) onChange([...quotas, { genre: next.name, share, count: null }]);
          }}
        >
          {t('builder-quota-add')}
        </Button>
        {quotas.length > 0 && (
          <span class="muted" role="status">
            {t('builder-quota-total', { share: formatPercent(sum), rest: formatPercent(Math.max(0, 1 - sum)) })}
          </span>
        )}
      </div>
    </div>
  );
}
