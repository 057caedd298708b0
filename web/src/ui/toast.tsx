/** Short messages at the edge of the page, also for screen readers. */
import { signal } from '@preact/signals';
import { problemOf } from '../api/client';
import { t } from '../i18n';
import { problemText } from '../i18n/problems';
import { Button, IconButton } from './Button';

interface Toast {
  id: number;
  text: string;
  error: boolean;
  action?: { label: string; run: () => void };
}

const SECONDS = 6;
const toasts = signal<readonly Toast[]>([]);
let last = 0;

const remove = (id: number): void => {
  toasts.value = toasts.value.filter((each) => each.id !== id);
};

/** Show a message, with at most one action such as "Undo". Errors stay until they are closed. */
export function toast(text: string, options: { error?: boolean; action?: Toast['action'] } = {}): void {
  const id = ++last;
  const { error = false, action } = options;
  toasts.value = [...toasts.value.slice(-2), { id, text, error, ...(action && { action }) }];
  if (!error) setTimeout(() => remove(id), SECONDS * 1000);
}

/** Show the message of an error, with what helps. */
export function toastError(error: unknown): void {
  toast(problemText(problemOf(error)), { error: true });
}

/** Run an action; its error becomes a message. */
export function attempt(action: Promise<unknown>, done?: string): void {
  action.then(() => done && toast(done), toastError);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, error, action }) => (
        <div key={id} class={`toast ${error ? 'toast-error' : ''}`}>
          <p>{text}</p>
          {action && (
            <Button
              onClick={() => {
                remove(id);
                action.run();
              }}
            >
              {action.label}
            </Button>
          )}
          <IconButton icon="close" size={16} label={t('close')} onClick={() => remove(id)} />
        </div>
      ))}
    </div>
  );
}
