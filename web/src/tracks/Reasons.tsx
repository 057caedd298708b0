/** Why a track is similar: the similarity, what is shared, where it differs. */
import type { TrackRecord } from '../api/records';
import { formatPercent, t } from '../i18n';

export function Reasons({ track }: { track: TrackRecord }) {
  const found = track.explanation;
  if (!found) return null;
  const shared = found.shared.slice(0, 4);
  const differences = found.differences.slice(0, 2);
  return (
    <span class="reasons" lang="en" title={found.text}>
      {shared.map((each) => (
        <span key={each} class="reason">
          {each}
        </span>
      ))}
      {differences.map((each) => (
        <span key={each} class="reason reason-different">
          {each}
        </span>
      ))}
      {found.not_like.map((each) => (
        <span key={each.name} class="reason reason-different">
          {t('minus-similarity', { name: each.name, share: formatPercent(each.similarity) })}
        </span>
      ))}
    </span>
  );
}

/** The similarity as a number with a bar. */
export function Similarity({ value }: { value: number | undefined }) {
  if (value === undefined) return null;
  return (
    <span class="similarity" title={t('similarity')}>
      <span class="visually-hidden">{t('similarity')}</span>
      <span class="number">{formatPercent(value)}</span>
      <span class="genre-bar" aria-hidden="true">
        <span style={{ inlineSize: `${value * 100}%` }} />
      </span>
    </span>
  );
}
