/** Requests to the API of the server that the page is from. */
import { signal } from '@preact/signals';

export type Value = string | number | boolean | null | undefined;
export type Parameters = Record<string, Value | readonly (string | number)[]>;

/** An error of the API: a problem of RFC 9457, or an answer that did not come. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  /** stable; "offline" where the server did not answer */
  readonly code: string;
  readonly field: string | null;
  readonly hint: string | null;
  readonly action: string | null;
  readonly candidates: readonly string[];

  constructor(status: number, body: Partial<ProblemBody> = {}) {
    super(body.detail ?? body.title ?? `status ${status}`);
    this.status = status;
    this.code = body.code ?? 'error';
    this.field = body.field ?? null;
    this.hint = body.hint ?? null;
    this.action = body.action ?? null;
    this.candidates = body.candidates ?? [];
  }
}

interface ProblemBody {
  title: string;
  detail: string;
  code: string;
  field: string | null;
  hint: string | null;
  action: string | null;
  candidates: string[];
}

/** Whose likes, plays and playlists requests are about; null is the default listener. */
export const requestListener = signal<string | null>(null);
/** Whether the last request reached the server. */
export const connected = signal(true);
/** Called when the server needs a login. */
export const onUnauthorized: { handler: () => void } = { handler: () => undefined };

/** The address of a route of the API, relative to <base href>; the listener is added. */
export function apiUrl(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of Array.isArray(value) ? (value as readonly (string | number)[]) : [value as Value]) {
      if (each !== null && each !== undefined && each !== '') query.append(name, String(each));
    }
  }
  if (requestListener.value !== null) query.set('listener', requestListener.value);
  const text = query.toString();
  return `api/v1/${path}${text && `?${text}`}`;
}

export interface RequestOptions {
  parameters?: Parameters;
  signal?: AbortSignal;
}

export const get = <T>(path: string, parameters?: Parameters, signal?: AbortSignal): Promise<T> =>
  send<T>('GET', path, undefined, { ...(parameters && { parameters }), ...(signal && { signal }) });
export const post = <T>(path: string, body: unknown = {}, options?: RequestOptions): Promise<T> =>
  send<T>('POST', path, body, options);
export const put = <T>(path: string, body: unknown, options?: RequestOptions): Promise<T> =>
  send<T>('PUT', path, body, options);
export const del = <T>(path: string, options?: RequestOptions): Promise<T> => send<T>('DELETE', path, {}, options);

async function send<T>(method: string, path: string, body: unknown, options: RequestOptions = {}): Promise<T> {
  const response = await request(method, path, body, options);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

/** An answer that is not JSON, such as a file or the points of the map. */
export async function getBytes(path: string, parameters?: Parameters, signal?: AbortSignal): Promise<ArrayBuffer> {
  const options = { ...(parameters && { parameters }), ...(signal && { signal }) };
  return (await request('GET', path, undefined, options)).arrayBuffer();
}

/** An answer as a file with the name that the server gives it. */
export async function postForFile(path: string, body: unknown): Promise<{ blob: Blob; name: string }> {
  const response = await request('POST', path, body, {});
  const name = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get('Content-Disposition') ?? '')?.[1];
  return { blob: await response.blob(), name: name ? decodeURIComponent(name) : 'playlist' };
}

async function request(method: string, path: string, body: unknown, options: RequestOptions): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(apiUrl(path, options.parameters), {
      method,
      credentials: 'same-origin',
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
      ...(options.signal && { signal: options.signal }),
    });
  } catch (error) {
    if (isAbort(error)) throw error;
    connected.value = false;
    throw new Problem(0, { code: 'offline', detail: 'The server does not answer.' });
  }
  if (response.status === 502 || response.status === 504) {
    connected.value = false; // a proxy stands in front of a server that is gone
    throw new Problem(response.status, { code: 'offline', detail: 'The server does not answer.' });
  }
  connected.value = true;
  if (response.ok) return response;
  const problem = new Problem(response.status, await bodyOf(response));
  if (response.status === 401 && path !== 'session') onUnauthorized.handler();
  throw problem;
}

async function bodyOf(response: Response): Promise<Partial<ProblemBody>> {
  try {
    return (await response.json()) as Partial<ProblemBody>;
  } catch {
    return {};
  }
}

export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';

/** Any error as a problem, for a view that shows it. */
export const problemOf = (error: unknown): Problem =>
  error instanceof Problem
    ? error
    : new Problem(0, { code: 'page', detail: error instanceof Error ? error.message : String(error) });
