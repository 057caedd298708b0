import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as Store from './store';
import type * as State from './state';
import type { Player } from './interface';
import { FakeAudio, serve, type Request } from './fakes';

let requests: Request[];
let store: typeof Store;
let state: typeof State;
let player: Player;

/** Start the page again: the modules have their state from the begin, the browser keeps its storage. */
async function start(): Promise<void> {
  vi.resetModules();
  FakeAudio.all = [];
  state = await import('./state');
  store = await import('./store');
  player = (await import('./start')).startPlayer();
}

const plays = (): [string, unknown][] =>
  requests.filter(({ path }) => path.endsWith('/plays')).map(({ path, body }) => [path, body]);

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal('Audio', FakeAudio);
  vi.spyOn(HTMLMediaElement.prototype, 'canPlayType').mockReturnValue('probably');
  vi.stubGlobal('MediaError', { MEDIA_ERR_NETWORK: 2 });
  localStorage.clear();
  requests = serve();
  await start();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('player', () => {
  it('plays a list, one track after the other, and stops at the end', async () => {
    player.play([1, 2], 0);
    await FakeAudio.advance(1);
    expect(FakeAudio.sounding?.src).toBe('api/v1/audio/1');
    expect(state.position.value).toBeCloseTo(0.9, 0);
    await FakeAudio.advance(200);
    expect(player.currentId.value).toBe(2);
    expect(FakeAudio.sounding?.src).toBe('api/v1/audio/2');
    await FakeAudio.advance(201);
    expect(player.playing.value).toBe(false);
    expect(FakeAudio.sounding).toBeUndefined();
  });

  it('reports a play after half of the track, once', async () => {
    player.play([1, 2]);
    await FakeAudio.advance(99);
    expect(plays()).toEqual([]);
    await FakeAudio.advance(80);
    expect(plays()).toEqual([['tracks/1/plays', { skipped: false }]]);
    store.next();
    await FakeAudio.advance(1);
    expect(plays()).toHaveLength(1);
  });

  it('reports a skip within 30 seconds, and nothing between', async () => {
    player.play([1, 2, 3]);
    await FakeAudio.advance(10);
    store.next();
    expect(plays()).toEqual([['tracks/1/plays', { skipped: true }]]);
    await FakeAudio.advance(40);
    store.next();
    await FakeAudio.advance(1);
    expect(plays()).toHaveLength(1);
  });

  it('does not count what a seek passes over', async () => {
    player.play([1]);
    await FakeAudio.advance(5);
    store.seek(150);
    await FakeAudio.advance(5);
    expect(state.position.value).toBeGreaterThan(150);
    expect(plays()).toEqual([]);
  });

  it('starts a transcoded stream again where one seeks to', async () => {
    player.play([900]);
    await FakeAudio.advance(2);
    expect(FakeAudio.sounding?.src).toBe('api/v1/audio/900?transcode=opus');
    store.seek(100);
    await FakeAudio.advance(2);
    expect(FakeAudio.sounding?.src).toBe('api/v1/audio/900?transcode=opus&start=100.00');
    expect(state.position.value).toBeCloseTo(102, 0);
  });

  it('plays a file transcoded that the browser cannot decode, then skips it, then stops', async () => {
    player.play([1, 2, 3, 4]);
    await FakeAudio.advance(1);
    for (const id of [1, 2, 3]) {
      FakeAudio.sounding?.fail(4);
      await FakeAudio.advance(0.1);
      expect(FakeAudio.sounding?.src).toContain(`audio/${id}?transcode=opus`);
      FakeAudio.sounding?.fail(4);
      await FakeAudio.advance(0.2);
    }
    expect(player.currentId.value).toBe(3);
    expect(FakeAudio.sounding).toBeUndefined();
    expect(plays()).toEqual([]);
  });

  it('skips a track that is not in the library any more', async () => {
    requests = serve(new Set([1]));
    player.play([1, 2]);
    await FakeAudio.advance(1);
    expect(player.currentId.value).toBe(2);
    expect(player.playing.value).toBe(true);
  });

  it('waits where it was while the server is lost', async () => {
    player.play([1, 2]);
    await FakeAudio.advance(20);
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
    FakeAudio.sounding?.fail(2);
    await FakeAudio.advance(0.5);
    expect(player.playing.value).toBe(false);
    expect(player.currentId.value).toBe(1);
    serve();
    store.toggle();
    await FakeAudio.advance(0.5);
    expect(state.position.value).toBeGreaterThan(19);
  });

  it('goes on after a reload where it was, and plays nothing by itself', async () => {
    player.play([1, 2, 3], 1);
    store.setRepeat('all');
    await FakeAudio.advance(42);
    player.toggle();
    await FakeAudio.advance(1);
    await start();
    expect(player.queue.value).toEqual([1, 2, 3]);
    expect(player.currentId.value).toBe(2);
    expect(state.queue.value.repeat).toBe('all');
    expect(state.position.value).toBeCloseTo(42, 0);
    expect(FakeAudio.sounding).toBeUndefined();
    player.toggle();
    await FakeAudio.advance(1);
    expect(FakeAudio.sounding?.currentTime).toBeGreaterThan(42);
  });

  it('fills the queue with similar tracks, and replaces them after a skip', async () => {
    player.radioFrom({ kind: 'track', id: 1 });
    await FakeAudio.advance(1);
    expect(player.queue.value).toEqual([1, ...Array.from({ length: 10 }, (_, place) => 100 + place)]);
    store.next();
    await FakeAudio.advance(10);
    expect(player.currentId.value).toBe(100);
    store.next();
    await FakeAudio.advance(1);
    const last = requests.filter(({ path }) => path === 'similar').at(-1);
    expect(last?.query.getAll('minus')).toEqual(['100']);
    expect(player.currentId.value).toBe(101);
    expect(player.queue.value).toEqual([1, 100, 101, ...Array.from({ length: 10 }, (_, place) => 102 + place)]);
  });

  it('begins a radio of an album with a track of it', async () => {
    player.radioFrom({ kind: 'album', id: 7 });
    await FakeAudio.advance(1);
    expect(player.currentId.value).toBe(500);
    expect(requests.find(({ path }) => path === 'similar')?.query.getAll('album')).toEqual(['7']);
  });

  it('pauses when another tab plays', async () => {
    player.play([1]);
    await FakeAudio.advance(1);
    new BroadcastChannel('recsys.player').postMessage('playing');
    vi.useRealTimers();
    await vi.waitFor(() => expect(player.playing.value).toBe(false));
  });
});
