import { useState } from 'preact/hooks';
import { api } from '../api/endpoints';
import { LANGUAGES, language, setLanguage, t, type Language } from '../i18n';
import { clearRows } from '../state/rows';
import { chooseListener, currentListener, loadSession, session } from '../state/session';
import { setTheme, theme, type Theme } from '../state/theme';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Icon } from '../ui/Icon';
import { MenuButton, type MenuItem } from '../ui/Menu';
import { attempt, toastError } from '../ui/toast';
import { JobsIndicator } from './JobsIndicator';
import { Search } from './Search';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

export function TopBar() {
  return (
    <header class="top-bar">
      <Search />
      <JobsIndicator />
      <AppearanceMenu />
      <ListenerMenu />
    </header>
  );
}

function AppearanceMenu() {
  const items: MenuItem[] = [
    ...THEMES.map((each) => ({
      label: t(`theme-${each}`),
      checked: theme.value === each,
      onSelect: () => setTheme(each),
    })),
    ...(Object.keys(LANGUAGES) as Language[]).map((each, index) => ({
      label: LANGUAGES[each],
      checked: language.value === each,
      separated: index === 0,
      onSelect: () => attempt(setLanguage(each, true)),
    })),
  ];
  return (
    <MenuButton label={t('appearance')} items={items}>
      <Icon name="settings" />
    </MenuButton>
  );
}

function ListenerMenu() {
  const [adding, setAdding] = useState(false);
  const found = session.value;
  if (!found) return null;
  const shown = currentListener();
  const choose = (name: string): void => {
    chooseListener(name);
    clearRows();
  };
  const items: MenuItem[] = found.bound
    ? []
    : found.listeners.map((name) => ({ label: name, checked: name === shown, onSelect: () => choose(name) }));
  if (!found.bound) {
    items.push({ label: t('listener-add'), icon: 'plus', separated: true, onSelect: () => setAdding(true) });
  }
  items.push({
    label: t('log-out'),
    separated: true,
    onSelect: () => attempt(api.logout().then(loadSession)),
  });
  return (
    <>
      <MenuButton class="listener-button" label={t('listener-label', { name: shown ?? '' })} items={items}>
        <Icon name="user" />
        <bdi>{shown}</bdi>
      </MenuButton>
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

export function NewListener({ onClose, onAdded }: { onClose: () => void; onAdded: (name: string) => void }) {
  const [name, setName] = useState('');
  const add = (event: Event): void => {
    event.preventDefault();
    const given = name.trim();
    if (given) api.addListener(given).then(() => onAdded(given), toastError);
  };
  return (
    <Dialog title={t('listener-add')} onClose={onClose}>
      <form class="form" onSubmit={add}>
        <p>{t('listener-about')}</p>
        <label>
          {t('listener-name')}
          <input
            value={name}
            maxLength={100}
            autocomplete="off"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <div class="form-buttons">
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" type="submit" disabled={!name.trim()}>
            {t('add')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
