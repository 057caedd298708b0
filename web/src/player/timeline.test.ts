import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as Store from './store';
import type * as State from './state';
import type { Player } from './interface';
import { FakeAudio, FakeMediaSource, serve, type Request } from './fakes';

let requests: Request[];
let store: typeof Store;
let state: typeof State;
let player: Player;

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal('Audio', FakeAudio);
  vi.spyOn(HTMLMediaElement.prototype, 'canPlayType').mockReturnValue('probably');
  vi.stubGlobal('MediaError', { MEDIA_ERR_NETWORK: 2 });
  FakeMediaSource.install();
  localStorage.clear();
  requests = serve();
  vi.resetModules();
  FakeAudio.all = [];
  state = await import('./state');
  store = await import('./store');
  player = (await import('./start')).startPlayer();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** What was read of audio, in order. */
const read = (): string[] =>
  requests
    .filter(({ path }) => path.startsWith('audio/'))
    .map(({ path, query }) => path.slice(6) + (query.has('start') ? `@${query.get('start')}` : ''));
const element = (): FakeAudio => FakeAudio.all[0] as FakeAudio;

describe('timeline', () => {
  it('has one track begin where the one before ends, in one element', async () => {
    player.play([1, 2, 3]);
    await FakeAudio.advance(199);
    expect(player.currentId.value).toBe(1);
    await FakeAudio.advance(2);
    expect(player.currentId.value).toBe(2);
    expect(state.position.value).toBeCloseTo(1, 0);
    expect(element().currentTime).toBeCloseTo(201, 0);
    await FakeAudio.advance(400);
    expect(read()).toEqual(['1', '2', '3']);
    expect(player.playing.value).toBe(false);
    expect(FakeMediaSource.all).toHaveLength(1);
    expect(FakeAudio.all).toHaveLength(1);
  });

  it('reads no more than half a minute ahead, also while it is paused', async () => {
    player.play([1, 2]);
    await FakeAudio.advance(5);
    expect(element().buffered.end(0)).toBeLessThanOrEqual(35);
    store.toggle();
    await FakeAudio.advance(60);
    expect(element().buffered.end(0)).toBeLessThanOrEqual(35);
    expect(read()).toEqual(['1']);
  });

  it('removes what was read of a track that does not follow any more', async () => {
    player.play([1, 2, 3]);
    await FakeAudio.advance(190);
    expect(read()).toEqual(['1', '2']);
    store.moveEntry(state.queue.value.entries[2]?.key ?? 0, 1);
    await FakeAudio.advance(0.1);
    expect(read()).toEqual(['1', '2', '3']);
    await FakeAudio.advance(15);
    expect(player.currentId.value).toBe(3);
    expect(state.position.value).toBeCloseTo(5, 0);
    await FakeAudio.advance(200);
    expect(player.currentId.value).toBe(2);
    expect(read()).toEqual(['1', '2', '3', '2']);
  });

  it('plays what is added while the last track is at its end', async () => {
    player.play([1]);
    await FakeAudio.advance(195);
    store.add([2], 'end');
    await FakeAudio.advance(10);
    expect(player.currentId.value).toBe(2);
    expect(player.playing.value).toBe(true);
    expect(FakeMediaSource.all).toHaveLength(1);
  });

  it('repeats a track without a gap', async () => {
    player.play([1]);
    store.setRepeat('one');
    await FakeAudio.advance(205);
    expect(player.currentId.value).toBe(1);
    expect(state.position.value).toBeCloseTo(5, 0);
    expect(read()).toEqual(['1', '1']);
  });

  it('reports each track as played at its half, and a skip by its own seconds', async () => {
    player.play([1, 2, 3]);
    await FakeAudio.advance(305);
    await FakeAudio.advance(100);
    store.next();
    await FakeAudio.advance(1);
    expect(requests.filter(({ path }) => path.endsWith('/plays')).map(({ path, body }) => [path, body])).toEqual([
      ['tracks/1/plays', { skipped: false }],
      ['tracks/2/plays', { skipped: false }],
      ['tracks/3/plays', { skipped: true }],
    ]);
  });

  it('seeks in what was read, and else reads from there', async () => {
    player.play([1, 2]);
    await FakeAudio.advance(2);
    store.seek(15);
    await FakeAudio.advance(1);
    expect(state.position.value).toBeCloseTo(16, 0);
    expect(read()).toEqual(['1']);
    store.seek(150);
    await FakeAudio.advance(1);
    expect(state.position.value).toBeCloseTo(151, 0);
    expect(read()).toEqual(['1', '1@150.00']);
    store.seek(20);
    await FakeAudio.advance(1);
    expect(read()).toEqual(['1', '1@150.00', '1@20.00']);
    await FakeAudio.advance(185);
    expect(player.currentId.value).toBe(2);
  });

  it('sets the volume of each track when it begins', async () => {
    player.play([1, 7]);
    store.setSettings({ level: 1 });
    await FakeAudio.advance(199.5);
    expect(element().volume).toBe(1);
    await FakeAudio.advance(1);
    expect(element().volume).toBeCloseTo(0.1, 3);
  });

  it('plays the file where the server does not transcode it', async () => {
    player.play([800]);
    await FakeAudio.advance(1);
    expect(element().src).toBe('api/v1/audio/800');
    expect(player.playing.value).toBe(true);
  });

  it('plays the file where the browser does not decode what it is sent', async () => {
    player.play([1]);
    await FakeAudio.advance(30);
    element().fail(3);
    await FakeAudio.advance(1);
    expect(element().src).toBe('api/v1/audio/1');
    expect(state.position.value).toBeGreaterThan(29);
  });

  it('goes on reading where a connection broke, once', async () => {
    player.play([1]);
    await FakeAudio.advance(5);
    const { fetch } = globalThis;
    let broken = 0;
    vi.stubGlobal('fetch', (address: string, init: RequestInit) =>
      address.includes('audio/') && broken++ === 0 ? Promise.reject(new TypeError('broken')) : fetch(address, init),
    );
    store.seek(100);
    await FakeAudio.advance(2);
    expect(broken).toBe(2);
    expect(state.position.value).toBeCloseTo(102, 0);
  });

  it('plays what it has and waits there while the server is lost', async () => {
    player.play([1, 2]);
    await FakeAudio.advance(5);
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
    store.seek(100);
    await FakeAudio.advance(2);
    expect(player.playing.value).toBe(false);
    expect(player.currentId.value).toBe(1);
    serve();
    store.toggle();
    await FakeAudio.advance(2);
    expect(state.position.value).toBeGreaterThan(100);
  });

  it('is not used where data shall be saved', async () => {
    vi.stubGlobal('navigator', { connection: { saveData: true } });
    player.play([1]);
    await FakeAudio.advance(1);
    expect(element().src).toBe('api/v1/audio/1');
  });
});
