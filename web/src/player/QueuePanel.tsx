import { useEffect, useRef, useState } from 'preact/hooks';
import { formatDuration, formatLength, t } from '../i18n';
import { needRows, row } from '../state/rows';
import { Button, IconButton } from '../ui/Button';
import { Cover } from '../ui/Cover';
import { Icon } from '../ui/Icon';
import { saveQueue } from './Controls';
import { upcoming, type Entry } from './queue';
import { entry, panel, queue, radio } from './state';
import { clearUpcoming, jump, moveEntry, removeEntry, setRadio } from './store';

const BEFORE = 20; // entries of the history that are shown
const AFTER = 200; // upcoming entries that are shown

/** What was played, what plays, and what follows; entries are moved by drag, or with Alt and the arrows. */
export function QueuePanel() {
  const { entries, index } = queue.value;
  const first = Math.max(0, index - BEFORE);
  const shown = entries.slice(first, index + 1 + AFTER);
  const hidden = entries.length - first - shown.length;
  const [dragged, setDragged] = useState<number | null>(null);
  const [target, setTarget] = useState<number | null>(null);
  const [message, setMessage] = useState('');
  const element = useRef<HTMLElement>(null);

  useEffect(() => needRows(shown.map(({ id }) => id)));
  useEffect(() => {
    const before = document.activeElement;
    element.current?.querySelector<HTMLElement>('[aria-current=true] .queue-play')?.focus();
    return () => before instanceof HTMLElement && before.focus();
  }, []);

  const moveBy = ({ key, id }: Entry, place: number, step: number): void => {
    const to = place + step;
    if (to < 0 || to >= entries.length) return;
    moveEntry(key, to);
    setMessage(t('queue-moved', { title: row(id)?.title ?? '', place: to + 1, n: entries.length }));
    requestAnimationFrame(() =>
      element.current?.querySelector<HTMLElement>(`[data-key="${key}"] .queue-play`)?.focus(),
    );
  };
  const removeAt = ({ key, id }: Entry, place: number): void => {
    removeEntry(key);
    setMessage(t('queue-removed', { title: row(id)?.title ?? '' }));
    const follower = entries[place + 1] ?? entries[place - 1];
    requestAnimationFrame(() =>
      element.current?.querySelector<HTMLElement>(`[data-key="${follower?.key ?? ''}"] .queue-play`)?.focus(),
    );
  };
  const onKeyDown = (event: KeyboardEvent, each: Entry, place: number): void => {
    const list = [...(element.current?.querySelectorAll<HTMLElement>('.queue-play') ?? [])];
    const here = list.findIndex((button) => button.closest('li')?.dataset.key === String(each.key));
    if (event.altKey && event.key === 'ArrowUp') moveBy(each, place, -1);
    else if (event.altKey && event.key === 'ArrowDown') moveBy(each, place, 1);
    else if (event.key === 'ArrowUp') list[here - 1]?.focus();
    else if (event.key === 'ArrowDown') list[here + 1]?.focus();
    else if (event.key === 'Delete' || event.key === 'Backspace') removeAt(each, place);
    else return;
    event.preventDefault();
  };
  const rest = upcoming(queue.value);
  const seconds = rest.reduce((sum, { id }) => sum + (row(id)?.duration ?? 0), 0);
  const complete = rest.every(({ id }) => row(id) !== undefined);
  return (
    <aside
      ref={element}
      class="queue-panel"
      aria-labelledby="queue-title"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.preventDefault();
        panel.value = null;
      }}
    >
      <header>
        <div>
          <h2 id="queue-title">{t('queue-title')}</h2>
          <p class="muted">
            {t('queue-upcoming', { n: rest.length })}
            {complete && rest.length > 0 && ` · ${formatLength(seconds)}`}
          </p>
        </div>
        <IconButton icon="close" label={t('queue-close')} onClick={() => (panel.value = null)} />
      </header>
      <label class="queue-radio">
        <input
          type="checkbox"
          role="switch"
          checked={radio.value !== null}
          disabled={entry.value === null}
          onChange={(event) => setRadio(event.currentTarget.checked)}
        />
        <span>
          <strong>{t('queue-radio')}</strong>
          <small class="muted">{t('queue-radio-text')}</small>
        </span>
      </label>
      {entries.length === 0 ? (
        <p class="queue-empty muted">{t('queue-empty')}</p>
      ) : (
        <ol aria-describedby="queue-keys">
          {shown.map((each, offset) => {
            const place = first + offset;
            const found = row(each.id);
            const title = found?.title ?? '…';
            return (
              <li
                key={each.key}
                data-key={each.key}
                class={`queue-entry ${place < index ? 'past' : ''} ${target === place ? (dragged !== null && dragged < place ? 'drop-after' : 'drop-before') : ''}`}
                aria-current={place === index}
                draggable
                onDragStart={(event) => {
                  event.dataTransfer?.setData('text/plain', title);
                  setDragged(place);
                }}
                onDragOver={(event) => {
                  if (dragged === null) return;
                  event.preventDefault();
                  setTarget(place);
                }}
                onDragEnd={() => {
                  setDragged(null);
                  setTarget(null);
                }}
                onDrop={(event) => {
                  event.preventDefault();
                  const moved = dragged === null ? undefined : entries[dragged];
                  if (moved) moveEntry(moved.key, place);
                  setDragged(null);
                  setTarget(null);
                }}
              >
                <button
                  type="button"
                  class="queue-play"
                  onClick={() => jump(each.key)}
                  onKeyDown={(event) => onKeyDown(event, each, place)}
                >
                  <Cover id={each.id} size={40} />
                  <span class="player-names">
                    <bdi class="player-title">{title}</bdi>
                    <bdi class="player-artist">{found?.artist}</bdi>
                  </span>
                  {each.radio && <Icon name="radio" size={16} />}
                  <span class="number muted">{found && formatDuration(found.duration)}</span>
                </button>
                <IconButton
                  icon="close"
                  size={16}
                  tabIndex={-1}
                  label={t('remove-named', { name: title })}
                  onClick={() => removeAt(each, place)}
                />
              </li>
            );
          })}
        </ol>
      )}
      {hidden > 0 && <p class="queue-empty muted">{t('queue-hidden', { n: hidden })}</p>}
      <p id="queue-keys" class="visually-hidden">
        {t('queue-keys')}
      </p>
      <p class="visually-hidden" role="status">
        {message}
      </p>
      <footer>
        <Button icon="playlist" disabled={entries.length === 0} onClick={saveQueue}>
          {t('queue-save')}
        </Button>
        <Button icon="trash" disabled={rest.length === 0} onClick={clearUpcoming}>
          {t('queue-clear')}
        </Button>
      </footer>
    </aside>
  );
}
