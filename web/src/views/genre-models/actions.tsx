/** What is done with a genre model: use it, delete it. */
import { useState } from 'preact/hooks';
import { adminApi } from '../../api/admin';
import { t } from '../../i18n';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { attempt, toast, toastError } from '../../ui/toast';

/** The job activates the model and predicts the genres of all tracks. */
export const applyModel = (name: string): void =>
  attempt(adminApi.startJob({ kind: 'predict', name }), t('models-used'));

export function DeleteModel({
  name,
  onClose,
  onDeleted,
}: {
  name: string;
  onClose: () => void;
  onDeleted: () => void;
}) {
  const [busy, setBusy] = useState(false);
  const remove = (): void => {
    setBusy(true);
    adminApi
      .deleteGenreModel(name)
      .then(
        () => {
          toast(t('models-deleted'));
          onDeleted();
        },
        (error: unknown) => {
          toastError(error);
          onClose();
        },
      )
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title={t('models-delete-title', { name })}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="danger" icon="trash" disabled={busy} onClick={remove}>
            {t('models-delete')}
          </Button>
        </>
      }
    >
      <p>{t('models-delete-text')}</p>
    </Dialog>
  );
}
