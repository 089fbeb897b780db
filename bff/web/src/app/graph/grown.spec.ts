import { grown } from './grown';

const id = (item: { id: number }) => String(item.id);
const items = (...ids: number[]) => ids.map((id) => ({ id }));

describe('a list that grows while it is read', () => {
  it('keeps what was read further down, and puts new items on top', () => {
    const before = { items: items(3, 2, 1), next: null };
    expect(grown(before, { items: items(4, 3), next: 'after 3' }, id)).toEqual({ items: items(4, 3, 2, 1), next: null });
  });

  it('begins anew rather than hide a gap', () => {
    const newest = { items: items(9, 8), next: 'after 8' };
    expect(grown({ items: items(2, 1), next: null }, newest, id)).toBe(newest);
  });

  it('lets go what left the list, and takes over what changed', () => {
    const before = { items: [{ id: 3 }, { id: 2, text: 'old' }, { id: 1 }], next: 'after 1' };
    const changed = { id: 2, text: 'new' };
    expect(grown<{ id: number }>(before, { items: [changed], next: 'after 2' }, id)).toEqual({ items: [changed, { id: 1 }], next: 'after 1' });
  });
});
