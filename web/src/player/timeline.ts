/**
 * Tracks one after the other in the buffer of one audio element, without a gap: the server sends each as FLAC of exactly
 * its samples, and the browser decodes them as one stream (Media Source Extensions).
 */
import { urlOf, type Playable } from './source';

export interface Part {
  source: Playable;
  /** seconds of the element at which it begins */
  readonly from: number;
  /** the position of the track there */
  readonly at: number;
  /** seconds of the element at which the next one begins; null until all of it has been read */
  to: number | null;
}

export interface TimelineEvents {
  /** what follows all that was appended, or null */
  next: () => Promise<Playable | null>;
  /** a part cannot be had: the server refused it, or the connection broke */
  failed: (part: Part, refused: boolean) => void;
}

const TYPE = 'audio/mp4; codecs="flac"';
const AHEAD = 20; // seconds that are read ahead of the element: what is played is removed by the browser

/** Whether the browser has what it takes, and its user does not want to save data: FLAC is larger than other files. */
export const isGapless = (): boolean =>
  'MediaSource' in globalThis &&
  MediaSource.isTypeSupported(TYPE) &&
  !(navigator as { connection?: { saveData?: boolean } }).connection?.saveData;

class Refused extends Error {}

export class Timeline {
  readonly parts: Part[];
  private readonly media = new MediaSource();
  private buffer!: SourceBuffer;
  private reading = new AbortController();

  constructor(
    private readonly element: HTMLAudioElement,
    private readonly events: TimelineEvents,
    source: Playable,
    at: number,
  ) {
    this.parts = [{ source, from: 0, at: Math.floor(at * 100) / 100, to: null }];
    const address = URL.createObjectURL(this.media);
    element.src = address;
    const opened = (): void => {
      URL.revokeObjectURL(address);
      this.buffer = this.media.addSourceBuffer(TYPE);
      void this.run(this.reading.signal);
    };
    this.media.addEventListener('sourceopen', opened, { once: true });
  }

  close(): void {
    this.reading.abort();
  }

  /** Whether the element has a position of the first part. */
  has(at: number): boolean {
    const time = this.timeOf(at);
    const { buffered } = this.element;
    const ranges = Array.from({ length: buffered.length }, (_, place) => place);
    return ranges.some((place) => buffered.start(place) <= time && time < buffered.end(place));
  }

  timeOf(at: number): number {
    const [part] = this.parts;
    return part ? part.from + at - part.at : 0;
  }

  /** The second part has begun. */
  advance(): void {
    this.parts.shift();
    if (this.parts[0]?.to !== null) void this.run(this.reading.signal);
  }

  /** What follows the first part is another track now: what was read of it is removed. */
  async forgetNext(): Promise<void> {
    const end = this.parts[0]?.to;
    if (end === null || end === undefined) return; // nothing is read before the first part is complete
    this.reading.abort();
    this.reading = new AbortController();
    const { signal } = this.reading;
    this.parts.length = 1;
    await this.ready();
    if (signal.aborted) return;
    if (this.media.readyState === 'open') this.buffer.abort();
    this.buffer.remove(end, Infinity);
    await this.ready();
    await this.run(signal);
  }

  /** Read the last part, and one that follows the part that plays. */
  private async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      const part = this.parts.at(-1);
      if (!part) return;
      try {
        part.to ??= await this.read(part, signal);
      } catch (error) {
        if (!signal.aborted) this.fail(part, error instanceof Refused);
        return;
      }
      if (this.parts.length > 1) return;
      const source = await this.events.next();
      if (signal.aborted) return;
      if (!source) {
        this.media.endOfStream();
        return;
      }
      this.parts.push({ source, from: part.to, at: 0, to: null });
    }
  }

  private fail(part: Part, refused: boolean): void {
    if (part !== this.parts[0]) this.parts.pop();
    if (this.media.readyState === 'open') this.media.endOfStream();
    this.events.failed(part, refused);
  }

  /** Append a part; returns where it ends. A connection that breaks is made anew once, from where it broke. */
  private async read(part: Part, signal: AbortSignal): Promise<number> {
    let end = part.from;
    for (let attempt = 0; attempt < 2; attempt++) {
      const at = Math.floor((part.at + end - part.from) * 100) / 100;
      try {
        const response = await fetch(urlOf({ ...part.source, transcode: 'flac' }, at), { signal });
        if (!response.ok || !response.body) throw new Refused();
        const reader = response.body.getReader();
        this.buffer.timestampOffset = part.from + at - part.at;
        for (;;) {
          while (end > this.element.currentTime + AHEAD) await this.playedOn(signal);
          const { done, value } = await reader.read();
          if (done) return end;
          await this.append(value, signal);
          end = this.end();
          attempt = 0;
        }
      } catch (error) {
        if (signal.aborted || error instanceof Refused) throw error;
        if (attempt > 0) throw error;
        await this.ready();
        this.buffer.abort();
      }
    }
    return end;
  }

  private async append(data: BufferSource, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        this.buffer.appendBuffer(data);
        break;
      } catch (error) {
        if (!(error instanceof DOMException) || error.name !== 'QuotaExceededError') throw error;
        await this.playedOn(signal); // a phone with little memory
      }
    }
    await this.ready();
    signal.throwIfAborted();
  }

  private end(): number {
    const { buffered } = this.buffer;
    return buffered.length > 0 ? buffered.end(buffered.length - 1) : 0;
  }

  /** Wait until the buffer can be changed. */
  private async ready(): Promise<void> {
    if (this.buffer.updating) await once(this.buffer, 'updateend');
  }

  private async playedOn(signal: AbortSignal): Promise<void> {
    await once(this.element, 'timeupdate', signal);
    signal.throwIfAborted();
  }
}

const once = (target: EventTarget, name: string, signal?: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    target.addEventListener(name, resolve, { once: true });
    signal?.addEventListener('abort', resolve, { once: true });
  });
