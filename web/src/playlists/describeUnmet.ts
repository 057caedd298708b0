/** What a playlist could not meet, in words. */
import type { UnmetConstraintRecord } from '../api/records';
import { formatNumber, formatPercent, t } from '../i18n';

const number = (value: unknown): number => (typeof value === 'number' ? value : Number(value ?? 0));
const text = (value: unknown): string => (typeof value === 'string' ? value : String(number(value)));

/** A sentence or two: what the list has instead of what was wanted, and why. */
export function describeUnmet({ constraint, wanted, got, reason, details }: UnmetConstraintRecord): string {
  const why = describeReason(reason, details);
  const n = number(details.n_tracks);
  const genre = text(details.genre ?? '');
  switch (constraint) {
    case 'n':
      return t('unmet-n', { n: number(got), wanted: number(wanted), why });
    case 'minutes':
      return t('unmet-minutes', { got: formatNumber(number(got), 1), wanted: formatNumber(number(wanted), 1), why });
    case 'quotas':
      return details.unit === 'share'
        ? t('unmet-share', { genre, got: formatPercent(number(got)), wanted: formatPercent(number(wanted)), why })
        : t('unmet-count', { genre, got: number(got), wanted: number(wanted), why });
    case 'min_similarity':
      return t('unmet-similarity', { n: number(got), total: n, why });
    case 'min_artist_gap':
      return t('unmet-gap', { n: number(details.n_close), total: n });
    case 'exclude_recent':
      return t('unmet-recent', { n: number(got), wanted: number(wanted) });
    case 'duration_limits':
      return reason === 'tracks_outside' ? t('unmet-outside', { n: number(got) }) : t('unmet-most-outside');
    case 'excluded_genres':
    case 'excluded_tagged_genres':
      return t('unmet-excluded', { genre: text(wanted) });
    case 'include_seeds':
      return t('unmet-seed-missing', { name: text(wanted) });
    default:
      return t('unmet-other', { constraint: constraint.replaceAll('_', ' '), why });
  }
}

function describeReason(reason: string, details: UnmetConstraintRecord['details']): string {
  const limit = number(details.limit);
  const genre = text(details.genre ?? '');
  switch (reason) {
    case 'artist_limit':
      return t('unmet-why-artist', { n: limit });
    case 'album_limit':
      return t('unmet-why-album', { n: limit });
    case 'artist_gap':
      return t('unmet-why-gap', { n: limit });
    case 'left_out':
      return describeLeftOut(details);
    case 'no_match':
      return t('unmet-why-no-genre', { genre });
    case 'no_more_matches':
      return genre && details.genre !== undefined ? t('unmet-why-no-more-genre', { genre }) : t('unmet-why-no-more');
    case 'other_versions':
      return t('unmet-why-versions');
    case 'no_closer_choice':
      return t('unmet-why-closest');
    case 'seeds_alone':
      return t('unmet-why-seeds');
    case 'other_constraints':
      return t('unmet-why-others');
    case 'quota':
      return t('unmet-why-quota');
    case 'too_few_other_tracks':
      return t('unmet-why-few');
    default:
      return `${reason.replaceAll('_', ' ')}.`;
  }
}

function describeLeftOut(details: UnmetConstraintRecord['details']): string {
  const reasons = Array.isArray(details.left_out) ? details.left_out : [];
  const parts = reasons.map((each) => {
    switch (each) {
      case 'no_nearer_than_chance':
        return details.compared_with === 'seeds' ? t('unmet-left-chance-seeds') : t('unmet-left-chance-likes');
      case 'sound_like_dislikes':
        return t('unmet-left-dislikes', { n: number(details[each]) });
      case 'near_minus_seeds':
        return t('unmet-left-minus', { n: number(details[each]) });
      case 'outside_duration_limits':
        return t('unmet-left-duration', { n: number(details[each]) });
      default:
        return `${each.replaceAll('_', ' ')}.`;
    }
  });
  return parts.join(' ');
}
