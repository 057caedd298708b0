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
  private media: FakeMediaSource | null = null;

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
    this.media = FakeMediaSource.all[Number(/^blob:(\d+)$/.exec(value)?.[1] ?? -1)] ?? null;
    if (this.media) {
      this.duration = Infinity;
      setTimeout(() => this.media?.dispatchEvent(new Event('sourceopen')));
    }
  }

  /** Seconds that can be played: what a timeline has, or all of a file. */
  get buffered(): TimeRanges {
    return this.media?.buffer.buffered ?? rangesOf(0, this.duration);
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
    const end = this.media ? this.media.buffer.end : this.duration;
    this.currentTime = Math.min(this.currentTime + seconds, end);
    this.dispatchEvent(new Event('timeupdate'));
    if (this.currentTime < end || this.media?.readyState === 'open') return;
    this.ended = this.paused = true;
    this.dispatchEvent(new Event('ended'));
  }

  /** The element that sounds. */
  static get sounding(): FakeAudio | undefined {
    return FakeAudio.all.find((each) => !each.paused);
  }
}

const rangesOf = (start: number, end: number): TimeRanges => ({
  length: end > start ? 1 : 0,
  start: () => start,
  end: () => end,
});

/** A buffer in which each byte is a second. */
class FakeBuffer extends EventTarget {
  updating = false;
  timestampOffset = 0;
  end = 0;

  get buffered(): TimeRanges {
    return rangesOf(0, this.end);
  }

  appendBuffer(data: Uint8Array): void {
    this.end = this.timestampOffset += data.length;
    this.update();
  }

  remove(from: number): void {
    this.end = Math.min(this.end, from);
    this.update();
  }

  abort(): void {
    this.updating = false;
  }

  private update(): void {
    this.updating = true;
    setTimeout(() => {
      this.updating = false;
      this.dispatchEvent(new Event('updateend'));
    });
  }
}

export class FakeMediaSource extends EventTarget {
  static all: FakeMediaSource[] = [];
  static isTypeSupported = (): boolean => true;
  readyState = 'open';
  readonly buffer = new FakeBuffer();

  addSourceBuffer(): FakeBuffer {
    return this.buffer;
  }

  endOfStream(): void {
    this.readyState = 'ended';
  }

  static install(): void {
    FakeMediaSource.all = [];
    vi.stubGlobal('MediaSource', FakeMediaSource);
    vi.spyOn(URL, 'createObjectURL').mockImplementation((media) => {
      FakeMediaSource.all.push(media as unknown as FakeMediaSource);
      return `blob:${FakeMediaSource.all.length - 1}`;
    });
    vi.spyOn(URL, 'revokeObjectURL').mockReturnValue();
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
  ({
    ...rowOf(id),
    ...NO_GAIN,
    track_gain: id === 7 ? -20 : null,
    codec: id >= 900 ? 'wmav2' : 'flac',
  }) as unknown as TrackDetailsRecord;

/** Answer the requests of the player; returns those that came. Tracks of `missing` are not found. */
export function serve(missing: ReadonlySet<number> = new Set()): Request[] {
  const requests: Request[] = [];
  vi.stubGlobal('fetch', (address: string, init: RequestInit) => {
    const url = new URL(address, 'http://server/');
    const path = url.pathname.replace('/api/v1/', '');
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined;
    requests.push({ method: init.method ?? 'GET', path, query: url.searchParams, body });
    const id = Number(/^tracks\/(\d+)$/.exec(path)?.[1] ?? 0);
    if (path.startsWith('audio/')) return Promise.resolve(audioOf(url, init.signal));
    if (missing.has(id)) return Promise.resolve(Response.json({ status: 404, detail: 'not found' }, { status: 404 }));
    return Promise.resolve(Response.json(answer(path, url.searchParams, id)));
  });
  return requests;
}

/** 200 seconds of audio in pieces of ten; none of tracks from 800 on, which cannot be transcoded. */
function audioOf(url: URL, signal?: AbortSignal | null): Response {
  if (Number(url.pathname.split('/').at(-1)) >= 800) return new Response(null, { status: 415 });
  let left = Math.round(200 - Number(url.searchParams.get('start') ?? 0));
  const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    if (signal?.aborted) controller.error(signal.reason);
    else if (left <= 0) controller.close();
    else controller.enqueue(new Uint8Array(Math.min(10, left)));
    left -= 10;
  };
  return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
}

function answer(path: string, query: URLSearchParams, id: number): unknown {
  if (id > 0) return detailsOf(id);
  if (path === 'tracks')
    return { items: (query.get('ids') ?? '').split(',').map((each) => rowOf(Number(each))), next: null };
  if (path === 'tracks/ids') return { ids: [500] };
  if (path === 'similar') return { tracks: Array.from({ length: 60 }, (_, place) => rowOf(100 + place)) };
  return {};
}
