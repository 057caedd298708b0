import { describe, expect, it } from 'vitest';
import { extentOf, fitScale, fitted, pannedBy, toMap, toScreen, zoomedAt, type Size } from './camera';
import { between, colourPoints, pixelOf } from './colours';
import { isInside, PointGrid } from './grid';
import { decodePoints, NO_GENRE, type MapPoints } from './points';
import { discSpans, mixedOrder, pointSize } from './renderer';

const SIZE: Size = { width: 800, height: 600 };

function random(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  });
}

function pointsOf(count: number, values: Partial<MapPoints> = {}): MapPoints {
  return {
    count,
    ids: Int32Array.from({ length: count }, (_, i) => i + 1),
    x: random(count, 1),
    y: random(count, 2),
    years: new Uint16Array(count),
    bpms: new Float32Array(count).fill(NaN),
    loudnesses: new Float32Array(count).fill(NaN),
    genres: new Uint16Array(count).fill(NO_GENRE),
    ...values,
  };
}

describe('points', () => {
  it('are columns one after the other, also where a column is not aligned', () => {
    const view = new DataView(new ArrayBuffer(3 * 24));
    [7, 8, 100_000].forEach((id, i) => {
      view.setInt32(4 * i, id, true);
      view.setFloat32(12 + 4 * i, 0.25 * i, true);
      view.setFloat32(24 + 4 * i, -0.25 * i, true);
      view.setUint16(36 + 2 * i, 1990 + i, true);
      view.setFloat32(42 + 4 * i, i === 0 ? NaN : 120, true);
      view.setFloat32(54 + 4 * i, -14, true);
      view.setUint16(66 + 2 * i, i === 2 ? NO_GENRE : i, true);
    });
    const points = decodePoints(view.buffer);
    expect([...points.ids]).toEqual([7, 8, 100_000]);
    expect([...points.x]).toEqual([0, 0.25, 0.5]);
    expect([...points.y]).toEqual([-0, -0.25, -0.5]);
    expect([...points.years]).toEqual([1990, 1991, 1992]);
    expect([...points.bpms]).toEqual([NaN, 120, 120]);
    expect([...points.loudnesses]).toEqual([-14, -14, -14]);
    expect([...points.genres]).toEqual([0, 1, NO_GENRE]);
  });

  it('are refused if they are cut off', () => {
    expect(() => decodePoints(new ArrayBuffer(25))).toThrow('25 bytes');
  });
});

describe('camera', () => {
  it('shows the whole map at first', () => {
    const camera = fitted(SIZE);
    for (const place of [
      { x: -1, y: -1 },
      { x: 1, y: 1 },
    ]) {
      const pixel = toScreen(camera, SIZE, place);
      expect(pixel.x).toBeGreaterThan(0);
      expect(pixel.x).toBeLessThan(SIZE.width);
      expect(pixel.y).toBeGreaterThan(0);
      expect(pixel.y).toBeLessThan(SIZE.height);
    }
    expect(toScreen(camera, SIZE, { x: 0, y: 1 }).y).toBeLessThan(SIZE.height / 2); // y is upwards
  });

  it('fits the points into a screen of any shape', () => {
    const extent = extentOf(Float32Array.of(-0.9, 0.5, 0), Float32Array.of(0.1, 0.3, 0.2));
    expect(extent.left).toBeCloseTo(-0.9, 6);
    const camera = fitted(SIZE, extent);
    const corner = toScreen(camera, SIZE, { x: extent.right, y: extent.top });
    expect(corner.x).toBeCloseTo(SIZE.width * 0.97, 6);
    expect(corner.y).toBeGreaterThan(0);
    const centre = toScreen(camera, SIZE, { x: -0.2, y: 0.2 });
    expect(centre.x).toBeCloseTo(400, 4);
    expect(centre.y).toBeCloseTo(300, 4);
  });

  it('keeps the place under the pointer while it zooms', () => {
    const pixel = { x: 500, y: 200 };
    const before = toMap(fitted(SIZE), SIZE, pixel);
    const after = toMap(zoomedAt(fitted(SIZE), SIZE, pixel, 3), SIZE, pixel);
    expect(after.x).toBeCloseTo(before.x, 6);
    expect(after.y).toBeCloseTo(before.y, 6);
  });

  it('moves with the pointer, and its middle stays on the map', () => {
    const camera = zoomedAt(fitted(SIZE), SIZE, { x: 400, y: 300 }, 4);
    const place = toMap(camera, SIZE, { x: 100, y: 100 });
    const moved = toScreen(pannedBy(camera, 30, -20), SIZE, place);
    expect([moved.x, moved.y]).toEqual([expect.closeTo(130, 6), expect.closeTo(80, 6)]);
    const far = pannedBy(camera, 1e9, -1e9);
    expect([far.x, far.y]).toEqual([-1, -1]);
  });

  it('has a smallest and a largest zoom', () => {
    const pixel = { x: 0, y: 0 };
    expect(zoomedAt(fitted(SIZE), SIZE, pixel, 1e-9).scale).toBe(fitScale(SIZE) / 2);
    expect(zoomedAt(fitted(SIZE), SIZE, pixel, 1e9).scale).toBe(fitScale(SIZE) * 400);
  });
});

describe('grid', () => {
  const [x, y] = [random(3000, 5), random(3000, 6)];
  const grid = new PointGrid(x, y);
  const all = Array.from(x, (_, i) => i);

  it('finds the nearest point, as a comparison with all does', () => {
    const [columns, rows] = [random(200, 7), random(200, 8)];
    columns.forEach((column, i) => {
      const place = { x: column, y: rows[i] ?? 0 };
      const distance = (point: number): number => Math.hypot((x[point] ?? 0) - place.x, (y[point] ?? 0) - place.y);
      const best = all.reduce((one, other) => (distance(other) < distance(one) ? other : one));
      expect(grid.nearest(place, 0.02)).toBe(distance(best) <= 0.02 ? best : -1);
      expect(grid.nearest(place, 2)).toBe(best);
    });
  });

  it('finds the points in a box and in a polygon', () => {
    const box = { left: -0.3, right: 0.2, bottom: 0.1, top: 0.9 };
    const expected = all.filter((i) => {
      const [px, py] = [x[i] ?? 0, y[i] ?? 0];
      return px >= box.left && px <= box.right && py >= box.bottom && py <= box.top;
    });
    expect(grid.within(box).sort((a, b) => a - b)).toEqual(expected);
    expect(grid.within(box, 5)).toHaveLength(5);
    const corners = [
      { x: -0.3, y: 0.1 },
      { x: 0.2, y: 0.1 },
      { x: 0.2, y: 0.9 },
      { x: -0.3, y: 0.9 },
    ];
    expect(grid.inside(corners).sort((a, b) => a - b)).toEqual(expected);
    expect(grid.inside(corners.slice(0, 2))).toEqual([]);
  });

  it('works without points and with points on the edges', () => {
    expect(new PointGrid(new Float32Array(0), new Float32Array(0)).nearest({ x: 0, y: 0 }, 1)).toBe(-1);
    const edges = new PointGrid(Float32Array.of(-1, 1), Float32Array.of(1, -1));
    expect(edges.nearest({ x: 0.99, y: -0.99 }, 0.1)).toBe(1);
    expect(edges.within({ left: -9, right: 9, bottom: -9, top: 9 })).toHaveLength(2);
  });
});

describe('lasso', () => {
  it('follows a line that is not convex', () => {
    const u = [
      [0, 0],
      [3, 0],
      [3, 3],
      [2, 3],
      [2, 1],
      [1, 1],
      [1, 3],
      [0, 3],
    ].map(([px, py]) => ({ x: px ?? 0, y: py ?? 0 }));
    expect(isInside(u, 0.5, 2)).toBe(true);
    expect(isInside(u, 2.5, 2)).toBe(true);
    expect(isInside(u, 1.5, 2)).toBe(false);
    expect(isInside(u, 1.5, 0.5)).toBe(true);
    expect(isInside(u, 4, 0.5)).toBe(false);
  });
});

describe('colours', () => {
  it('are pixels of ImageData', () => {
    expect(pixelOf('#102030')).toBe(0xff302010);
  });

  it('give the most frequent genres a colour of their own, and the others one together', () => {
    const genres = Array.from({ length: 12 }, (_, i) => `g${i}`);
    const members = genres.flatMap((_, genre) => Array.from({ length: genre + 1 }, () => genre));
    const points = pointsOf(members.length + 1, { genres: Uint16Array.from([...members, NO_GENRE]) });
    const { pixels, legend } = colourPoints(points, genres, 'genre', false);
    expect(legend.genres.map((each) => each.name)).toEqual(['g11', 'g10', 'g9', 'g8', 'g7', 'g6', 'g5', 'g4', 'g3']);
    expect(legend.genres[0]?.count).toBe(12);
    expect(new Set(legend.genres.map((each) => each.colour)).size).toBe(9);
    expect(pixels[members.indexOf(11)]).toBe(pixelOf(legend.genres[0]?.colour ?? ''));
    expect(pixels[0]).toBe(pixelOf(legend.other));
    expect(pixels.at(-1)).toBe(pixelOf(legend.other));
  });

  it('are a scale between the usual values of a number', () => {
    const bpms = Float32Array.from({ length: 101 }, (_, i) => (i === 100 ? NaN : 60 + i));
    bpms[0] = 900; // an outlier does not stretch the scale
    const { pixels, legend } = colourPoints(pointsOf(101, { bpms }), [], 'tempo', true);
    const [low, high] = legend.range ?? [0, 0];
    expect(low).toBeGreaterThanOrEqual(61);
    expect(high).toBeLessThan(160);
    expect(pixels[100]).toBe(pixelOf(legend.other));
    expect(pixels[0]).toBe(pixelOf(legend.gradient.at(-1) ?? ''));
    expect(pixels[1]).toBe(pixelOf(legend.gradient[0] ?? ''));
  });

  it('are those of no value where no track has one', () => {
    const { pixels, legend } = colourPoints(pointsOf(3), [], 'year', false);
    expect(legend.range).toBeNull();
    expect(new Set(pixels)).toEqual(new Set([pixelOf(legend.other)]));
  });

  it('change steadily between those of a gradient', () => {
    expect(between(['#000000', '#ffffff'], 0)).toBe('#000000');
    expect(between(['#000000', '#ffffff'], 1)).toBe('#ffffff');
    expect(between(['#000000', '#102030', '#ffffff'], 0.25)).toBe('#081018');
  });
});

describe('renderer', () => {
  it('draws symmetric discs', () => {
    expect(discSpans(1)).toEqual([{ row: 0, start: 0, length: 1 }]);
    for (const diameter of [2, 3, 5, 8]) {
      const spans = discSpans(diameter);
      expect(spans.map((span) => span.length)).toEqual(spans.map((span) => span.length).reverse());
      for (const span of spans) expect(2 * span.start + span.length).toBe(diameter);
    }
  });

  it('draws every point once', () => {
    const order = mixedOrder(1000);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect([...order]).not.toEqual([...order].sort((a, b) => a - b));
  });

  it('draws smaller points where there are more, and larger ones where the map is closer', () => {
    const camera = fitted(SIZE);
    expect(pointSize(100_000, camera, SIZE)).toBeLessThan(pointSize(1000, camera, SIZE));
    expect(pointSize(100_000, { ...camera, scale: camera.scale * 10 }, SIZE)).toBeGreaterThan(
      pointSize(100_000, camera, SIZE),
    );
  });
});
