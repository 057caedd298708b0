/** A field that finds tracks, artists and albums as one types, and passes on the one that is chosen. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { api } from '../api/endpoints';
import { isAbort, problemOf, type Problem } from '../api/client';
import { t } from '../i18n';
import { problemText } from '../i18n/problems';
import { Cover } from './Cover';
import { Icon } from './Icon';

const DELAY = 150; // milliseconds after the last key
const SHOWN = 5; // of each kind
const GRACE = 150; // milliseconds for which hits of one kind wait for those of the others

export type HitKind = 'artist' | 'album' | 'track';

export interface Hit {
  kind: HitKind;
  id: number;
  name: string;
  detail: string;
}

const ALL_KINDS: readonly HitKind[] = ['artist', 'album', 'track'];

/**
 * Report the best hits of each kind. A kind whose answer takes long follows after the others, so that it neither keeps
 * them back nor moves them. Where nothing is found, words with slips of the keys are corrected.
 */
export async function find(
  query: string,
  kinds: readonly HitKind[],
  signal: AbortSignal,
  onHits: (hits: Hit[], corrected: string | null) => void,
  corrected: string | null = null,
): Promise<void> {
  const limit = kinds.length === 1 ? SHOWN * 2 : SHOWN;
  const ask: Record<HitKind, () => Promise<Hit[]>> = {
    artist: async () =>
      (await api.artists({ query, limit }, signal)).items.map((each) => ({
        kind: 'artist',
        id: each.id,
        name: each.name,
        detail: t('n-tracks', { n: each.tracks }),
      })),
    album: async () =>
      (await api.albums({ query, limit }, signal)).items.map((each) => ({
        kind: 'album',
        id: each.id,
        name: each.title,
        detail: [each.artist, each.year].filter(Boolean).join(' · '),
      })),
    track: async () =>
      (await api.tracks({ query, limit }, signal)).items.map((each) => ({
        kind: 'track',
        id: each.id,
        name: each.title,
        detail: [each.artist, each.album].filter(Boolean).join(' · '),
      })),
  };
  const found = new Map<HitKind, Hit[]>();
  const shown = new Set<HitKind>();
  let timer = 0;
  const show = (): void => {
    clearTimeout(timer);
    for (const kind of kinds) if (found.has(kind)) shown.add(kind);
    const hits = [...shown].flatMap((kind) => found.get(kind) ?? []);
    if (!signal.aborted && hits.length > 0) onHits(hits, corrected);
  };
  const answers = kinds.map(async (kind) => {
    found.set(kind, await ask[kind]());
    if (shown.size > 0 || found.size === kinds.length) show();
    else timer ||= window.setTimeout(show, GRACE);
  });
  await Promise.all(answers).finally(() => clearTimeout(timer));
  if ([...found.values()].some((hits) => hits.length > 0)) return;
  const better = corrected === null ? (await api.spelling(query, signal)).query : null;
  if (better !== null) await find(better, kinds, signal, onHits, better);
  else if (!signal.aborted) onHits([], corrected);
}

interface PickerProperties {
  label: string;
  placeholder?: string;
  kinds?: readonly HitKind[];
  onPick: (hit: Hit) => void;
  /** Enter without a choice; otherwise it picks the first hit */
  onEnter?: (query: string) => void;
  /** a last line of the list */
  footer?: (query: string, close: () => void) => ComponentChildren;
  /** a key that brings the focus here */
  shortcut?: string;
}

export function Picker(properties: PickerProperties) {
  const { label, placeholder = label, kinds = ALL_KINDS, onPick, onEnter, footer, shortcut } = properties;
  const [text, setText] = useState('');
  const [found, setFound] = useState<{ query: string; hits: Hit[]; corrected: string | null } | null>(null);
  const [error, setError] = useState<Problem | null>(null);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const box = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const entered = useRef(''); // the text after which Enter was pressed before it had hits
  const query = text.trim();
  // Those of the text before stay on the screen until there are new ones, but Enter does not pick them.
  const current = found?.query === query;
  const hits = found?.hits;
  const corrected = current ? found.corrected : null;
  const wanted = kinds.join();

  useEffect(() => {
    setActive(-1);
    setError(null);
    if (!query) {
      setFound(null);
      return undefined;
    }
    const controller = new AbortController();
    const timer = setTimeout(() => {
      const show = (hits: Hit[], corrected: string | null): void => setFound({ query, hits, corrected });
      find(query, wanted.split(',') as HitKind[], controller.signal, show).catch((thrown: unknown) => {
        if (!isAbort(thrown)) setError(problemOf(thrown));
      });
    }, DELAY);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [query, wanted]);

  useEffect(() => {
    const outside = (event: Event): void => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) setOpen(false);
    };
    const focus = (event: KeyboardEvent): void => {
      const typing = event.target instanceof Element && event.target.closest('input, textarea, select, dialog');
      if (event.key !== shortcut || event.ctrlKey || event.metaKey || event.altKey || typing) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener('pointerdown', outside);
    if (shortcut) document.addEventListener('keydown', focus);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('keydown', focus);
    };
  }, [shortcut]);

  const close = (): void => {
    entered.current = '';
    setOpen(false);
    setText('');
  };
  const pick = (hit: Hit): void => {
    close();
    onPick(hit);
  };
  const count = hits?.length ?? 0;
  const shown = open && query !== '' && (found !== null || error !== null);
  useEffect(() => {
    const [best] = hits ?? [];
    if (!current || entered.current !== query || !best) return;
    pick(best);
  });

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setActive((before) => (before < 0 && step < 0 ? count - 1 : Math.min(count - 1, Math.max(-1, before + step))));
    } else if (event.key === 'Enter' && query) {
      event.preventDefault();
      const hit = hits?.[onEnter || !current ? active : Math.max(active, 0)];
      if (hit) pick(hit);
      else if (onEnter) {
        close();
        onEnter(corrected ?? query);
      } else if (!current) entered.current = query;
    } else if (event.key === 'Escape') {
      if (shown) setOpen(false);
      else setText('');
    }
  };

  return (
    <div
      ref={box}
      class="search"
      onBlur={(event) => {
        if (event.relatedTarget instanceof Node && !box.current?.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <Icon name="search" size={18} />
      <input
        ref={input}
        type="text"
        role="combobox"
        enterkeyhint="search"
        aria-label={label}
        aria-expanded={shown}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        {...(active >= 0 && shown && { 'aria-activedescendant': `${id}-${active}` })}
        placeholder={placeholder}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onFocus={() => setOpen(true)}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
      />
      {shortcut && <kbd aria-hidden="true">{shortcut}</kbd>}
      <span class="visually-hidden" aria-live="polite">
        {shown &&
          (current || error) &&
          (error
            ? problemText(error)
            : [corrected && count > 0 && t('search-corrected', { query: corrected }), t('n-results', { n: count })]
                .filter(Boolean)
                .join('. '))}
      </span>
      <div class="search-results" hidden={!shown}>
        {error && <p class="search-note">{problemText(error)}</p>}
        {!error && current && count === 0 && <p class="search-note">{t('search-none', { query })}</p>}
        {!error && count > 0 && corrected !== null && (
          <p class="search-note">{t('search-corrected', { query: corrected })}</p>
        )}
        <div id={`${id}-list`} role="listbox" aria-label={label} aria-busy={query !== '' && !current}>
          {!error &&
            hits?.map((hit, index) => (
              <div
                key={`${hit.kind}-${hit.id}`}
                id={`${id}-${index}`}
                class="search-hit"
                role="option"
                aria-selected={index === active}
                onPointerMove={() => setActive(index)}
                onClick={() => pick(hit)}
              >
                {hit.kind === 'artist' ? (
                  <span class="cover cover-round" style={{ '--size': '40px' }}>
                    <Icon name="user" />
                  </span>
                ) : (
                  <Cover kind={hit.kind} id={hit.id} size={40} />
                )}
                <span class="two-lines">
                  <bdi>{hit.name}</bdi>
                  <small>
                    {t(`kind-${hit.kind}`)}
                    {hit.detail && (
                      <>
                        {' · '}
                        <bdi>{hit.detail}</bdi>
                      </>
                    )}
                  </small>
                </span>
              </div>
            ))}
        </div>
        {footer?.(corrected ?? query, close)}
      </div>
    </div>
  );
}
