import { useEffect, useState } from 'preact/hooks';
import { get } from '../api/client';
import { t } from '../i18n';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';

const FIRST_SECONDS = 2;
const LONGEST_SECONDS = 30;

/** The server does not answer: what helps, and attempts until it does. */
export function LostServer() {
  const [attempts, setAttempts] = useState(0);
  useEffect(() => {
    const wait = Math.min(FIRST_SECONDS * 2 ** attempts, LONGEST_SECONDS) * 1000;
    const timer = setTimeout(() => {
      get('health').catch(() => setAttempts((count) => count + 1));
    }, wait);
    return () => clearTimeout(timer);
  }, [attempts]);
  return (
    <div class="banner" role="alert">
      <Icon name="offline" />
      <div>
        <strong>{t('offline-title')}</strong>
        <p>{t('offline-text')}</p>
      </div>
      <Button onClick={() => void get('health').catch(() => setAttempts((count) => count + 1))}>{t('retry')}</Button>
    </div>
  );
}
