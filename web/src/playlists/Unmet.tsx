import type { UnmetConstraintRecord } from '../api/records';
import { t } from '../i18n';
import { Icon } from '../ui/Icon';
import { describeUnmet } from './describeUnmet';
import './playlists.css';

/** What a list could not meet, beside it. */
export function Unmet({ constraints }: { constraints: readonly UnmetConstraintRecord[] }) {
  if (constraints.length === 0) return null;
  return (
    <div class="notice" role="status">
      <Icon name="warning" size={18} />
      <div>
        <h3>{t('unmet-title')}</h3>
        <ul>
          {constraints.map((each, index) => (
            <li key={`${each.constraint}-${index}`}>
              <bdi>{describeUnmet(each)}</bdi>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
