/** Points by cells of a grid, so that those near a place are found without comparing all. */
import type { Place } from './camera';

export interface Box {
  left: number;
  right: number;
  bottom: number;
  top: number;
}

const PER_CELL = 4; // points, on average

export class PointGrid {
  readonly #side: number;
  readonly #starts: Uint32Array;
  readonly #points: Uint32Array;
  readonly #x: Float32Array;
  readonly #y: Float32Array;

  /** `x` and `y` are in [-1, 1]. */
  constructor(x: Float32Array, y: Float32Array) {
    this.#x = x;
    this.#y = y;
    this.#side = Math.min(Math.max(Math.ceil(Math.sqrt(x.length / PER_CELL)), 1), 1024);
    const cells = new Uint32Array(x.length);
    const starts = new Uint32Array(this.#side * this.#side + 1);
    for (let i = 0; i < x.length; i++) {
      const cell = this.#index(y[i] ?? 0) * this.#side + this.#index(x[i] ?? 0);
      cells[i] = cell;
      starts[cell + 1] = (starts[cell + 1] ?? 0) + 1;
    }
    for (let cell = 0; cell + 1 < starts.length; cell++)
      starts[cell + 1] = (starts[cell + 1] ?? 0) + (starts[cell] ?? 0);
    const next = starts.slice();
    this.#points = new Uint32Array(x.length);
    for (let i = 0; i < x.length; i++) {
      const cell = cells[i] ?? 0;
      const slot = next[cell] ?? 0;
      this.#points[slot] = i;
      next[cell] = slot + 1;
    }
    this.#starts = starts;
  }

  #index(value: number): number {
    return Math.min(Math.max(Math.floor(((value + 1) / 2) * this.#side), 0), this.#side - 1);
  }

  /** Call `visit` with every point in the cells of a box, and some around it. */
  #visit(box: Box, visit: (point: number) => void): void {
    const first = this.#index(box.left);
    const last = this.#index(box.right);
    const bottom = this.#index(box.bottom);
    const top = this.#index(box.top);
    for (let row = bottom; row <= top; row++) {
      const from = this.#starts[row * this.#side + first] ?? 0;
      const to = this.#starts[row * this.#side + last + 1] ?? 0;
      for (let slot = from; slot < to; slot++) visit(this.#points[slot] ?? 0);
    }
  }

  /** The point nearest to a place, at most `radius` away; -1 is none. */
  nearest(place: Place, radius: number): number {
    let found = -1;
    let best = radius * radius;
    const box = { left: place.x - radius, right: place.x + radius, bottom: place.y - radius, top: place.y + radius };
    this.#visit(box, (point) => {
      const dx = (this.#x[point] ?? 0) - place.x;
      const dy = (this.#y[point] ?? 0) - place.y;
      const distance = dx * dx + dy * dy;
      if (distance <= best) {
        best = distance;
        found = point;
      }
    });
    return found;
  }

  /** The points in a box, at most `limit`. */
  within(box: Box, limit = Infinity): number[] {
    const found: number[] = [];
    this.#visit(box, (point) => {
      const x = this.#x[point] ?? 0;
      const y = this.#y[point] ?? 0;
      const inside = x >= box.left && x <= box.right && y >= box.bottom && y <= box.top;
      if (inside && found.length < limit) found.push(point);
    });
    return found;
  }

  /** The points inside a polygon. */
  inside(polygon: readonly Place[]): number[] {
    if (polygon.length < 3) return [];
    const xs = polygon.map((corner) => corner.x);
    const ys = polygon.map((corner) => corner.y);
    const box = { left: Math.min(...xs), right: Math.max(...xs), bottom: Math.min(...ys), top: Math.max(...ys) };
    return this.within(box).filter((point) => isInside(polygon, this.#x[point] ?? 0, this.#y[point] ?? 0));
  }
}

/** Whether a place is in a polygon, by the number of its edges to the right of it (even-odd rule). */
export function isInside(polygon: readonly Place[], x: number, y: number): boolean {
  let inside = false;
  let before = polygon.at(-1);
  for (const corner of polygon) {
    if (before && corner.y > y !== before.y > y) {
      const crossing = before.x + ((y - before.y) / (corner.y - before.y)) * (corner.x - before.x);
      if (x < crossing) inside = !inside;
    }
    before = corner;
  }
  return inside;
}
