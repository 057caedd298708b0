/** Chooses a folder of the server: by going from folder to folder, or by its path. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { adminApi } from '../api/admin';
import { useResource } from '../api/useResource';
import { t } from '../i18n';
import { problemText } from '../i18n/problems';
import { Button, IconButton } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { Loading } from '../ui/states';
import { baseName } from './describe';
import './jobs.css';

interface FolderPickerProperties {
  busy: boolean;
  onChoose: (path: string) => void;
}

export function FolderPicker({ busy, onChoose }: FolderPickerProperties) {
  const [path, setPath] = useState<string | null>(null);
  const [typed, setTyped] = useState('');
  const found = useResource(path ?? '', (signal) => adminApi.folders(path, signal));
  const list = useRef<HTMLUListElement>(null);
  const moved = useRef(false);
  const id = useId();
  const shown = found.data;
  const current = shown?.path ?? '';

  const before = useRef('');
  useEffect(() => {
    // what was typed while the folder was read stays
    setTyped((now) => (now === before.current || moved.current ? current : now));
    before.current = current;
  }, [current]);
  useEffect(() => {
    if (moved.current) list.current?.querySelector('button')?.focus();
    moved.current = false;
  }, [current]);

  const open = (next: string): void => {
    moved.current = true;
    setPath(next);
  };
  const isCurrent = typed === current;
  const missing = found.state === 'failed' && typed.trim() === path; // there is no such folder, or it may not be read
  const refused = found.state === 'failed' && found.error.status === 403 && !shown;
  return (
    <div class="folder-picker">
      <form
        class="folder-path"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() !== '' && !isCurrent) open(typed.trim());
        }}
      >
        {shown?.parent != null && (
          <IconButton icon="up" label={t('folder-up')} onClick={() => open(shown.parent ?? '/')} />
        )}
        <label class="visually-hidden" for={id}>
          {t('folder-path')}
        </label>
        <input
          id={id}
          dir="ltr"
          value={typed}
          placeholder={t('folder-path')}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        {!isCurrent && (
          <Button type="submit" disabled={typed.trim() === ''}>
            {t('folder-open')}
          </Button>
        )}
      </form>
      {shown && shown.places.length > 1 && (
        <ul class="folder-places" aria-label={t('folder-places')}>
          {shown.places.map((place) => (
            <li key={place}>
              <button type="button" class="place" aria-pressed={place === current} onClick={() => open(place)}>
                <bdi>{place.length > 3 ? baseName(place) : place}</bdi>
              </button>
            </li>
          ))}
        </ul>
      )}
      {found.state === 'failed' && (
        <p class="form-error" role="alert">
          {refused ? t('folder-refused') : problemText(found.error)}
        </p>
      )}
      {!shown || missing ? (
        found.state === 'loading' && <Loading rows={4} />
      ) : shown.items.length === 0 ? (
        <p class="folder-none muted">{t('folder-none')}</p>
      ) : (
        <ul class="folder-list" ref={list} aria-label={t('folder-list', { name: baseName(current) })}>
          {shown.items.map((each) => (
            <li key={each.path}>
              <button type="button" onClick={() => open(each.path)}>
                <Icon name="folder" size={18} />
                <bdi>{each.name}</bdi>
                <Icon name="down" size={16} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="folder-choose">
        <p class="muted">{shown?.truncated ? t('folder-truncated') : t('folder-about')}</p>
        <Button
          kind="primary"
          icon="plus"
          disabled={busy || typed.trim() === '' || refused || missing}
          onClick={() => onChoose(typed.trim())}
        >
          {t('folder-choose', { name: baseName(typed.trim() || '…') })}
        </Button>
      </div>
    </div>
  );
}
