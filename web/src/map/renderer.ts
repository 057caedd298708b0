/**
 * Draws points into the pixels of a canvas. Squares and discs of a few pixels are written into an array, which is faster
 * than WebGL where that is computed in software, needs no graphics driver, and takes a few milliseconds for 100,000
 * points anywhere.
 */
import type { Camera, Size } from './camera';
import { fitScale } from './camera';
import type { MapPoints } from './points';

const FADED_ALPHA = 0x38; // of points that are not highlighted

export interface MapRenderer {
  /** The colour of each point as a pixel. */
  setColours(pixels: Uint32Array): void;
  /** The points to show in full colour; null is all. */
  setHighlight(points: ReadonlySet<number> | null): void;
  /** The size in CSS pixels, and the pixels of the screen for each of them. */
  resize(size: Size, ratio: number): void;
  draw(camera: Camera): void;
}

/** Side of a point in CSS pixels: small where many are on the screen. */
export function pointSize(count: number, camera: Camera, size: Size): number {
  const zoom = camera.scale / fitScale(size);
  const base = Math.sqrt((0.25 * size.width * size.height) / Math.max(count, 1));
  return Math.min(Math.max(base * 0.5, 1.6), 6) * Math.min(Math.max(zoom ** 0.35, 0.8), 3);
}

/** Where the spans of a disc of a diameter in pixels begin and how long they are, row by row. */
export function discSpans(diameter: number): { row: number; start: number; length: number }[] {
  const radius = diameter / 2;
  return Array.from({ length: diameter }, (_, row) => {
    const height = row + 0.5 - radius;
    const half = Math.sqrt(Math.max(radius * radius - height * height, 0));
    const start = Math.round(radius - half);
    return { row, start, length: Math.max(diameter - 2 * start, 1) };
  });
}

/** A pseudo-random order that is always the same, so that no genre covers the others. */
export function mixedOrder(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  let state = 1;
  for (let i = count - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = state % (i + 1);
    const kept = order[i] ?? 0;
    order[i] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}

export function createMapRenderer(canvas: HTMLCanvasElement, points: MapPoints): MapRenderer {
  const context = canvas.getContext('2d', { willReadFrequently: true }); // its pixels stay in memory
  if (!context) throw new Error('the browser has no canvas');
  // Copies in drawing order: memory is then read from the beginning to the end.
  const order = mixedOrder(points.count);
  const x = Float32Array.from(order, (i) => points.x[i] ?? 0);
  const y = Float32Array.from(order, (i) => points.y[i] ?? 0);
  let colours = new Uint32Array(points.count);
  let highlight: ReadonlySet<number> | null = null;
  let shown = new Uint32Array(points.count);
  let size: Size = { width: 1, height: 1 };
  let ratio = 1;
  let image = new ImageData(1, 1);
  let pixels = new Uint32Array(image.data.buffer);

  const update = (): void => {
    shown = Uint32Array.from(order, (i) => {
      const colour = colours[i] ?? 0;
      return highlight && !highlight.has(i) ? ((colour & 0xffffff) | (FADED_ALPHA << 24)) >>> 0 : colour;
    });
  };

  const pass = (camera: Camera, only: boolean | null): void => {
    const { width, height } = image;
    const scale = camera.scale * ratio;
    const diameter = Math.max(Math.round(pointSize(points.count, camera, size) * ratio), 1);
    const spans = discSpans(diameter);
    const left = width / 2 - camera.x * scale - diameter / 2;
    const top = height / 2 + camera.y * scale - diameter / 2;
    for (let i = 0; i < shown.length; i++) {
      const column = ((x[i] as number) * scale + left + 0.5) | 0;
      const row = (top - (y[i] as number) * scale + 0.5) | 0;
      // A point on the edge is left out: the edge of the screen is no place to look at.
      if (column < 0 || row < 0 || column + diameter > width || row + diameter > height) continue;
      const colour = shown[i] as number;
      if (only !== null && (colour >>> 24 === 0xff) !== only) continue;
      for (const span of spans) {
        const start = (row + span.row) * width + column + span.start;
        for (let each = start; each < start + span.length; each++) pixels[each] = colour;
      }
    }
  };

  return {
    setColours(next) {
      colours = Uint32Array.from(next);
      update();
    },
    setHighlight(next) {
      highlight = next;
      update();
    },
    resize(next, nextRatio) {
      size = next;
      ratio = nextRatio;
      canvas.width = Math.max(Math.round(next.width * ratio), 1);
      canvas.height = Math.max(Math.round(next.height * ratio), 1);
      image = new ImageData(canvas.width, canvas.height);
      pixels = new Uint32Array(image.data.buffer);
    },
    draw(camera) {
      pixels.fill(0);
      if (highlight) {
        pass(camera, false);
        pass(camera, true);
      } else pass(camera, null);
      context.putImageData(image, 0, 0);
    },
  };
}
