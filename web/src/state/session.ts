/** Who uses the page: the login, and the listener whose likes, plays and playlists are shown. */
import { signal } from '@preact/signals';
import { api, type Session } from '../api/endpoints';
import { onUnauthorized, requestListener } from '../api/client';

const SETTING = 'recsys.listener';

/** null until the server has answered; the listener of a key that is bound to none is the default one. */
export const session = signal<Session | null>(null);

/** Ask the server for the session, and choose the listener that was chosen last. */
export async function loadSession(): Promise<Session> {
  requestListener.value = null;
  const found = await api.session();
  const stored = localStorage.getItem(SETTING);
  if (found.bound) requestListener.value = found.listener;
  else if (stored !== null && found.listeners.includes(stored)) requestListener.value = stored;
  if (found.authenticated && requestListener.value === null && found.listener === null) {
    found.listener = await api.listeners().then(
      (all) => all.items.find((each) => each.default)?.name ?? null,
      () => null, // there is no library yet
    );
  }
  session.value = found;
  return found;
}

/** Show the likes, plays and playlists of another listener. */
export function chooseListener(name: string): void {
  localStorage.setItem(SETTING, name);
  requestListener.value = name;
}

/** The listener that is shown. */
export const currentListener = (): string | null => requestListener.value ?? session.value?.listener ?? null;

onUnauthorized.handler = () => {
  if (session.value?.authenticated) session.value = { ...session.value, authenticated: false };
};
