import { common, shorter } from './common-timeline';

const items = (...days: number[]) => days.map((day) => ({ recordedAt: `2026-01-${String(day).padStart(2, '0')}T00:00:00Z`, occurredAt: null }));
const days = (lines: readonly { side: string; item: { recordedAt: string | null } }[]) => lines.map(({ side, item }) => side + String(Number(item.recordedAt?.slice(8, 10))));

describe('the common timeline of two devices', () => {
  it('merges both, newest first', () => {
    expect(days(common({ items: items(9, 3), more: false }, { items: items(7, 1), more: false }))).toEqual(['a9', 'b7', 'a3', 'b1']);
  });

  it('shows nothing below the end of the one that was read less', () => {
    expect(days(common({ items: items(9, 8), more: true }, { items: items(7, 1), more: false }))).toEqual(['a9', 'a8']);
  });

  it('reads the one further that ends higher', () => {
    expect(shorter({ items: items(9, 8), more: true }, { items: items(7, 1), more: true })).toBe('a');
    expect(shorter({ items: items(9, 8), more: false }, { items: items(7, 1), more: true })).toBe('b');
    expect(shorter({ items: items(9), more: false }, { items: items(1), more: false })).toBeNull();
  });
});
