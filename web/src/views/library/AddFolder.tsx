/** Adds a folder of the server to the library. */
import { useState } from 'preact/hooks';
import { post } from '../../api/client';
import { t } from '../../i18n';
import { Button } from '../../ui/Button';
import { toast, toastError } from '../../ui/toast';

export function AddFolder({ onAdded }: { onAdded?: () => void }) {
  const [folder, setFolder] = useState('');
  const [busy, setBusy] = useState(false);
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await post('jobs', { kind: 'ingest', folders: [folder.trim()] });
      toast(t('folder-added'));
      setFolder('');
      onAdded?.();
    } catch (error) {
      toastError(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="add-folder" onSubmit={(event) => void add(event)}>
      <label class="field">
        {t('folder-label')}
        <input
          value={folder}
          placeholder="/home/…/Music"
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => setFolder(event.currentTarget.value)}
        />
      </label>
      <Button kind="primary" type="submit" icon="plus" disabled={busy || !folder.trim()}>
        {t('folder-add')}
      </Button>
    </form>
  );
}
