import { useEffect, useRef, useState } from 'preact/hooks';
import { problemOf } from '../api/client';
import { api } from '../api/endpoints';
import { t } from '../i18n';
import { problemText } from '../i18n/problems';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';

/** Asks for a key; on the machine itself the one-time address of the server logs in. */
export function Login({ onDone, keyNeeded }: { onDone: () => void; keyNeeded: boolean }) {
  const [key, setKey] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    document.title = `${t('login-title')} – recsys`;
  }, []);

  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!key.trim() || busy) return;
    setBusy(true);
    setError(null);
    try {
      await api.login(key.trim());
      onDone();
    } catch (thrown) {
      const problem = problemOf(thrown);
      setError(
        problem.status === 401
          ? t('login-wrong')
          : problem.status === 429
            ? t('login-limited')
            : problem.code === 'offline'
              ? t('offline-text')
              : problemText(problem),
      );
      setKey('');
      input.current?.focus();
    } finally {
      setBusy(false);
    }
  };

  return (
    <main class="bare">
      <form class="login" onSubmit={(event) => void send(event)}>
        <div class="state-icon">
          <Icon name="user" size={30} />
        </div>
        <h1>{t('login-title')}</h1>
        <p>{keyNeeded ? t('login-about-key') : t('login-about')}</p>
        <label>
          {t('login-key')}
          <input
            ref={input}
            type="password"
            value={key}
            autocomplete="current-password"
            spellcheck={false}
            aria-invalid={error !== null}
            {...(error !== null && { 'aria-describedby': 'login-error' })}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        <p id="login-error" class="form-error" role="alert">
          {error}
        </p>
        <Button kind="primary" type="submit" disabled={busy || !key.trim()}>
          {t('log-in')}
        </Button>
      </form>
    </main>
  );
}
