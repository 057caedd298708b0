/**
 * Sound: two audio elements, of which one plays while the other has the next track ready.
 *
 * Near the end of a track the next one is loaded, and it is started so much before the end as starting took until now:
 * the gap of each transition is measured and corrects the lead of the following ones.
 */
import { elementVolume } from './gain';
import { transcoding, urlOf, type Source } from './source';

export interface Playable extends Source {
  /** for the samples; see gainFactor */
  readonly factor: number;
}

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

const READY_BEFORE = 25; // seconds before the end at which the next track is loaded
const PRECISE_BEFORE = 1.2; // seconds before the end from which on a timer waits for the start of the next
const MAX_LEAD = 0.25; // seconds
const TICK = 200; // ms
const HAVE_FUTURE_DATA = 3;

interface Deck {
  readonly element: HTMLAudioElement;
  source: Playable | null;
  /** the position of the track at which the stream begins */
  base: number;
}

export class Engine {
  /** Gaps of the last transitions in seconds; negative where two tracks overlap. */
  readonly gaps: number[] = [];
  private lead = 0.03;
  private active: Deck;
  private spare: Deck;
  private wanted = false; // whether it shall play
  private asked = false; // for what follows
  private question = 0; // the last one; an answer to another one is out of date
  private level = 1;
  private last = { position: 0, at: 0 };
  private ticker: ReturnType<typeof setInterval> | undefined;
  private start: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly events: EngineEvents,
    make: () => HTMLAudioElement = () => new Audio(),
  ) {
    this.active = this.deck(make());
    this.spare = this.deck(make());
  }

  private deck(element: HTMLAudioElement): Deck {
    const deck: Deck = { element, source: null, base: 0 };
    element.preload = 'auto';
    const whenActive = (action: () => void) => () => {
      if (deck === this.active && deck.source) action();
    };
    const report = whenActive(() => this.report());
    for (const name of ['playing', 'pause', 'waiting', 'canplay']) element.addEventListener(name, report);
    element.addEventListener('seeked', report);
    element.addEventListener('ended', () => this.onEnded(deck));
    element.addEventListener('error', () => this.onError(deck));
    return deck;
  }

  get position(): number {
    return this.active.source ? this.active.base + this.active.element.currentTime : 0;
  }

  get key(): number | null {
    return this.active.source?.key ?? null;
  }

  /** Play a track from a position, or have it ready there. */
  load(source: Playable, at: number, play: boolean): void {
    this.forgetNext();
    this.wanted = play;
    this.put(this.active, source, at);
    if (play) this.play();
    else this.report();
  }

  play(): void {
    if (!this.active.source) return;
    this.wanted = true;
    this.last.at = performance.now();
    this.ticker ??= setInterval(() => this.tick(), TICK);
    this.begin(this.active);
    this.report();
  }

  pause(): void {
    this.wanted = false;
    this.active.element.pause();
    this.silence(this.spare);
    this.stopTimers();
    this.report();
  }

  /** Stop, with nothing loaded. */
  clear(): void {
    this.pause();
    this.empty(this.active);
    this.forgetNext();
  }

  seek(at: number): void {
    const { active } = this;
    if (!active.source) return;
    const position = Math.max(0, Math.min(at, active.source.duration - 0.05));
    clearTimeout(this.start);
    this.start = undefined;
    if (active.source.transcode !== null || isEndless(active.element)) {
      const source = { ...active.source, transcode: active.source.transcode ?? transcoding() };
      this.put(active, source, position);
      if (this.wanted) this.begin(active);
    } else active.element.currentTime = position;
    this.last = { position, at: performance.now() };
    this.events.progress(position, position, 0);
  }

  /** What follows has changed: what was made ready is not it any more. */
  forgetNext(): void {
    clearTimeout(this.start);
    this.start = undefined;
    this.asked = false;
    this.question++;
    this.empty(this.spare);
  }

  /** The level of the volume from 0 to 1. */
  setLevel(level: number): void {
    this.level = level;
    for (const deck of [this.active, this.spare]) this.setVolume(deck);
  }

  /** The factor of the track that plays, after a change of the mode of ReplayGain. */
  setFactor(factor: number): void {
    if (this.active.source) this.active.source = { ...this.active.source, factor };
    this.forgetNext();
    this.setVolume(this.active);
  }

  private setVolume({ element, source }: Deck): void {
    element.volume = elementVolume(this.level, source?.factor ?? 1);
  }

  private put(deck: Deck, source: Playable, at: number): void {
    deck.source = source;
    deck.base = source.transcode === null ? 0 : at;
    deck.element.src = urlOf(source, at);
    if (source.transcode === null && at > 0) deck.element.currentTime = at;
    this.setVolume(deck);
    if (deck === this.active) this.last = { position: at, at: performance.now() };
  }

  private empty(deck: Deck): void {
    if (!deck.source) return;
    deck.source = null;
    this.silence(deck);
    deck.element.removeAttribute('src');
    deck.element.load();
  }

  private silence(deck: Deck): void {
    if (!deck.element.paused) deck.element.pause();
  }

  private begin(deck: Deck): void {
    const { source } = deck;
    deck.element.play().catch((error: unknown) => {
      if (deck.source !== source || !(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
      this.pause();
      this.events.blocked();
    });
  }

  private tick(): void {
    const { active } = this;
    if (!this.wanted || !active.source) return;
    const now = performance.now();
    const { position } = this;
    const { last } = this;
    this.last = { position, at: now };
    this.events.progress(position, last.position, (now - last.at) / 1000);
    const remaining = this.remaining();
    if (remaining < READY_BEFORE && !this.asked) void this.prepare();
    if (remaining < PRECISE_BEFORE && this.start === undefined && this.spare.source) this.waitForEnd();
  }

  private remaining(): number {
    const { element, source } = this.active;
    if (!source) return Infinity;
    // what the browser decodes is nearer to the truth than the tags
    return isEndless(element) ? source.duration - this.position : element.duration - element.currentTime;
  }

  private async prepare(): Promise<void> {
    const own = ++this.question;
    this.asked = true;
    const next = await this.events.next();
    if (next && own === this.question) this.put(this.spare, next, 0);
  }

  /** Wait for the moment at which the next track is started. The end of a transcoded stream is not known so exactly. */
  private waitForEnd(): void {
    const wait = this.remaining() - this.lead;
    if (isEndless(this.active.element) || this.spare.element.readyState < HAVE_FUTURE_DATA) return;
    this.start = setTimeout(
      () => {
        this.start = undefined;
        if (!this.wanted || !this.spare.source) return;
        if (this.remaining() - this.lead > 0.004) this.waitForEnd();
        else this.advance(performance.now() + this.remaining() * 1000);
      },
      Math.max(0, wait * 1000 - 2),
    );
  }

  /** Let the other element play; the one before sounds until its end. */
  private advance(end: number): void {
    [this.active, this.spare] = [this.spare, this.active];
    const { active } = this;
    const { source } = active;
    if (!source) return;
    this.spare.source = null; // its end and its errors do not count any more
    this.asked = false;
    this.question++;
    this.last = { position: 0, at: performance.now() };
    this.begin(active);
    this.events.advanced(source.key);
    this.report();
    const measure = (): void => {
      const time = active.element.currentTime;
      if (active.source !== source || !this.wanted) return;
      if (time === 0) {
        setTimeout(measure, 4);
        return;
      }
      const gap = (performance.now() - time * 1000 - end) / 1000;
      this.gaps.push(gap);
      if (Math.abs(gap) < 1) this.lead = Math.min(MAX_LEAD, Math.max(0, this.lead + gap / 3));
    };
    measure();
  }

  private onEnded(deck: Deck): void {
    const { source } = deck;
    if (deck !== this.active || !source) return;
    this.tick();
    if (this.spare.source && this.spare.element.readyState > 0) {
      clearTimeout(this.start);
      this.start = undefined;
      this.advance(performance.now());
      return;
    }
    this.forgetNext();
    this.events.ended(source.key);
  }

  private onError(deck: Deck): void {
    const { source, element } = deck;
    if (!source || !element.error) return;
    const network = element.error.code === MediaError.MEDIA_ERR_NETWORK;
    if (source.transcode === null && !network) {
      const at = deck === this.active ? this.last.position : 0;
      this.put(deck, { ...source, transcode: transcoding() }, at);
      if (deck === this.active && this.wanted) this.begin(deck);
    } else if (deck === this.active) {
      this.pause();
      this.events.failed(source.key, network);
    } else this.empty(deck);
  }

  private stopTimers(): void {
    clearInterval(this.ticker);
    clearTimeout(this.start);
    this.ticker = this.start = undefined;
  }

  private report(): void {
    const { element } = this.active;
    // the browser pauses an element when another program takes the sound, or the headphones are unplugged
    if (this.wanted && element.paused && !element.ended && !element.error && element.readyState >= HAVE_FUTURE_DATA) {
      queueMicrotask(() => this.wanted && this.active.element.paused && !this.active.element.ended && this.pause());
    }
    this.events.state(this.wanted, this.wanted && element.readyState < HAVE_FUTURE_DATA);
  }
}

/** Whether an element has a stream without a known end, in which it cannot seek. */
const isEndless = (element: HTMLAudioElement): boolean => element.readyState > 0 && !Number.isFinite(element.duration);
