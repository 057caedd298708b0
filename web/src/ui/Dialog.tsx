import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { IconButton } from './Button';

interface DialogProperties {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  /** buttons below the content */
  footer?: ComponentChildren;
}

const FIELD = 'input:not([type=checkbox], [type=radio], [type=range])';

/** A modal dialog: the first field has the focus, which the browser keeps inside; Escape closes it, the focus returns to where it was. */
export function Dialog({ title, onClose, children, footer }: DialogProperties) {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    const field = dialog?.querySelector<HTMLInputElement>(FIELD);
    field?.focus(); // the browser would choose the button that closes, which the space of a name presses
    field?.select();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class="dialog"
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === element.current && onClose()}
    >
      <div class="dialog-content">
        <div class="dialog-head">
          <h2 id={heading}>{title}</h2>
          <IconButton icon="close" label={t('close')} onClick={onClose} />
        </div>
        <div class="dialog-body">{children}</div>
        {footer && <footer>{footer}</footer>}
      </div>
    </dialog>
  );
}
