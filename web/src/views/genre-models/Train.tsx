/** Trains a genre model on the labels of the library. */
import { useState } from 'preact/hooks';
import { adminApi } from '../../api/admin';
import { t } from '../../i18n';
import { Button } from '../../ui/Button';
import { Choice } from '../../ui/Chips';
import { Dialog } from '../../ui/Dialog';
import { toast, toastError } from '../../ui/toast';

const MINUTES = 10; // of a search for the best model

export function Train({ names, onClose }: { names: readonly string[]; onClose: () => void }) {
  const [name, setName] = useState('');
  const [labels, setLabels] = useState<'tags' | 'folders'>('tags');
  const [search, setSearch] = useState<'one' | 'best'>('one');
  const [busy, setBusy] = useState(false);
  const wanted = name.trim();
  const replace = names.includes(wanted);
  const train = (event: Event): void => {
    event.preventDefault();
    setBusy(true);
    adminApi
      .startJob(
        search === 'best'
          ? { kind: 'tune', name: wanted, labels, minutes: MINUTES, replace }
          : { kind: 'train', name: wanted, labels, replace },
      )
      .then(() => {
        toast(t('models-training'));
        onClose();
      }, toastError)
      .finally(() => setBusy(false));
  };
  return (
    <Dialog title={t('models-train')} onClose={onClose}>
      <form class="form" onSubmit={train}>
        <p class="muted">{t('models-train-about')}</p>
        <label>
          {t('models-name')}
          <input
            value={name}
            maxLength={64}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <p class="muted" role="status">
          {replace && t('models-name-exists')}
        </p>
        <div class="field">
          <span>{t('models-labels')}</span>
          <span>
            <Choice
              label={t('models-labels')}
              value={labels}
              choices={[
                { value: 'tags', label: t('models-labels-tags') },
                { value: 'folders', label: t('models-labels-folders') },
              ]}
              onChange={setLabels}
            />
          </span>
        </div>
        <div class="field">
          <span>{t('models-search')}</span>
          <span>
            <Choice
              label={t('models-search')}
              value={search}
              choices={[
                { value: 'one', label: t('models-search-one') },
                { value: 'best', label: t('models-search-best') },
              ]}
              onChange={setSearch}
            />
          </span>
        </div>
        <div class="form-buttons">
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" type="submit" disabled={busy || wanted === ''}>
            {t('models-train')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
