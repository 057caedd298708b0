import { t } from '../i18n';
import { Dialog } from '../ui/Dialog';
import { SHORTCUTS } from './shortcuts';
import { panel, settings } from './state';
import { setSettings } from './store';

/** The help: which keys work everywhere. */
export function Help() {
  if (panel.value !== 'help') return null;
  return (
    <Dialog title={t('shortcuts-title')} onClose={() => (panel.value = null)}>
      <dl class="shortcuts">
        {SHORTCUTS.map(({ key, shown, text }) => (
          <div key={key}>
            <dt>
              <kbd>{shown === 'Space' ? t('shortcut-space') : (shown ?? key)}</kbd>
            </dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
      </dl>
      <label class="shortcuts-switch">
        <input
          type="checkbox"
          checked={settings.value.shortcuts}
          onChange={(event) => setSettings({ shortcuts: event.currentTarget.checked })}
        />
        <span>{t('shortcuts-letters')}</span>
      </label>
    </Dialog>
  );
}
