/** A dialog that asks for the name of a playlist. */
import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { problemOf } from '../api/client';
import { t } from '../i18n';
import { problemText } from '../i18n/problems';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';

const LONGEST = 100; // letters, as the server has it

interface NameFormProperties {
  title: string;
  /** of the field */
  label?: string;
  name: string;
  children?: ComponentChildren;
  /** its error is shown in the dialog */
  onSave: (name: string) => Promise<unknown>;
  onClose: () => void;
}

export function NameForm({ title, label = t('save-name'), name, children, onSave, onClose }: NameFormProperties) {
  const form = useRef<HTMLFormElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    const text = input.current?.value.trim() ?? '';
    if (text === '' || busy) return;
    setBusy(true);
    try {
      await onSave(text);
      onClose();
    } catch (thrown) {
      const problem = problemOf(thrown);
      setError(problemText(problem));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="primary" disabled={busy} onClick={() => form.current?.requestSubmit()}>
            {t('save')}
          </Button>
        </>
      }
    >
      <form
        ref={form}
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <label>
          {label}
          <input ref={input} type="text" required maxLength={LONGEST} autocomplete="off" defaultValue={name} />
        </label>
        {children}
        <p class="form-error" role="alert">
          {error}
        </p>
      </form>
    </Dialog>
  );
}
