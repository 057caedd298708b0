/** Keys that work everywhere in the page, except where something is typed or a widget has keys of its own. */
import type { TextKey } from '../i18n';
import { isShuffled } from './queue';
import { panel, position, queue, settings } from './state';
import { moreLikeThis, next, previous, rate, seek, setSettings, setShuffle, toggle } from './store';

export interface Shortcut {
  /** of the keyboard event */
  key: string;
  /** as it is shown; the key where it is absent */
  shown?: string;
  text: TextKey;
  run: () => void;
}

const SEEK = 10; // seconds

export const SHORTCUTS: readonly Shortcut[] = [
  { key: ' ', shown: 'Space', text: 'shortcut-toggle', run: toggle },
  { key: 'n', text: 'shortcut-next', run: next },
  { key: 'p', text: 'shortcut-previous', run: previous },
  { key: 'ArrowLeft', shown: '←', text: 'shortcut-back', run: () => seek(position.value - SEEK) },
  { key: 'ArrowRight', shown: '→', text: 'shortcut-forward', run: () => seek(position.value + SEEK) },
  { key: 'l', text: 'shortcut-like', run: () => rate(1) },
  { key: 'd', text: 'shortcut-dislike', run: () => rate(-1) },
  { key: 'r', text: 'shortcut-radio', run: moreLikeThis },
  { key: 's', text: 'shortcut-shuffle', run: () => setShuffle(!isShuffled(queue.value)) },
  { key: 'm', text: 'shortcut-mute', run: () => setSettings({ muted: !settings.value.muted }) },
  { key: 'q', text: 'shortcut-queue', run: () => (panel.value = panel.value === 'queue' ? null : 'queue') },
  { key: '?', text: 'shortcut-help', run: () => (panel.value = 'help') },
];

/** Elements that are typed in, or whose own keys these would be. */
const TYPING = 'input:not([type=checkbox]):not([type=button]), textarea, select, [contenteditable]';
const WIDGETS =
  '[role=grid], [role=slider], [role=listbox], [role=menu], [role=menuitem], [role=tab], [role=tree], [role=radio], [role=combobox], [role=application]';
const PRESSED_BY_SPACE = 'button, a, summary, input, [role=button], [role=option], [role=checkbox]';

/** The shortcut of a key, where it may have an effect. */
export function shortcutOf(event: KeyboardEvent, letters: boolean): Shortcut | null {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
  const found = SHORTCUTS.find(({ key }) => key === event.key);
  if (!found || (!letters && found.key.length === 1 && found.key !== ' ')) return null;
  const target = event.target instanceof Element ? event.target : document.body;
  if (target.closest(TYPING) || target.closest('dialog:not(.now-playing), [role=menu]')) return null;
  const moves = found.key.startsWith('Arrow');
  if ((moves || found.key === ' ') && target.closest(WIDGETS)) return null;
  if (moves && target.closest('[role=dialog]')) return null;
  if (found.key === ' ' && target.closest(PRESSED_BY_SPACE)) return null;
  return found;
}

export function startShortcuts(): () => void {
  const onKey = (event: KeyboardEvent): void => {
    const found = shortcutOf(event, settings.value.shortcuts);
    if (!found || (event.repeat && !found.key.startsWith('Arrow'))) return;
    event.preventDefault();
    found.run();
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}
