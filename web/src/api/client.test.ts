import { afterEach, describe, expect, it, vi } from 'vitest';
import { apiUrl, connected, del, get, isAbort, onUnauthorized, post, Problem, requestListener } from './client';

const answer = (status: number, body?: unknown): Response =>
  new Response(body === undefined ? null : JSON.stringify(body), { status });

function respond(response: Response | Error) {
  const fake = vi.fn<typeof fetch>();
  if (response instanceof Error) fake.mockRejectedValue(response);
  else fake.mockResolvedValue(response);
  vi.stubGlobal('fetch', fake);
  return fake;
}

afterEach(() => {
  vi.unstubAllGlobals();
  requestListener.value = null;
  connected.value = true;
});

describe('addresses', () => {
  it('are relative, repeat lists and leave out what is empty', () => {
    expect(apiUrl('similar', { seed: [1, 2], n: 5, genre: '', key: null, x: undefined, explain: false })).toBe(
      'api/v1/similar?seed=1&seed=2&n=5&explain=false',
    );
  });

  it('name the listener', () => {
    requestListener.value = 'Ana & Bo';
    expect(apiUrl('ratings')).toBe('api/v1/ratings?listener=Ana+%26+Bo');
  });
});

describe('requests', () => {
  it('send JSON, also without content', async () => {
    const fake = respond(answer(201, { id: 1 }));
    await post('jobs/1/cancel');
    expect(fake.mock.calls[0]?.[1]).toMatchObject({
      method: 'POST',
      body: '{}',
      headers: { 'Content-Type': 'application/json' },
    });
  });

  it('return nothing for 204', async () => {
    respond(answer(204));
    expect(await del('playlists/1')).toBeUndefined();
  });

  it('raise the problem of the server', async () => {
    respond(answer(422, { detail: 'n must be at least 1', code: 'invalid_request', field: 'n', hint: 'Use 1.' }));
    await expect(get('similar')).rejects.toMatchObject({
      message: 'n must be at least 1',
      status: 422,
      code: 'invalid_request',
      field: 'n',
      hint: 'Use 1.',
    });
  });

  it('raise a problem for an answer that is no JSON', async () => {
    respond(new Response('<html>', { status: 500 }));
    await expect(get('tracks')).rejects.toBeInstanceOf(Problem);
  });

  it.each([new TypeError('Failed to fetch'), answer(502)])('find the server lost', async (response) => {
    respond(response);
    await expect(get('tracks')).rejects.toMatchObject({ code: 'offline' });
    expect(connected.value).toBe(false);
  });

  it('that are aborted do not lose the server', async () => {
    respond(new DOMException('aborted', 'AbortError'));
    const error: unknown = await get('tracks').catch((each: unknown) => each);
    expect(isAbort(error)).toBe(true);
    expect(connected.value).toBe(true);
  });

  it('ask for a login after 401, except of the session', async () => {
    const handler = vi.spyOn(onUnauthorized, 'handler').mockImplementation(() => undefined);
    respond(answer(401, {}));
    await expect(get('session')).rejects.toMatchObject({ status: 401 });
    expect(handler).not.toHaveBeenCalled();
    respond(answer(401, {}));
    await expect(get('tracks')).rejects.toMatchObject({ status: 401 });
    expect(handler).toHaveBeenCalledOnce();
  });
});
