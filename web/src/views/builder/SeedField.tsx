/** The seeds of one side: found by a search, or dropped from any list of tracks. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { isAbort, requestListener } from '../../api/client';
import { t } from '../../i18n';
import { find } from '../../layout/Search';
import { addSeeds, DRAG_TYPE, dragged, removeSeed, seeds, type SeedItem, type Seeds } from '../../state/seeds';
import { Cover } from '../../ui/Cover';
import { Icon } from '../../ui/Icon';
import { toastError } from '../../ui/toast';
import { seedKey } from './request';
import { Suggestions, useSuggestions } from './Suggestions';

const DELAY = 150; // milliseconds after the last key
type Hit = Awaited<ReturnType<typeof find>>[number];

export function SeedField({ side, onAdd }: { side: keyof Seeds; onAdd?: () => void }) {
  const [text, setText] = useState('');
  const [hits, setHits] = useState<{ query: string; items: readonly Hit[] }>({ query: '', items: [] });
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const query = text.trim();
  const listener = requestListener.value;
  const chosen = seeds.value[side];
  const label = t(`builder-${side}`);

  useEffect(() => {
    if (!query) {
      setHits({ query, items: [] });
      return undefined;
    }
    const controller = new AbortController();
    const timer = setTimeout(() => {
      find(query, controller.signal).then(
        (items) => setHits({ query, items }),
        (error: unknown) => {
          if (!isAbort(error)) toastError(error);
        },
      );
    }, DELAY);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [query, listener]);

  const add = (items: readonly SeedItem[]): void => {
    addSeeds(items, side);
    onAdd?.();
  };
  const list = useSuggestions(
    hits.items,
    ({ kind, id: found, name }) => {
      setText('');
      add([{ kind, id: found, name }]);
      input.current?.focus();
    },
    () => {
      const last = chosen.at(-1);
      if (text === '' && last) removeSeed(last);
    },
  );

  return (
    <div
      class={`seed-field seed-${side} ${over ? 'seed-over' : ''}`}
      onDragOver={(event) => {
        if (!event.dataTransfer?.types.includes(DRAG_TYPE)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) setOver(false);
      }}
      onDrop={(event) => {
        setOver(false);
        const items = dragged(event);
        if (items.length === 0) return;
        event.preventDefault();
        add(items);
      }}
    >
      <label for={id}>
        <Icon name={side} size={16} />
        {label}
      </label>
      {chosen.length > 0 && (
        <ul class="seed-list" aria-label={label}>
          {chosen.map((item) => (
            <li key={seedKey(item)} class="seed-chip">
              {item.kind === 'artist' ? (
                <span class="cover cover-round" style={{ '--size': '28px' }}>
                  <Icon name="user" size={16} />
                </span>
              ) : (
                <Cover kind={item.kind} id={item.id} size={28} />
              )}
              <bdi>{item.name}</bdi>
              <button
                type="button"
                aria-label={t('remove-named', { name: item.name })}
                onClick={() => removeSeed(item)}
              >
                <Icon name="close" size={14} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="suggesting" {...list.boxProperties}>
        <input
          ref={input}
          id={id}
          type="text"
          value={text}
          placeholder={t(`builder-${side}-add`)}
          {...list.inputProperties}
          onInput={(event) => {
            setText(event.currentTarget.value);
            list.open();
          }}
        />
        <Suggestions
          list={list}
          label={label}
          keyOf={seedKey}
          none={query !== '' && hits.query === query ? t('builder-seed-none', { query }) : null}
          render={(hit) => (
            <>
              {hit.kind === 'artist' ? (
                <span class="cover cover-round" style={{ '--size': '36px' }}>
                  <Icon name="user" />
                </span>
              ) : (
                <Cover kind={hit.kind} id={hit.id} size={36} />
              )}
              <span class="two-lines">
                <bdi>{hit.name}</bdi>
                <small>
                  {t(`kind-${hit.kind}`)} · <bdi>{hit.detail}</bdi>
                </small>
              </span>
            </>
          )}
        />
      </div>
    </div>
  );
}
