import { degreesOf, scaleOf, worldAt } from './camera';
import type { Camera, Size } from './camera';

const LEAST_PIXELS = 140;
const BAR_PIXELS = 110;
const EARTH_METRES = 40_075_017;

/** Return the degrees at which lines are drawn, so far from each other that the map stays calm. */
export function gridOf(camera: Camera, size: Size): { step: number; meridians: readonly number[]; parallels: readonly number[] } {
  const step = round((360 * LEAST_PIXELS) / scaleOf(camera), 'up');
  const northWest = degreesOf(worldAt(camera, size, { x: 0, y: 0 }));
  const southEast = degreesOf(worldAt(camera, size, { x: size.width, y: size.height }));
  return {
    step,
    meridians: multiples(step, northWest.longitude, southEast.longitude),
    parallels: multiples(step, southEast.latitude, northWest.latitude),
  };
}

/** Return a length in whole metres that people know, and how long it is on the screen. */
export function scaleBar(camera: Camera): { metres: number; pixels: number } {
  const { latitude } = degreesOf(camera);
  const metresOfPixel = (EARTH_METRES * Math.cos((latitude * Math.PI) / 180)) / scaleOf(camera);
  const metres = round(BAR_PIXELS * metresOfPixel, 'down');
  return { metres, pixels: metres / metresOfPixel };
}

/** Return 1, 2 or 5 times a power of ten, the next one up or down. */
function round(value: number, way: 'up' | 'down'): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const steps = way === 'up' ? [1, 2, 5, 10] : [10, 5, 2, 1];
  const fitting = steps.find((step) => (way === 'up' ? step * power >= value : step * power <= value)) ?? 1;
  return Number((fitting * power).toPrecision(6));
}

function multiples(step: number, from: number, to: number): readonly number[] {
  const first = Math.ceil(from / step);
  const last = Math.floor(to / step);
  return Array.from({ length: Math.max(0, Math.min(last - first + 1, 60)) }, (_, at) => Number(((first + at) * step).toFixed(9)));
}
