/** Albums or artists as cards, found by words of their names; more of them with each press of the button. */
import { useEffect, useState } from 'preact/hooks';
import type { Parameters } from '../../api/client';
import type { Page } from '../../api/endpoints';
import { useResource } from '../../api/useResource';
import { t } from '../../i18n';
import { useTitle } from '../../layout/useTitle';
import { navigate, to } from '../../router';
import { Cards, type Card } from '../../tracks/Cards';
import { Button } from '../../ui/Button';
import { EmptyState, ErrorState, Loading } from '../../ui/states';
import './browse.css';

const FIRST = 60; // cards; twice as many with each press of the button
const MOST = 1000; // items of one answer
const DELAY = 150; // milliseconds after the last key

interface BrowseProperties<T> {
  kind: 'album' | 'artist';
  query: string;
  load: (parameters: Parameters, signal: AbortSignal) => Promise<Page<T>>;
  card: (item: T) => Card;
}

export function Browse<T>({ kind, query, load, card }: BrowseProperties<T>) {
  const [limit, setLimit] = useState(FIRST);
  const found = useResource(`${limit} ${query}`, async (signal) => {
    const items: T[] = [];
    let next: string | null = null;
    do {
      const page: Page<T> = await load({ query, limit: Math.min(limit - items.length, MOST), cursor: next }, signal);
      items.push(...page.items);
      next = page.next;
    } while (next !== null && items.length < limit);
    return { items, next };
  });
  const title = t(`${kind}s`);
  useTitle(title);
  useEffect(() => setLimit(FIRST), [query]);
  return (
    <>
      <header class="view-head">
        <h1>{title}</h1>
        <Finder kind={kind} query={query} />
      </header>
      {found.state === 'failed' ? (
        <ErrorState error={found.error} onRetry={found.reload} />
      ) : found.data === null ? (
        <Loading />
      ) : found.data.items.length === 0 ? (
        <EmptyState icon={query ? 'search' : 'music'} title={t(`browse-none-${kind}s`)}>
          <p>{t(query ? 'browse-none-words' : 'browse-none-tags')}</p>
        </EmptyState>
      ) : (
        <>
          <Cards kind={kind} label={title} items={found.data.items.map(card)} />
          {found.data.next !== null && (
            <div class="browse-more">
              <Button disabled={found.state === 'loading'} onClick={() => setLimit(limit * 2)}>
                {t('list-more')}
              </Button>
            </div>
          )}
        </>
      )}
    </>
  );
}

/** The words that names must have; they stand in the address. */
function Finder({ kind, query }: { kind: 'album' | 'artist'; query: string }) {
  const [text, setText] = useState(query);
  useEffect(() => {
    const words = text.trim();
    if (words === query) return undefined;
    const timer = setTimeout(() => navigate(to(`${kind}s`, { q: words }), { replace: true }), DELAY);
    return () => clearTimeout(timer);
  }, [text, query, kind]);
  const label = t(`browse-find-${kind}s`);
  return (
    <input
      type="search"
      class="browse-find"
      aria-label={label}
      placeholder={label}
      value={text}
      onInput={(event) => setText(event.currentTarget.value)}
    />
  );
}
