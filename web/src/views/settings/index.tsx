/** Settings: how the page looks, the folders, the listeners, the numbers of the library, the server. */
import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { adminApi, type Settings as ServerSettings } from '../../api/admin';
import { api } from '../../api/endpoints';
import { requestListener } from '../../api/client';
import { useResource } from '../../api/useResource';
import { formatDateTime, LANGUAGES, language, setLanguage, t, type Language } from '../../i18n';
import { problemText } from '../../i18n/problems';
import { NewListener } from '../../layout/TopBar';
import { useTitle } from '../../layout/useTitle';
import { SHORTCUTS } from '../../player/shortcuts';
import { clearRows } from '../../state/rows';
import { chooseListener, currentListener, loadSession, session } from '../../state/session';
import { setTheme, theme, type Theme } from '../../state/theme';
import { storedTracks } from '../../state/jobs';
import { Button } from '../../ui/Button';
import { Choice } from '../../ui/Chips';
import { Icon } from '../../ui/Icon';
import { ErrorState, Loading } from '../../ui/states';
import { attempt, toastError } from '../../ui/toast';
import { Statistics } from './Statistics';
import './settings.css';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

export default function Settings() {
  const found = useResource('settings', (signal) => adminApi.settings(signal));
  useTitle(t('settings-title'));
  return (
    <div class="settings">
      <header class="view-head">
        <h1>{t('settings-title')}</h1>
      </header>
      <Section title={t('settings-appearance')}>
        <div class="setting">
          <span>{t('settings-language')}</span>
          <Choice
            label={t('settings-language')}
            value={language.value}
            choices={(Object.keys(LANGUAGES) as Language[]).map((value) => ({ value, label: LANGUAGES[value] }))}
            onChange={(next) => attempt(setLanguage(next, true))}
          />
        </div>
        <div class="setting">
          <span>{t('settings-theme')}</span>
          <Choice
            label={t('settings-theme')}
            value={theme.value}
            choices={THEMES.map((value) => ({ value, label: t(`theme-${value}`) }))}
            onChange={setTheme}
          />
        </div>
      </Section>
      <Section title={t('settings-folders')}>
        {found.state === 'failed' ? (
          <ErrorState error={found.error} onRetry={found.reload} />
        ) : found.data === null ? (
          <Loading rows={2} />
        ) : (
          <Folders settings={found.data} />
        )}
      </Section>
      <Section title={t('settings-listeners')}>
        <Listeners />
      </Section>
      <Section title={t('settings-statistics')} wide>
        <Statistics />
      </Section>
      <Section title={t('settings-shortcuts')}>
        <dl class="keys">
          {SHORTCUTS.map(({ key, shown, text }) => (
            <div key={key}>
              <dt>
                <kbd>{shown === 'Space' ? t('shortcut-space') : (shown ?? key)}</kbd>
              </dt>
              <dd>{t(text)}</dd>
            </div>
          ))}
        </dl>
      </Section>
      <Section title={t('settings-server')}>
        {found.data === null ? found.state === 'loading' && <Loading rows={3} /> : <Server settings={found.data} />}
        <Licences />
      </Section>
      <Section title={t('settings-session')}>
        <Button onClick={() => attempt(api.logout().then(loadSession))}>{t('log-out')}</Button>
      </Section>
    </div>
  );
}

function Section({ title, wide = false, children }: { title: string; wide?: boolean; children: ComponentChildren }) {
  const id = useId();
  return (
    <section class={`settings-section ${wide ? 'settings-wide' : ''}`} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <div>{children}</div>
    </section>
  );
}

/** The folders of the library, each with its number of tracks. */
function Folders({ settings }: { settings: ServerSettings }) {
  return (
    <>
      {settings.folders.length === 0 ? (
        <p class="muted">{t('settings-folders-none')}</p>
      ) : (
        <ul class="settings-list">
          {settings.folders.map((folder) => (
            <Folder key={folder} folder={folder} />
          ))}
        </ul>
      )}
      {settings.allow_ingest && (
        <a class="button" href="jobs">
          <Icon name="plus" size={18} />
          <span>{t('jobs-add-folder')}</span>
        </a>
      )}
    </>
  );
}

function Folder({ folder }: { folder: string }) {
  const found = useResource(`${folder} ${storedTracks.value}`, (signal) => adminApi.statisticsOf(folder, signal));
  return (
    <li>
      <Icon name="folder" size={18} />
      <bdi dir="ltr">{folder}</bdi>
      <span class="muted number">
        {found.data
          ? t('n-tracks', { n: found.data.tracks })
          : found.state === 'failed'
            ? problemText(found.error)
            : ''}
      </span>
    </li>
  );
}

/** Who listens: choose, add. */
function Listeners() {
  const [adding, setAdding] = useState(false);
  const own = session.value;
  const current = currentListener();
  const found = useResource(`${own?.listeners.join('\n') ?? ''} ${requestListener.value ?? ''}`, () => api.listeners());
  const choose = (name: string): void => {
    chooseListener(name);
    clearRows();
  };
  if (found.state === 'failed') return <ErrorState error={found.error} onRetry={found.reload} />;
  if (found.data === null) return <Loading rows={2} />;
  const shown = own?.bound ? found.data.items.filter((each) => each.name === own.listener) : found.data.items;
  return (
    <>
      <p class="muted">{own?.bound ? t('settings-listener-bound') : t('listener-about')}</p>
      <ul class="settings-list">
        {shown.map((each) => {
          const chosen = current === null ? each.default : each.name === current;
          return (
            <li key={each.name}>
              <Icon name="user" size={18} />
              <span>
                <bdi>{each.name}</bdi>
                <small class="muted">
                  {' '}
                  {t('n-likes', { n: each.likes })} · {t('n-plays', { n: each.plays })} ·{' '}
                  {t('n-playlists', { n: each.playlists })}
                </small>
              </span>
              {chosen ? (
                <span class="badge-now">{t('settings-listener-current')}</span>
              ) : (
                <Button
                  aria-label={t('settings-listener-choose-named', { name: each.name })}
                  onClick={() => choose(each.name)}
                >
                  {t('settings-listener-choose')}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {!own?.bound && (
        <Button icon="plus" onClick={() => setAdding(true)}>
          {t('listener-add')}
        </Button>
      )}
      {adding && (
        <NewListener
          onClose={() => setAdding(false)}
          onAdded={(name) => {
            setAdding(false);
            loadSession().then(() => choose(name), toastError);
          }}
        />
      )}
    </>
  );
}

function Server({ settings }: { settings: ServerSettings }) {
  const schedule = settings.schedule.join(', ');
  return (
    <dl class="facts">
      <div>
        <dt>{t('settings-version')}</dt>
        <dd>recsys {settings.version}</dd>
      </div>
      <div>
        <dt>{t('settings-database')}</dt>
        <dd>
          <bdi dir="ltr">{settings.database}</bdi>
        </dd>
      </div>
      <div>
        <dt>{t('settings-watch')}</dt>
        <dd>{settings.watch.length > 0 ? settings.watch.join(', ') : t('settings-watch-none')}</dd>
      </div>
      <div>
        <dt>{t('settings-schedule')}</dt>
        <dd>
          {settings.next_refresh
            ? t('settings-schedule-next', { schedule, date: formatDateTime(settings.next_refresh) })
            : t('settings-schedule-none')}
        </dd>
      </div>
    </dl>
  );
}

/** The licences of what the page is built of, read when they are opened. */
function Licences() {
  const [open, setOpen] = useState(false);
  const found = useResource(open ? 'open' : '', async (signal) => {
    if (!open) return '';
    const answer = await fetch('licences.md', { signal });
    const isText = answer.ok && !answer.headers.get('Content-Type')?.startsWith('text/html');
    return isText ? answer.text() : t('settings-licences-none');
  });
  return (
    <details class="licences" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('settings-licences')}</summary>
      {open && (
        <pre tabIndex={0}>{found.state === 'failed' ? problemText(found.error) : (found.data ?? t('loading'))}</pre>
      )}
    </details>
  );
}
