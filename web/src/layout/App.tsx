/** The frame of the page: navigation, search, the view, the player. */
import { useEffect } from 'preact/hooks';
import { connected } from '../api/client';
import { loadSession, session } from '../state/session';
import { language, t } from '../i18n';
import { ErrorState, Loading } from '../ui/states';
import { AddToPlaylist } from '../playlists/AddToPlaylist';
import { Toasts } from '../ui/toast';
import { useResource } from '../api/useResource';
import { Login } from './Login';
import { LostServer } from './LostServer';
import { Navigation } from './Navigation';
import { Outlet } from './Outlet';
import { slots } from './slots';
import { TopBar } from './TopBar';

export function App() {
  const loaded = useResource('session', loadSession);
  const found = session.value;
  useEffect(() => document.getElementById('app')?.setAttribute('lang', language.value));
  if (!found) {
    return (
      <main class="bare">
        {loaded.state === 'failed' ? <ErrorState error={loaded.error} onRetry={loaded.reload} /> : <Loading rows={3} />}
      </main>
    );
  }
  if (!found.authenticated) return <Login onDone={loaded.reload} keyNeeded={found.key_needed} />;
  const PlayerBar = slots.playerBar.value;
  return (
    <div class="frame">
      <a
        class="skip-link"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        {t('skip-to-content')}
      </a>
      <Navigation />
      <TopBar />
      <main id="main" tabIndex={-1}>
        {!connected.value && <LostServer />}
        <Outlet />
      </main>
      {PlayerBar && <PlayerBar />}
      <AddToPlaylist />
      <Toasts />
    </div>
  );
}
