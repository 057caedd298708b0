/** A value that a view loads from the server. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { connected, isAbort, problemOf, type Problem } from './client';

export type Resource<T> =
  | { state: 'loading'; data: T | null; error: null; reload: () => void }
  | { state: 'ready'; data: T; error: null; reload: () => void }
  | { state: 'failed'; data: T | null; error: Problem; reload: () => void };

/**
 * Load a value, and load it again when `key` changes; the request before is aborted. While the next value loads,
 * `data` is still the one before.
 */
export function useResource<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const [attempt, setAttempt] = useState(0);
  const [found, setFound] = useState<{ key: string; attempt: number; data: T | null; error: Problem | null } | null>(
    null,
  );
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const controller = new AbortController();
    latest.current(controller.signal).then(
      (data) => controller.signal.aborted || setFound({ key, attempt, data, error: null }),
      (error: unknown) => {
        if (controller.signal.aborted || isAbort(error)) return;
        setFound((before) => ({ key, attempt, data: before?.data ?? null, error: problemOf(error) }));
      },
    );
    return () => controller.abort();
  }, [key, attempt]);
  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  const lost = found?.error?.code === 'offline';
  useEffect(() => (lost ? connected.subscribe((back) => back && reload()) : undefined), [lost, reload]);
  const current = found?.key === key && found.attempt === attempt;
  if (!current) return { state: 'loading', data: found?.data ?? null, error: null, reload };
  if (found.error) return { state: 'failed', data: found.data, error: found.error, reload };
  return { state: 'ready', data: found.data as T, error: null, reload };
}
