/**
 * Sound: one audio element. It plays a timeline, in which tracks follow each other without a gap, or a single file or
 * stream where the browser has no timelines or one cannot be made.
 */
import { elementVolume } from './gain';
import { transcoding, urlOf, type Playable } from './source';
import { Timeline, isGapless, type Part } from './timeline';

export interface EngineEvents {
  /** what follows the track that plays, or null */
  next: () => Promise<Playable | null>;
  /** the next track has begun by itself */
  advanced: (key: number) => void;
  /** a track came to its end and no other one was ready */
  ended: (key: number) => void;
  /** the position, and the one before with the seconds that passed since; they are the same after a seek */
  progress: (position: number, before: number, elapsed: number) => void;
  /** whether it plays, and whether it waits for data */
  state: (playing: boolean, waiting: boolean) => void;
  /** a track cannot be played, not even transcoded; `network` where the connection broke */
  failed: (key: number, network: boolean) => void;
  /** the browser wants a click before it plays anything */
  blocked: () => void;
}

const TICK = 200; // ms
const HAVE_FUTURE_DATA = 3;

export class Engine {
  private readonly element: HTMLAudioElement;
  private timeline: Timeline | null = null;
  private single: Part | null = null; // what the element plays without a timeline
  private broken: Part | null = null; // it ends where the connection broke
  private wanted = false; // whether it shall play
  private level = 1;
  private last = { position: 0, at: 0 };
  private ticker: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly events: EngineEvents,
    make: () => HTMLAudioElement = () => new Audio(),
  ) {
    const element = (this.element = make());
    element.preload = 'auto';
    for (const name of ['playing', 'pause', 'waiting', 'canplay', 'seeked'])
      element.addEventListener(name, () => this.part && this.report());
    element.addEventListener('ended', () => this.onEnded());
    element.addEventListener('error', () => this.onError());
  }

  private get part(): Part | null {
    return this.timeline?.parts[0] ?? this.single;
  }

  get position(): number {
    const { part } = this;
    return part ? part.at + this.element.currentTime - part.from : 0;
  }

  get key(): number | null {
    return this.part?.source.key ?? null;
  }

  /** Play a track from a position, or have it ready there. */
  load(source: Playable, at: number, play: boolean): void {
    this.wanted = play;
    this.put(source, at);
    if (play) this.play();
    else this.report();
  }

  play(): void {
    if (!this.part) return;
    this.wanted = true;
    this.last.at = performance.now();
    this.ticker ??= setInterval(() => this.tick(), TICK);
    this.begin();
    this.report();
  }

  pause(): void {
    this.wanted = false;
    this.element.pause();
    clearInterval(this.ticker);
    this.ticker = undefined;
    this.report();
  }

  /** Stop, with nothing loaded. */
  clear(): void {
    this.pause();
    if (!this.part) return;
    this.forget();
    this.element.removeAttribute('src');
    this.element.load();
  }

  seek(at: number): void {
    const { part, timeline, element } = this;
    if (!part) return;
    const position = Math.max(0, Math.min(at, part.source.duration - 0.05));
    if (timeline?.has(position)) element.currentTime = timeline.timeOf(position);
    else if (timeline || part.source.transcode !== null || isEndless(element)) {
      if (timeline) this.put(part.source, position);
      else this.putSingle({ ...part.source, transcode: part.source.transcode ?? transcoding() }, position);
      if (this.wanted) this.begin();
    } else element.currentTime = position;
    this.last = { position, at: performance.now() };
    this.events.progress(position, position, 0);
  }

  /** What follows has changed. */
  forgetNext(): void {
    void this.timeline?.forgetNext();
  }

  /** The level of the volume from 0 to 1. */
  setLevel(level: number): void {
    this.level = level;
    this.setVolume();
  }

  /** The factor of the track that plays, after a change of the mode of ReplayGain. */
  setFactor(factor: number): void {
    if (this.part) this.part.source = { ...this.part.source, factor };
    this.forgetNext();
    this.setVolume();
  }

  private setVolume(): void {
    this.element.volume = elementVolume(this.level, this.part?.source.factor ?? 1);
  }

  private forget(): void {
    this.timeline?.close();
    this.timeline = this.single = this.broken = null;
  }

  private put(source: Playable, at: number): void {
    if (!isGapless()) {
      this.putSingle(source, at);
      return;
    }
    this.forget();
    const failed = (part: Part, refused: boolean): void => {
      if (part !== this.part) return; // when its turn comes, it is loaded again
      if (refused) this.playSingle();
      else this.broken = part;
    };
    this.timeline = new Timeline(this.element, { next: this.events.next, failed }, source, at);
    this.begun(at);
  }

  private putSingle(source: Playable, at: number): void {
    this.forget();
    const isFile = source.transcode === null;
    this.single = { source, from: 0, at: isFile ? 0 : at, to: null };
    this.element.src = urlOf(source, at);
    if (isFile && at > 0) this.element.currentTime = at;
    this.begun(at);
  }

  private begun(position: number): void {
    this.setVolume();
    this.last = { position, at: performance.now() };
  }

  /** Play on without a timeline. */
  private playSingle(changed: Partial<Playable> = {}): void {
    if (!this.part) return;
    this.putSingle({ ...this.part.source, ...changed }, this.last.position);
    if (this.wanted) this.begin();
  }

  private begin(): void {
    const { source } = this.part ?? {};
    this.element.play().catch((error: unknown) => {
      if (this.part?.source !== source || !(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
      this.pause();
      this.events.blocked();
    });
  }

  private tick(): void {
    const { part, timeline } = this;
    if (!this.wanted || !part) return;
    const next = timeline?.parts[1];
    const left = next ? next.from - this.element.currentTime : Infinity;
    this.progress(left > 0 ? this.position : part.at + (part.to ?? 0) - part.from);
    if (left > 0) {
      if (left < TICK / 1000) setTimeout(() => this.tick(), left * 1000);
      return;
    }
    if (next) this.events.advanced(next.source.key);
    timeline?.advance(); // which asks for what follows that one
    this.begun(0);
    this.progress(this.position);
  }

  private progress(position: number): void {
    const { last } = this;
    const at = performance.now();
    this.last = { position, at };
    this.events.progress(position, last.position, (at - last.at) / 1000);
  }

  private onEnded(): void {
    this.tick();
    const { part } = this;
    if (!part) return;
    if (part === this.broken) {
      this.pause();
      this.events.failed(part.source.key, true);
    } else this.events.ended(part.source.key);
  }

  private onError(): void {
    const { part, element } = this;
    if (!part || !element.error) return;
    const network = element.error.code === MediaError.MEDIA_ERR_NETWORK;
    if (this.timeline) this.playSingle();
    else if (part.source.transcode === null && !network) this.playSingle({ transcode: transcoding() });
    else {
      this.pause();
      this.events.failed(part.source.key, network);
    }
  }

  private report(): void {
    const { element } = this;
    // the browser pauses an element when another program takes the sound, or the headphones are unplugged
    if (this.wanted && element.paused && !element.ended && !element.error && element.readyState >= HAVE_FUTURE_DATA) {
      queueMicrotask(() => this.wanted && element.paused && !element.ended && this.pause());
    }
    this.events.state(this.wanted, this.wanted && element.readyState < HAVE_FUTURE_DATA);
  }
}

/** Whether an element has a stream without a known end, in which it cannot seek. */
const isEndless = (element: HTMLAudioElement): boolean => element.readyState > 0 && !Number.isFinite(element.duration);
