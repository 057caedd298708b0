/** Which part of the map is shown. The map is [-1, 1] by [-1, 1] with y upwards; the screen has y downwards. */

export interface Camera {
  /** The place in the middle of the screen. */
  x: number;
  y: number;
  /** Pixels of one unit of the map. */
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface Place {
  x: number;
  y: number;
}

const MARGIN = 0.94; // share of the screen that the whole map fills
const MAX_ZOOM = 400;

/** The part of the map in which the points are. */
export interface Extent {
  left: number;
  right: number;
  bottom: number;
  top: number;
}

const WHOLE: Extent = { left: -1, right: 1, bottom: -1, top: 1 };

/** Everything that is inside an extent. */
export function fitted(size: Size, extent: Extent = WHOLE): Camera {
  const scale = Math.min(
    size.width / Math.max(extent.right - extent.left, 0.1),
    size.height / Math.max(extent.top - extent.bottom, 0.1),
  );
  return { x: (extent.left + extent.right) / 2, y: (extent.bottom + extent.top) / 2, scale: scale * MARGIN };
}

/** The extent of points, of which there is at least one. */
export function extentOf(x: Float32Array, y: Float32Array): Extent {
  const found = { left: Infinity, right: -Infinity, bottom: Infinity, top: -Infinity };
  for (let i = 0; i < x.length; i++) {
    const [px, py] = [x[i] ?? 0, y[i] ?? 0];
    found.left = Math.min(found.left, px);
    found.right = Math.max(found.right, px);
    found.bottom = Math.min(found.bottom, py);
    found.top = Math.max(found.top, py);
  }
  return found;
}

/** The scale at which the whole map fits. */
export const fitScale = (size: Size): number => Math.max((Math.min(size.width, size.height) / 2) * MARGIN, 1);

export const toScreen = (camera: Camera, size: Size, place: Place): Place => ({
  x: (place.x - camera.x) * camera.scale + size.width / 2,
  y: (camera.y - place.y) * camera.scale + size.height / 2,
});

export const toMap = (camera: Camera, size: Size, pixel: Place): Place => ({
  x: (pixel.x - size.width / 2) / camera.scale + camera.x,
  y: camera.y - (pixel.y - size.height / 2) / camera.scale,
});

/** Zoom by a factor; what is under the pixel stays there. */
export function zoomedAt(camera: Camera, size: Size, pixel: Place, factor: number): Camera {
  const least = fitScale(size) / 2;
  const scale = Math.min(Math.max(camera.scale * factor, least), fitScale(size) * MAX_ZOOM);
  const under = toMap(camera, size, pixel);
  return limited({
    x: under.x - (pixel.x - size.width / 2) / scale,
    y: under.y + (pixel.y - size.height / 2) / scale,
    scale,
  });
}

/** Move the map with a pointer that moves by some pixels. */
export const pannedBy = (camera: Camera, dx: number, dy: number): Camera =>
  limited({ x: camera.x - dx / camera.scale, y: camera.y + dy / camera.scale, scale: camera.scale });

/** The middle of the screen stays on the map. */
const limited = (camera: Camera): Camera => ({
  x: Math.min(Math.max(camera.x, -1), 1),
  y: Math.min(Math.max(camera.y, -1), 1),
  scale: camera.scale,
});
