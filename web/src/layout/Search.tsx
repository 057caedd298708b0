/** Search as one types: tracks, artists and albums below the field. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { api } from '../api/endpoints';
import { isAbort, problemOf, requestListener, type Problem } from '../api/client';
import { t } from '../i18n';
import { navigate, to } from '../router';
import { Cover } from '../ui/Cover';
import { Icon } from '../ui/Icon';

const DELAY = 150; // milliseconds after the last key
const SHOWN = 5; // of each kind

interface Hit {
  kind: 'track' | 'artist' | 'album';
  id: number;
  name: string;
  detail: string;
  address: string;
}

export async function find(query: string, signal: AbortSignal): Promise<Hit[]> {
  const parameters = { query, limit: SHOWN };
  const [tracks, artists, albums] = await Promise.all([
    api.tracks(parameters, signal),
    api.artists(parameters, signal),
    api.albums(parameters, signal),
  ]);
  return [
    ...artists.items.map((each): Hit => ({
      kind: 'artist',
      id: each.id,
      name: each.name,
      detail: t('n-tracks', { n: each.tracks }),
      address: `artists/${each.id}`,
    })),
    ...albums.items.map((each): Hit => ({
      kind: 'album',
      id: each.id,
      name: each.title,
      detail: [each.artist, each.year].filter(Boolean).join(' · '),
      address: `albums/${each.id}`,
    })),
    ...tracks.items.map((each): Hit => ({
      kind: 'track',
      id: each.id,
      name: each.title,
      detail: [each.artist, each.album].filter(Boolean).join(' · '),
      address: `tracks/${each.id}`,
    })),
  ];
}

export function Search() {
  const [text, setText] = useState('');
  const [hits, setHits] = useState<Hit[] | null>(null);
  const [error, setError] = useState<Problem | null>(null);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const box = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const query = text.trim();
  const listener = requestListener.value;

  useEffect(() => {
    setActive(-1);
    if (!query) {
      setHits(null);
      setError(null);
      return undefined;
    }
    const controller = new AbortController();
    const timer = setTimeout(() => {
      find(query, controller.signal).then(
        (found) => {
          setHits(found);
          setError(null);
        },
        (thrown: unknown) => {
          if (!isAbort(thrown)) setError(problemOf(thrown));
        },
      );
    }, DELAY);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [query, listener]);

  useEffect(() => {
    const outside = (event: Event): void => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) setOpen(false);
    };
    const slash = (event: KeyboardEvent): void => {
      const typing = event.target instanceof Element && event.target.closest('input, textarea, select, dialog');
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || typing) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('keydown', slash);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('keydown', slash);
    };
  }, []);

  const go = (address: string): void => {
    setOpen(false);
    setText('');
    navigate(address);
  };
  const all = to('', { q: query });
  const count = hits?.length ?? 0;
  const shown = open && query !== '' && (hits !== null || error !== null);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setActive((before) => (before < 0 && step < 0 ? count - 1 : Math.min(count - 1, Math.max(-1, before + step))));
    } else if (event.key === 'Enter' && query) {
      event.preventDefault();
      go(hits?.[active]?.address ?? all);
    } else if (event.key === 'Escape') {
      if (open && shown) setOpen(false);
      else setText('');
    }
  };

  return (
    <div ref={box} class="search" role="search">
      <Icon name="search" size={18} />
      <input
        ref={input}
        type="text"
        role="combobox"
        enterkeyhint="search"
        aria-label={t('search-label')}
        aria-expanded={shown}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        {...(active >= 0 && { 'aria-activedescendant': `${id}-${active}` })}
        placeholder={t('search-placeholder')}
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
      <kbd aria-hidden="true">/</kbd>
      <span class="visually-hidden" aria-live="polite">
        {shown && (error ? error.message : t('n-results', { n: count }))}
      </span>
      {shown && (
        <div class="search-results">
          {error && <p class="search-note">{error.message}</p>}
          {!error && count === 0 && <p class="search-note">{t('search-none', { query })}</p>}
          <div id={`${id}-list`} role="listbox" aria-label={t('search-label')}>
            {!error &&
              hits?.map((hit, index) => (
                <a
                  key={`${hit.kind}-${hit.id}`}
                  id={`${id}-${index}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === active}
                  href={hit.address}
                  onClick={() => {
                    setOpen(false);
                    setText('');
                  }}
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
                      {t(`kind-${hit.kind}`)} · <bdi>{hit.detail}</bdi>
                    </small>
                  </span>
                </a>
              ))}
          </div>
          <a class="search-all" href={all} onClick={() => setOpen(false)}>
            {t('search-all', { query })}
          </a>
        </div>
      )}
    </div>
  );
}
