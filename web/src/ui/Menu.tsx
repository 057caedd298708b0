import type { ComponentChildren } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './Icon';

export interface MenuItem {
  label: string;
  icon?: IconName;
  onSelect: () => void;
  /** of a choice among several */
  checked?: boolean;
  danger?: boolean;
  /** a line above it */
  separated?: boolean;
}

interface MenuButtonProperties {
  label: string;
  items: readonly MenuItem[];
  class?: string;
  /** -1 in lists where only the active row is reached by Tab */
  tabIndex?: number;
  children: ComponentChildren;
}

/** A button that opens a menu. */
export function MenuButton({
  label,
  items,
  class: name = 'icon-button',
  tabIndex = 0,
  children,
}: MenuButtonProperties) {
  const [at, setAt] = useState<DOMRect | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const open = (): void => setAt(button.current?.getBoundingClientRect() ?? null);
  return (
    <>
      <button
        ref={button}
        type="button"
        class={name}
        tabIndex={tabIndex}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={at !== null}
        {...(at && { 'aria-controls': id })}
        onClick={() => (at ? setAt(null) : open())}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
          event.preventDefault();
          open();
        }}
      >
        {children}
      </button>
      {at && (
        <Menu
          id={id}
          label={label}
          items={items}
          anchor={at}
          onClose={(refocus) => {
            setAt(null);
            if (refocus) button.current?.focus();
          }}
        />
      )}
    </>
  );
}

interface MenuProperties {
  id?: string;
  label: string;
  items: readonly MenuItem[];
  /** the element, or the point of the pointer, that it opens beside */
  anchor: { left: number; right: number; top: number; bottom: number };
  onClose: (refocus: boolean) => void;
}

/** A menu: arrows, Home, End and first letters move, Enter chooses, Escape closes. */
export function Menu({ id, label, items, anchor, onClose }: MenuProperties) {
  const element = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;

  useLayoutEffect(() => {
    const menu = element.current;
    if (!menu) return;
    // in the top layer: rows of lists contain and clip what is in them
    if ('showPopover' in menu && !menu.matches(':popover-open')) menu.showPopover();
    const { width, height } = menu.getBoundingClientRect();
    const rightToLeft = getComputedStyle(menu).direction === 'rtl';
    const left = rightToLeft ? anchor.right - width : anchor.left;
    const below = anchor.bottom + 4;
    const top = below + height > innerHeight && anchor.top - height - 4 > 0 ? anchor.top - height - 4 : below;
    menu.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
    menu.style.top = `${Math.max(8, Math.min(top, innerHeight - height - 8))}px`;
    menu.querySelector<HTMLElement>('[role^=menuitem]')?.focus();
  }, [anchor]);

  useEffect(() => {
    const outside = (event: Event): void => {
      if (event.target instanceof Node && element.current?.contains(event.target)) return;
      if (event.target instanceof Element && id && event.target.closest(`[aria-controls="${id}"]`)) return;
      close.current(false);
    };
    document.addEventListener('pointerdown', outside, true);
    addEventListener('resize', outside);
    return () => {
      document.removeEventListener('pointerdown', outside, true);
      removeEventListener('resize', outside);
    };
  }, [id]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const all = [...(element.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
    const index = all.findIndex((each) => each === document.activeElement);
    const steps: Record<string, number> = {
      ArrowDown: (index + 1) % all.length,
      ArrowUp: (index - 1 + all.length) % all.length,
      Home: 0,
      End: all.length - 1,
    };
    let target = steps[event.key];
    if (target === undefined && event.key.length === 1 && event.key !== ' ') {
      const starts = (each: HTMLElement): boolean =>
        (each.textContent || '').trim().toLowerCase().startsWith(event.key.toLowerCase());
      const after = all.findIndex((each, place) => place > index && starts(each));
      target = after >= 0 ? after : all.findIndex(starts);
    }
    if (target !== undefined) {
      event.preventDefault();
      all[target]?.focus();
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      onClose(true);
    }
    event.stopPropagation();
  };

  return (
    <div ref={element} id={id} class="menu" popover="manual" role="menu" aria-label={label} onKeyDown={onKeyDown}>
      {items.map((item) => (
        <button
          key={item.label}
          type="button"
          tabIndex={-1}
          class={`${item.danger ? 'danger' : ''} ${item.separated ? 'separated' : ''}`}
          role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
          {...(item.checked !== undefined && { 'aria-checked': item.checked })}
          onClick={() => {
            onClose(true);
            item.onSelect();
          }}
        >
          <span class="menu-icon">
            {item.checked ? <Icon name="check" size={18} /> : item.icon && <Icon name={item.icon} size={18} />}
          </span>
          <bdi>{item.label}</bdi>
        </button>
      ))}
    </div>
  );
}
