/** For tests: an audio element whose state tests set, and a server that answers from a table. */
import { vi } from 'vitest';
import type { TrackDetailsRecord, TrackRowRecord } from '../api/records';

/** An audio element without a decoder; `advance` lets time pass. */
export class FakeAudio extends EventTarget {
  static all: FakeAudio[] = [];
  preload = '';
  volume = 1;
  paused = true;
  ended = false;
  error: { code: number } | null = null;
  currentTime = 0;
  duration = NaN;
  readyState = 0;
  private address = '';

  constructor() {
    super();
    FakeAudio.all.push(this);
  }

  get src(): string {
    return this.address;
  }

  set src(value: string) {
    this.address = value;
    this.currentTime = 0;
    this.ended = false;
    this.paused = true;
    this.error = null;
    this.readyState = value === '' ? 0 : 4;
    this.duration = value.includes('transcode=') ? Infinity : 200;
  }

  removeAttribute(): void {
    this.src = '';
  }

  load(): void {
    this.readyState = 0;
  }

  play(): Promise<void> {
    this.paused = false;
    this.ended = false;
    this.dispatchEvent(new Event('playing'));
    return Promise.resolve();
  }

  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.dispatchEvent(new Event('pause'));
  }

  fail(code: number): void {
    this.error = { code };
    this.dispatchEvent(new Event('error'));
  }

  /** Let seconds pass in steps of 100 ms, on the clock of the test too. */
  static async advance(seconds: number): Promise<void> {
    for (let step = 0; step < seconds * 10; step++) {
      for (const each of FakeAudio.all) each.step(0.1);
      await vi.advanceTimersByTimeAsync(100);
    }
  }

  private step(seconds: number): void {
    if (this.paused || this.ended || this.readyState === 0) return;
    this.currentTime = Math.min(this.currentTime + seconds, this.duration);
    if (this.currentTime < this.duration) return;
    this.ended = this.paused = true;
    this.dispatchEvent(new Event('ended'));
  }

  /** The element that sounds. */
  static get sounding(): FakeAudio | undefined {
    return FakeAudio.all.find((each) => !each.paused);
  }
}

export interface Request {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

const NO_GAIN = { track_gain: null, track_peak: null, album_gain: null, album_peak: null, loudness: null };

export const rowOf = (id: number): TrackRowRecord =>
  ({
    id,
    title: `Track ${id}`,
    artist: `Artist ${id}`,
    artists: [`Artist ${id}`],
    artist_ids: [id],
    duration: 200,
    rating: 0,
    path: `/music/${id}.flac`,
  }) as unknown as TrackRowRecord;

const detailsOf = (id: number): TrackDetailsRecord =>
  ({ ...rowOf(id), ...NO_GAIN, codec: id >= 900 ? 'wmav2' : 'flac' }) as unknown as TrackDetailsRecord;

/** Answer the requests of the player; returns those that came. Tracks of `missing` are not found. */
export function serve(missing: ReadonlySet<number> = new Set()): Request[] {
  const requests: Request[] = [];
  vi.stubGlobal('fetch', (address: string, init: RequestInit) => {
    const url = new URL(address, 'http://server/');
    const path = url.pathname.replace('/api/v1/', '');
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined;
    requests.push({ method: init.method ?? 'GET', path, query: url.searchParams, body });
    const id = Number(/^tracks\/(\d+)$/.exec(path)?.[1] ?? 0);
    if (missing.has(id)) return Promise.resolve(Response.json({ status: 404, detail: 'not found' }, { status: 404 }));
    return Promise.resolve(Response.json(answer(path, url.searchParams, id)));
  });
  return requests;
}

function answer(path: string, query: URLSearchParams, id: number): unknown {
  if (id > 0) return detailsOf(id);
  if (path === 'tracks')
    return { items: (query.get('ids') ?? '').split(',').map((each) => rowOf(Number(each))), next: null };
  if (path === 'tracks/ids') return { ids: [500] };
  if (path === 'similar') return { tracks: Array.from({ length: 60 }, (_, place) => rowOf(100 + place)) };
  return {};
}
