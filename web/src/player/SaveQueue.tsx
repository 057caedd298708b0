import { signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { post } from '../api/client';
import { t } from '../i18n';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { toast, toastError } from '../ui/toast';
import { queue } from './state';

/** Whether the dialog that saves the queue as a playlist is open. */
export const savingQueue = signal(false);

export function SaveQueue() {
  const form = useRef<HTMLFormElement>(null);
  const input = useRef<HTMLInputElement>(null);
  if (!savingQueue.value) return null;
  const close = (): void => {
    savingQueue.value = false;
  };
  const save = async (): Promise<void> => {
    const name = input.current?.value.trim() ?? '';
    if (name === '') return;
    try {
      await post('playlists', { name, track_ids: queue.value.entries.map(({ id }) => id) });
      toast(t('player-saved', { name }));
      close();
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <Dialog
      title={t('player-save-queue')}
      onClose={close}
      footer={
        <>
          <Button onClick={close}>{t('cancel')}</Button>
          <Button kind="primary" onClick={() => form.current?.requestSubmit()}>
            {t('save')}
          </Button>
        </>
      }
    >
      <form
        ref={form}
        class="save-queue"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <label>
          <span>{t('player-playlist-name')}</span>
          <input ref={input} type="text" required maxLength={200} autocomplete="off" />
        </label>
        <p class="muted">{t('n-tracks', { n: queue.value.entries.length })}</p>
      </form>
    </Dialog>
  );
}
