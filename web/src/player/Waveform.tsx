import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../api/client';
import { formatDuration, t } from '../i18n';

interface Peaks {
  peaks: number[];
  duration: number;
}

const KEPT = 50;
const COUNT = 400; // peaks; enough for the widest bar
const BAR = 3; // pixels with the space beside it
const STEP = 5; // seconds
const LONG_STEP = 30;

const cache = new Map<number, Promise<number[]>>();

/** The peaks of a track; none where the server has none. */
export function peaksOf(id: number): Promise<number[]> {
  const found = cache.get(id) ?? get<Peaks>(`peaks/${id}`, { n: COUNT }).then(({ peaks }) => peaks);
  cache.delete(id);
  cache.set(id, found);
  const [oldest] = cache.keys();
  if (cache.size > KEPT && oldest !== undefined) cache.delete(oldest);
  found.catch(() => cache.delete(id));
  return found;
}

/** `n` heights from 0 to 1: the highest of the peaks that fall on each. */
export function heights(peaks: readonly number[], n: number): number[] {
  return Array.from({ length: n }, (_, place) => {
    const from = Math.floor((place * peaks.length) / n);
    const to = Math.max(from + 1, Math.floor(((place + 1) * peaks.length) / n));
    return Math.max(0, ...peaks.slice(from, to));
  });
}

/** The position that a key leads to; null for another key. */
export function positionAfterKey(key: string, position: number, duration: number): number | null {
  const steps: Record<string, number> = {
    ArrowRight: STEP,
    ArrowUp: STEP,
    ArrowLeft: -STEP,
    ArrowDown: -STEP,
    PageUp: LONG_STEP,
    PageDown: -LONG_STEP,
    Home: -Infinity,
    End: Infinity,
  };
  const step = steps[key];
  return step === undefined ? null : Math.min(Math.max(position + step, 0), duration);
}

interface WaveformProperties {
  id: number;
  position: number;
  duration: number;
  onSeek: (position: number) => void;
}

/** The waveform of a track, with the position as a slider. Time goes from left to right in every language. */
export function Waveform({ id, position, duration, onSeek }: WaveformProperties) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [peaks, setPeaks] = useState<{ id: number; values: readonly number[] }>({ id, values: [] });
  const [width, setWidth] = useState(0);
  const [dragged, setDragged] = useState<number | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const shown = dragged ?? position;
  const values = peaks.id === id ? peaks.values : [];

  useEffect(() => {
    let stopped = false;
    peaksOf(id).then(
      (found) => !stopped && setPeaks({ id, values: found }),
      () => !stopped && setPeaks({ id, values: [] }),
    );
    return () => (stopped = true);
  }, [id]);

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    if (canvas.current) draw(canvas.current, values, duration > 0 ? shown / duration : 0);
  });

  const at = (event: PointerEvent): number => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) * duration;
  };
  return (
    <div
      class="waveform"
      dir="ltr"
      role="slider"
      tabIndex={0}
      aria-label={t('player-position')}
      aria-valuemin={0}
      aria-valuemax={Math.round(duration)}
      aria-valuenow={Math.round(Math.min(shown, duration))}
      aria-valuetext={t('player-position-text', {
        position: formatDuration(shown),
        duration: formatDuration(duration),
      })}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDragged(at(event));
      }}
      onPointerMove={(event) => {
        setHovered(event.pointerType === 'mouse' ? at(event) : null);
        if (dragged !== null) setDragged(at(event));
      }}
      onPointerUp={(event) => {
        if (dragged === null) return;
        onSeek(at(event));
        setDragged(null);
      }}
      onPointerCancel={() => setDragged(null)}
      onPointerLeave={() => setHovered(null)}
      onKeyDown={(event) => {
        const target = positionAfterKey(event.key, position, duration);
        if (target === null || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        onSeek(target);
      }}
    >
      <canvas ref={canvas} data-width={width} aria-hidden="true" />
      {hovered !== null && duration > 0 && (
        <output class="waveform-time" style={{ left: `${(hovered / duration) * 100}%` }} aria-hidden="true">
          {formatDuration(hovered)}
        </output>
      )}
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, peaks: readonly number[], played: number): void {
  const ratio = Math.min(devicePixelRatio || 1, 3);
  const { clientWidth: width, clientHeight: height } = canvas;
  const context = canvas.getContext('2d');
  if (!context || width === 0) return;
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const style = getComputedStyle(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const n = Math.max(1, Math.floor(width / BAR));
  const bars = peaks.length > 0 ? heights(peaks, n) : Array.from({ length: n }, () => 0);
  for (const [place, bar] of bars.entries()) {
    const high = Math.max(2, bar * (height - 2));
    context.fillStyle = (place + 0.5) / n <= played ? style.color : style.getPropertyValue('--unplayed');
    context.beginPath();
    context.roundRect(place * BAR, (height - high) / 2, BAR - 1, high, 1);
    context.fill();
  }
}
