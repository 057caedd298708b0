/** A list below a field, chosen from by keyboard or pointer: the combobox of the ARIA practices. */
import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';

export interface SuggestionList<T> {
  id: string;
  items: readonly T[];
  shown: boolean;
  active: number;
  choose: (item: T) => void;
  open: () => void;
  boxProperties: { onFocusOut: (event: FocusEvent) => void };
  inputProperties: {
    role: 'combobox';
    autocomplete: 'off';
    spellcheck: false;
    'aria-autocomplete': 'list';
    'aria-expanded': boolean;
    'aria-controls': string;
    'aria-activedescendant'?: string;
    onFocus: () => void;
    onClick: () => void;
    onKeyDown: (event: KeyboardEvent) => void;
  };
}

/** `onErase` is Backspace in the field. */
export function useSuggestions<T>(
  items: readonly T[],
  choose: (item: T) => void,
  onErase?: () => void,
): SuggestionList<T> {
  const id = useId();
  const [shown, setShown] = useState(false);
  const [wanted, setActive] = useState(0);
  const active = Math.min(wanted, items.length - 1);
  const box = useRef<EventTarget | null>(null);
  const open = (): void => {
    setShown(true);
    setActive(0);
  };
  const take = (item: T): void => {
    setActive(0);
    choose(item);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const item = items[active];
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (!shown) open();
      else setActive(Math.max(0, Math.min(items.length - 1, active + step)));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (shown && item !== undefined) take(item);
    } else if (event.key === 'Escape' && shown) {
      event.stopPropagation();
      setShown(false);
    } else if (event.key === 'Backspace') onErase?.();
  };
  return {
    id,
    items,
    shown,
    active,
    choose: take,
    open,
    boxProperties: {
      onFocusOut: (event) => {
        box.current = event.currentTarget;
        if (!(event.relatedTarget instanceof Node && (box.current as HTMLElement).contains(event.relatedTarget)))
          setShown(false);
      },
    },
    inputProperties: {
      role: 'combobox',
      autocomplete: 'off',
      spellcheck: false,
      'aria-autocomplete': 'list',
      'aria-expanded': shown,
      'aria-controls': `${id}-list`,
      ...(shown && active >= 0 && { 'aria-activedescendant': `${id}-${active}` }),
      onFocus: open,
      onClick: () => setShown(true),
      onKeyDown,
    },
  };
}

interface SuggestionsProperties<T> {
  list: SuggestionList<T>;
  label: string;
  keyOf: (item: T) => string;
  /** what stands there without items; null shows nothing */
  none: string | null;
  render: (item: T) => ComponentChildren;
}

export function Suggestions<T>({ list, label, keyOf, none, render }: SuggestionsProperties<T>) {
  const visible = list.shown && (list.items.length > 0 || none !== null);
  return (
    <div class={`suggestions ${visible ? '' : 'suggestions-closed'}`}>
      <div id={`${list.id}-list`} role="listbox" aria-label={label}>
        {visible &&
          list.items.map((item, index) => (
            <div
              key={keyOf(item)}
              id={`${list.id}-${index}`}
              role="option"
              aria-selected={index === list.active}
              onPointerDown={(event) => event.preventDefault()} // the field keeps the focus
              onClick={() => list.choose(item)}
            >
              {render(item)}
            </div>
          ))}
      </div>
      {visible && list.items.length === 0 && (
        <p class="muted" role="status">
          {none}
        </p>
      )}
    </div>
  );
}
