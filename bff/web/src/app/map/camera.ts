import type { GeoBoxInput } from '../graph/generated';
import { decimals } from '../parts/numbers';

/** What part of the world is looked at: the middle on the square map of the world (0 to 1 along each side), and how closely. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  /** At 0 the world is 256 pixels wide; each step doubles it. */
  readonly zoom: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

const TILE_PIXELS = 256;
const LEAST_ZOOM = 1;
const MOST_ZOOM = 19;
/** What one device, or all at one place, are looked at with. */
const CLOSE_ZOOM = 15;
const EDGE_DEGREES = 85.05;
const CELL_PIXELS = 60;
const MOST_CELLS = 40;

export const WHOLE_WORLD: Camera = { x: 0.5, y: 0.4, zoom: 1.5 };

export function worldOf(latitude: number, longitude: number): Point {
  const radians = (Math.max(-EDGE_DEGREES, Math.min(EDGE_DEGREES, latitude)) * Math.PI) / 180;
  return { x: (longitude + 180) / 360, y: (1 - Math.asinh(Math.tan(radians)) / Math.PI) / 2 };
}

export function degreesOf({ x, y }: Point): { latitude: number; longitude: number } {
  return { latitude: (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI, longitude: x * 360 - 180 };
}

/** Return how many pixels the world is wide. */
export function scaleOf(camera: Camera): number {
  return TILE_PIXELS * 2 ** camera.zoom;
}

export function screenOf(camera: Camera, size: Size, at: Point): Point {
  const scale = scaleOf(camera);
  return { x: size.width / 2 + (at.x - camera.x) * scale, y: size.height / 2 + (at.y - camera.y) * scale };
}

export function worldAt(camera: Camera, size: Size, at: Point): Point {
  const scale = scaleOf(camera);
  return { x: camera.x + (at.x - size.width / 2) / scale, y: camera.y + (at.y - size.height / 2) / scale };
}

export function moved(camera: Camera, across: number, down: number): Camera {
  const scale = scaleOf(camera);
  return kept({ ...camera, x: camera.x - across / scale, y: camera.y - down / scale });
}

/** Return the camera after zooming by `steps`, with what is under `at` staying under it. */
export function zoomed(camera: Camera, size: Size, at: Point, steps: number): Camera {
  const under = worldAt(camera, size, at);
  const zoom = Math.max(LEAST_ZOOM, Math.min(MOST_ZOOM, camera.zoom + steps));
  const there = worldAt({ ...camera, zoom }, size, at);
  return kept({ zoom, x: camera.x + under.x - there.x, y: camera.y + under.y - there.y });
}

/** Return the camera that sees the whole box, with some room around it. */
export function fitted(box: GeoBoxInput, size: Size): Camera {
  const from = worldOf(box.north, box.west);
  const to = worldOf(box.south, box.east);
  const room = Math.max(40, Math.min(size.width, size.height) * 0.12);
  const across = Math.max(size.width - 2 * room, 50) / Math.max(to.x - from.x, 1e-9);
  const down = Math.max(size.height - 2 * room, 50) / Math.max(to.y - from.y, 1e-9);
  const zoom = Math.log2(Math.min(across, down) / TILE_PIXELS);
  return kept({ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2, zoom: Math.max(LEAST_ZOOM, Math.min(CLOSE_ZOOM, zoom)) });
}

/** Return the part of the world that is seen. */
export function seenBox(camera: Camera, size: Size): GeoBoxInput {
  return boxBetween(worldAt(camera, size, { x: 0, y: 0 }), worldAt(camera, size, { x: size.width, y: size.height }));
}

/** Return the box with two corners, wherever they lie to each other. */
export function boxBetween(one: Point, other: Point): GeoBoxInput {
  const northWest = degreesOf({ x: within(Math.min(one.x, other.x)), y: within(Math.min(one.y, other.y)) });
  const southEast = degreesOf({ x: within(Math.max(one.x, other.x)), y: within(Math.max(one.y, other.y)) });
  return { south: southEast.latitude, west: northWest.longitude, north: northWest.latitude, east: southEast.longitude };
}

/** Return what is asked of the register for a camera: the box, and about how many cells along its longer side. */
export function question(camera: Camera, size: Size): { box: GeoBoxInput; cells: number } {
  return { box: seenBox(camera, size), cells: cellsOf(size) };
}

export function cellsOf(size: Size): number {
  return Math.max(4, Math.min(MOST_CELLS, Math.round(Math.max(size.width, size.height) / CELL_PIXELS)));
}

export function cameraText(camera: Camera): string {
  const { latitude, longitude } = degreesOf(camera);
  return [latitude.toFixed(5), longitude.toFixed(5), camera.zoom.toFixed(2)].map((text) => String(Number(text))).join(',');
}

/** Read a camera from an address; null for none, and for what is none. */
export function readCamera(text: string | null): Camera | null {
  const numbers = decimals(text, 3);
  if (!numbers) return null;
  const [latitude = 0, longitude = 0, zoom = 0] = numbers;
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180 || zoom < LEAST_ZOOM || zoom > MOST_ZOOM) return null;
  return { ...worldOf(latitude, longitude), zoom };
}

function kept(camera: Camera): Camera {
  return { ...camera, x: within(camera.x), y: within(camera.y) };
}

function within(side: number): number {
  return Math.max(0, Math.min(1, side));
}
