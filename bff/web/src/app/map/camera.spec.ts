import { boxBetween, cameraText, degreesOf, fitted, moved, question, readCamera, screenOf, seenBox, worldAt, worldOf, zoomed } from './camera';
import type { Camera } from './camera';

const SIZE = { width: 800, height: 600 };
const ZURICH: Camera = { ...worldOf(47.3769, 8.5417), zoom: 11.5 };

describe('the camera of the map', () => {
  test('is the same after its way through the address', () => {
    const again = readCamera(cameraText(ZURICH));
    expect(again?.zoom).toBe(11.5);
    expect(degreesOf(again ?? ZURICH).latitude).toBeCloseTo(47.3769, 5);
    expect(degreesOf(again ?? ZURICH).longitude).toBeCloseTo(8.5417, 5);
  });

  test.each([null, '', '47,8', '47,8,11,2', '95,8,11', '47,181,11', '47,8,99', 'nan,8,11', '47,8,1e1', '47,,11'])('of %s is none', (text) => {
    expect(readCamera(text)).toBeNull();
  });

  test('keeps what is under the pointer there when it zooms', () => {
    const at = { x: 700, y: 50 };
    const before = worldAt(ZURICH, SIZE, at);
    const after = worldAt(zoomed(ZURICH, SIZE, at, 2), SIZE, at);
    expect(after.x).toBeCloseTo(before.x, 12);
    expect(after.y).toBeCloseTo(before.y, 12);
  });

  test('goes along with the pointer, and not beyond the edge of the world', () => {
    const place = worldOf(47.4, 8.6);
    const before = screenOf(ZURICH, SIZE, place);
    const after = screenOf(moved(ZURICH, 30, -20), SIZE, place);
    expect(after.x - before.x).toBeCloseTo(30, 6);
    expect(after.y - before.y).toBeCloseTo(-20, 6);
    expect(moved({ x: 0, y: 0, zoom: 1 }, 1e9, 1e9)).toEqual({ x: 0, y: 0, zoom: 1 });
  });

  test('sees a whole box, and one place from close by', () => {
    const box = { south: 47.1, west: 8.1, north: 47.6, east: 8.9 };
    const seen = seenBox(fitted(box, SIZE), SIZE);
    expect(seen.south).toBeLessThan(box.south);
    expect(seen.north).toBeGreaterThan(box.north);
    expect(seen.west).toBeLessThan(box.west);
    expect(seen.east).toBeGreaterThan(box.east);
    expect(fitted({ south: 47, west: 8, north: 47, east: 8 }, SIZE).zoom).toBe(15);
  });

  test('asks for what it sees, in no more cells than the register gives', () => {
    expect(question(ZURICH, SIZE)).toEqual({ box: seenBox(ZURICH, SIZE), cells: 13 });
    expect(question(ZURICH, { width: 9_000, height: 600 }).cells).toBe(40);
    expect(question({ x: 0.5, y: 0.5, zoom: 1 }, SIZE).box.west).toBe(-180);
  });

  test('a box has its corners wherever one begins to draw', () => {
    const one = worldOf(47, 8);
    const other = worldOf(48, 9);
    expect(boxBetween(one, other)).toEqual(boxBetween(other, one));
    expect(boxBetween(one, other).north).toBeCloseTo(48, 9);
  });
});
