/** The map on the screen: points, labels, and what a pointer, fingers or keys do with them. */
import type { Ref } from 'preact';
import { forwardRef } from 'preact/compat';
import { useEffect, useImperativeHandle, useMemo, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { needRows, row } from '../state/rows';
import { extentOf, fitted, pannedBy, toMap, toScreen, zoomedAt, type Camera, type Place, type Size } from './camera';
import { PointGrid } from './grid';
import type { MapPoints } from './points';
import { createMapRenderer, type MapRenderer } from './renderer';

export interface MapLabel extends Place {
  text: string;
  tracks: number;
}

export interface MapHandle {
  zoom(factor: number): void;
  fit(): void;
  /** The points on the screen, at most `limit`. */
  visible(limit: number): number[];
}

interface MapCanvasProperties {
  points: MapPoints;
  labels: readonly MapLabel[];
  pixels: Uint32Array;
  /** points in full colour; null is all */
  highlight: ReadonlySet<number> | null;
  /** ids of tracks that a line leads through, in order */
  way: readonly number[];
  lasso: boolean;
  onPick: (id: number) => void;
  onMenu: (id: number, at: Place) => void;
  onLasso: (points: number[]) => void;
  /** the part of the map on the screen has changed */
  onMove: () => void;
}

const PICK_RADIUS = 14; // pixels
const CLICK_DISTANCE = 4; // pixels that a click may move
const WHEEL = 0.0016;
const STEP = 80; // pixels that an arrow key moves the map
const MAX_RATIO = 2; // pixels of the canvas for one of CSS: more are not visible in points

function MapCanvasBody(properties: MapCanvasProperties, handle: Ref<MapHandle>) {
  const { points, labels, pixels, highlight, way, lasso, onPick, onMenu, onLasso, onMove } = properties;
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const renderer = useRef<MapRenderer | null>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  const [camera, setCamera] = useState<Camera>({ x: 0, y: 0, scale: 1 });
  const [hovered, setHovered] = useState(-1);
  const [outline, setOutline] = useState<readonly Place[]>([]);
  const pointers = useRef(new Map<number, Place>());
  const travelled = useRef(0);
  const grid = useMemo(() => new PointGrid(points.x, points.y), [points]);
  const extent = useMemo(() => extentOf(points.x, points.y), [points]);
  const places = useMemo(() => new Map(Array.from(points.ids, (id, i) => [id, i])), [points]);
  const ready = size.width > 0;

  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => {
      const next = { width: element.clientWidth, height: element.clientHeight };
      if (next.width > 0 && next.height > 0) setSize(next);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // Layout of the canvas, colours, highlight and camera are drawn in one frame.
  const fresh = useRef(true);
  useEffect(() => {
    if (canvas.current) renderer.current = createMapRenderer(canvas.current, points);
  }, [points]);
  useEffect(() => renderer.current?.setColours(pixels), [pixels, points]);
  useEffect(() => renderer.current?.setHighlight(highlight), [highlight, points]);
  useEffect(() => {
    if (!ready) return;
    renderer.current?.resize(size, Math.min(devicePixelRatio, MAX_RATIO));
    if (fresh.current) setCamera(fitted(size, extent));
    fresh.current = false;
  }, [size, points, ready, extent]);
  useEffect(() => {
    if (!ready) return undefined;
    const request = requestAnimationFrame(() => renderer.current?.draw(camera));
    return () => cancelAnimationFrame(request);
  }, [camera, pixels, highlight, size, points, ready]);
  useEffect(onMove, [camera, size, onMove]);

  const middle = { x: size.width / 2, y: size.height / 2 };
  useImperativeHandle(
    handle,
    () => ({
      zoom: (factor) =>
        setCamera((before) => zoomedAt(before, size, { x: size.width / 2, y: size.height / 2 }, factor)),
      fit: () => setCamera(fitted(size, extent)),
      visible(limit) {
        const low = toMap(camera, size, { x: 0, y: size.height });
        const high = toMap(camera, size, { x: size.width, y: 0 });
        return grid.within({ left: low.x, right: high.x, bottom: low.y, top: high.y }, limit);
      },
    }),
    [camera, size, grid, extent],
  );

  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault(); // needs a listener that is not passive
      const factor = Math.exp(-event.deltaY * (event.deltaMode === 1 ? 20 : 1) * WHEEL);
      setCamera((before) => zoomedAt(before, size, pixelOf(element, event), factor));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [size]);

  const at = (pixel: Place): number => grid.nearest(toMap(camera, size, pixel), PICK_RADIUS / camera.scale);

  const onPointerDown = (event: PointerEvent): void => {
    const element = frame.current;
    if (!element || event.button !== 0) return;
    const pixel = pixelOf(element, event);
    element.setPointerCapture(event.pointerId);
    pointers.current.set(event.pointerId, pixel);
    travelled.current = pointers.current.size > 1 ? Infinity : 0;
    setHovered(-1);
    if (lasso) setOutline([pixel]);
  };

  const onPointerMove = (event: PointerEvent): void => {
    const element = frame.current;
    if (!element) return;
    const pixel = pixelOf(element, event);
    const before = pointers.current.get(event.pointerId);
    if (!before) {
      if (event.pointerType === 'mouse' && !lasso) hover(at(pixel));
      return;
    }
    const [dx, dy] = [pixel.x - before.x, pixel.y - before.y];
    travelled.current += Math.hypot(dx, dy);
    if (lasso) {
      setOutline((line) => [...line, pixel]);
    } else {
      const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
      if (other) {
        const factor = distance(pixel, other) / Math.max(distance(before, other), 1);
        const centre = { x: (pixel.x + other.x) / 2, y: (pixel.y + other.y) / 2 };
        setCamera((now) => zoomedAt(pannedBy(now, dx / 2, dy / 2), size, centre, factor));
      } else if (travelled.current > CLICK_DISTANCE) setCamera((now) => pannedBy(now, dx, dy));
    }
    pointers.current.set(event.pointerId, pixel);
  };

  const onPointerUp = (event: PointerEvent): void => {
    const element = frame.current;
    if (!pointers.current.delete(event.pointerId) || !element) return;
    if (lasso) {
      if (outline.length > 2) onLasso(grid.inside(outline.map((pixel) => toMap(camera, size, pixel))));
      setOutline([]);
    } else if (travelled.current <= CLICK_DISTANCE) {
      const point = at(pixelOf(element, event));
      if (point >= 0) onPick(points.ids[point] ?? 0);
    }
  };

  const hover = (point: number): void => {
    setHovered(point);
    if (point >= 0) needRows([points.ids[point] ?? 0]);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const actions: Record<string, () => void> = {
      '+': () => setCamera((now) => zoomedAt(now, size, middle, 1.4)),
      '=': () => setCamera((now) => zoomedAt(now, size, middle, 1.4)),
      '-': () => setCamera((now) => zoomedAt(now, size, middle, 1 / 1.4)),
      '0': () => setCamera(fitted(size, extent)),
      ArrowLeft: () => setCamera((now) => pannedBy(now, STEP, 0)),
      ArrowRight: () => setCamera((now) => pannedBy(now, -STEP, 0)),
      ArrowUp: () => setCamera((now) => pannedBy(now, 0, STEP)),
      ArrowDown: () => setCamera((now) => pannedBy(now, 0, -STEP)),
      Escape: () => setOutline([]),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };

  const steps = way.map((id) => places.get(id)).filter((point) => point !== undefined);
  const screen = (point: number): Place => toScreen(camera, size, { x: points.x[point] ?? 0, y: points.y[point] ?? 0 });
  const line = steps.map(screen);
  const spot = hovered >= 0 && hovered < points.count ? screen(hovered) : null;
  const track = spot ? row(points.ids[hovered] ?? 0) : undefined;
  return (
    <div
      ref={frame}
      class={`map-frame ${lasso ? 'map-lasso' : spot ? 'map-over' : ''}`}
      role="application"
      aria-label={t('map-keys')}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={onPointerUp}
      onPointerLeave={() => setHovered(-1)}
      onKeyDown={onKeyDown}
      onContextMenu={(event) => {
        const element = frame.current;
        const point = element ? at(pixelOf(element, event)) : -1;
        if (point < 0) return;
        event.preventDefault();
        onMenu(points.ids[point] ?? 0, { x: event.clientX, y: event.clientY });
      }}
    >
      <canvas ref={canvas} aria-hidden="true" />
      <svg class="map-lines" aria-hidden="true">
        {line.length > 1 && <polyline class="map-way" points={text(line)} />}
        {line.length < 400 &&
          line.map((place, i) => <circle key={i} class="map-step" cx={place.x} cy={place.y} r={5} />)}
        {outline.length > 1 && <polygon class="map-outline" points={text(outline)} />}
        {spot && <circle class="map-ring" cx={spot.x} cy={spot.y} r={8} />}
      </svg>
      <div class="map-labels" aria-hidden="true">
        {labels.map((label) => {
          const place = toScreen(camera, size, label);
          const outside = place.x < 0 || place.y < 0 || place.x > size.width || place.y > size.height;
          return outside ? null : (
            <span key={`${label.x} ${label.y}`} style={{ transform: `translate(${place.x}px, ${place.y}px)` }}>
              <bdi>{label.text}</bdi>
            </span>
          );
        })}
      </div>
      {spot && track && (
        <div
          class="map-tip"
          role="presentation"
          style={{
            insetInlineStart: 'auto',
            left: `${Math.min(spot.x + 14, Math.max(size.width - 240, 0))}px`,
            top: `${spot.y > size.height - 90 ? spot.y - 76 : spot.y + 14}px`,
          }}
        >
          <strong>
            <bdi>{track.title}</bdi>
          </strong>
          {track.artist && <bdi>{track.artist}</bdi>}
          <small class="muted">
            {[track.genre, track.year, track.bpm ? `${Math.round(track.bpm)} BPM` : null].filter(Boolean).join(' · ')}
          </small>
        </div>
      )}
    </div>
  );
}

export const MapCanvas = forwardRef<MapHandle, MapCanvasProperties>(MapCanvasBody);

const text = (line: readonly Place[]): string => line.map((place) => `${place.x},${place.y}`).join(' ');

const distance = (one: Place, other: Place): number => Math.hypot(one.x - other.x, one.y - other.y);

function pixelOf(element: HTMLElement, event: MouseEvent): Place {
  const box = element.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}
