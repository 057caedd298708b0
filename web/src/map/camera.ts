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

/** The whole map. */
export const fitted = (size: Size): Camera => ({ x: 0, y: 0, scale: fitScale(size) });

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
