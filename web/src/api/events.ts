/** Events that the server sends while jobs run. */
import { apiUrl } from './client';

/**
 * Receive the server-sent events of a route until the returned function is called. The browser connects again by
 * itself and sends the id of the last event.
 */
export function subscribe<T>(path: string, event: string, onData: (data: T) => void, onOpen?: () => void): () => void {
  const source = new EventSource(apiUrl(path));
  source.addEventListener(event, (each) => onData(JSON.parse((each as MessageEvent<string>).data) as T));
  if (onOpen) source.addEventListener('open', onOpen);
  return () => source.close();
}
