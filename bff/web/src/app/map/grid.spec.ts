import { worldOf } from './camera';
import { gridOf, scaleBar } from './grid';

const SIZE = { width: 800, height: 600 };

describe('lines of degrees', () => {
  test.each([3, 9, 12.3, 18])('at zoom %d are few, and at round numbers', (zoom) => {
    const { step, meridians, parallels } = gridOf({ ...worldOf(47.38, 8.54), zoom }, SIZE);
    expect([1, 2, 5]).toContain(Number(step.toExponential().split('e')[0]));
    expect(meridians.length).toBeLessThanOrEqual(6);
    expect(meridians.length + parallels.length).toBeGreaterThan(2);
    for (const degrees of meridians) expect(Math.abs(degrees / step - Math.round(degrees / step))).toBeLessThan(1e-6);
  });

  test('the bar is a round length, and no longer than there is room for', () => {
    expect(scaleBar({ ...worldOf(0, 0), zoom: 10 })).toEqual({ metres: 10_000, pixels: expect.closeTo(65.4, 1) });
    expect(scaleBar({ ...worldOf(60, 0), zoom: 10 }).metres).toBe(5_000);
  });
});
