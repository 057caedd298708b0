/** The geometry of energy curves: where the target lies, and where the tracks of a list are. */
import type { PlaylistRequestRecord } from '../../api/records';

export type Curve = NonNullable<PlaylistRequestRecord['energy_curve']>;
export const CURVES: readonly Curve[] = ['rising', 'falling', 'arc', 'flat'];

/** The values of the tracks sorted into the shape of the curve, as the server aims at them; "flat" is their mean. */
export function target(values: readonly number[], curve: Curve): number[] {
  const sorted = [...values].sort((one, other) => one - other);
  if (curve === 'rising') return sorted;
  if (curve === 'falling') return sorted.reverse();
  if (curve === 'flat') {
    const mean = sorted.reduce((sum, each) => sum + each, 0) / Math.max(1, sorted.length);
    return sorted.map(() => mean);
  }
  const up = sorted.filter((_, index) => index % 2 === 0);
  const down = sorted.filter((_, index) => index % 2 === 1);
  return [...up, ...down.reverse()];
}

export interface Point {
  x: number;
  y: number;
}

/** Points in a box, from left to right; 1 is at the top. A margin keeps dots inside. */
export function place(values: readonly (number | null)[], width: number, height: number, margin = 8): (Point | null)[] {
  const step = values.length > 1 ? (width - 2 * margin) / (values.length - 1) : 0;
  return values.map((value, index) =>
    value === null
      ? null
      : {
          x: values.length > 1 ? margin + index * step : width / 2,
          y: margin + (1 - value) * (height - 2 * margin),
        },
  );
}

/** A smooth line through points, as the path of an SVG: tangents half a step long keep it from overshooting. */
export function line(points: readonly Point[]): string {
  const parts: string[] = [];
  for (const [index, point] of points.entries()) {
    const before = points[index - 1];
    if (!before) parts.push(`M${round(point.x)} ${round(point.y)}`);
    else {
      const middle = (before.x + point.x) / 2;
      parts.push(
        `C${round(middle)} ${round(before.y)} ${round(middle)} ${round(point.y)} ${round(point.x)} ${round(point.y)}`,
      );
    }
  }
  return parts.join('');
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** The drawing of a choice: the shape alone. */
const SHAPES: Record<Curve, readonly number[]> = {
  rising: [0.05, 0.3, 0.7, 0.95],
  falling: [0.95, 0.7, 0.3, 0.05],
  arc: [0.05, 0.7, 0.95, 0.7, 0.05],
  flat: [0.5, 0.5, 0.5],
};

export const shape = (curve: Curve, width: number, height: number): string =>
  line(place(SHAPES[curve], width, height, 4).filter((each) => each !== null));
