/** The view of the address: loaded when it is opened first; its heading gets the focus. */
import type { ComponentChildren } from 'preact';
import { useEffect, useErrorBoundary, useRef, useState } from 'preact/hooks';
import { connected, get, problemOf } from '../api/client';
import { t } from '../i18n';
import { current, match, type View } from '../router';
import { Icon } from '../ui/Icon';
import { ErrorState, Loading } from '../ui/states';
import { routes, type Entry } from '../views/routes';

const loaded = new Map<Entry, View>();

export function Outlet() {
  const { path, query } = current.value;
  const entry = routes.find((route) => match(route.path, path) !== null);
  const [, setLoaded] = useState(0);
  const [failure, setFailure] = useState<{ entry: Entry; error: unknown } | null>(null);
  const first = useRef(true);

  useEffect(() => {
    if (!entry || loaded.has(entry) || failure?.entry === entry) return;
    entry.load().then(
      (module) => {
        loaded.set(entry, module.default);
        setLoaded(loaded.size);
      },
      (error: unknown) => {
        setFailure({ entry, error });
        get('health').catch(() => undefined); // finds out whether the server is lost
      },
    );
  }, [entry, failure]);
  const online = connected.value;
  useEffect(() => {
    if (online) setFailure(null); // tries again when the server is back
  }, [online]);

  useEffect(() => {
    if (first.current) first.current = false;
    else {
      document.getElementById('main')?.focus({ preventScroll: true });
      document.getElementById('main')?.scrollTo(0, 0);
    }
  }, [path]);

  if (!entry) {
    return (
      <div class="state">
        <div class="state-icon">
          <Icon name="search" size={30} />
        </div>
        <h1>{t('no-view-title')}</h1>
        <p>
          <a href=".">{t('no-view-link')}</a>
        </p>
      </div>
    );
  }
  if (failure?.entry === entry) {
    return <ErrorState error={problemOf(failure.error)} onRetry={() => location.reload()} />;
  }
  const Shown = loaded.get(entry);
  if (!Shown) return <Loading />;
  return (
    <Boundary key={path}>
      <Shown parameters={match(entry.path, path) ?? {}} query={query} />
    </Boundary>
  );
}

/** A defect of one view leaves the rest of the page usable. */
function Boundary({ children }: { children: ComponentChildren }) {
  const [error, reset] = useErrorBoundary() as [unknown, () => void];
  if (error !== undefined) return <ErrorState error={problemOf(error)} onRetry={reset} />;
  return <>{children}</>;
}
