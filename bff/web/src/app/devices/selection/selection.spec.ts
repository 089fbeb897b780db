import { NAMED_AT_MOST, NOTHING, countOf, isChosen, pairOf, readSelection, selectionInput, selectionParameters, withDevices } from './selection';
import type { Selection } from './selection';

class Store {
  readonly texts = new Map<string, string>();
  getItem = (name: string): string | null => this.texts.get(name) ?? null;
  setItem = (name: string, text: string): void => void this.texts.set(name, text);
}

function addressOf(selection: Selection, store: Store): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, said] of Object.entries(selectionParameters(selection, store))) for (const text of said === null ? [] : [said].flat()) query.append(name, text);
  return query;
}

const many = Array.from({ length: 200 }, (_, number) => `north/${number}`);

describe('a selection', () => {
  it.each<Selection>([
    NOTHING,
    { kind: 'some', ids: ['north/1', 'south/a b&c'] },
    { kind: 'some', ids: many },
    { kind: 'all', without: [] },
    { kind: 'all', without: ['north/7'] },
    { kind: 'all', without: many },
  ])('comes back from its address as it was', (selection) => {
    const store = new Store();
    const address = addressOf(selection, store);
    expect(readSelection(address, store)).toEqual(selection);
    expect(address.toString().length).toBeLessThan(1500);
  });

  it('is nothing when the address was forged, or is of another tab', () => {
    expect(readSelection(new URLSearchParams('chosen=nonsense'), new Store())).toEqual(NOTHING);
    expect(readSelection(new URLSearchParams('chosen=kept:gone'), new Store())).toEqual(NOTHING);
    const store = new Store();
    const address = addressOf({ kind: 'some', ids: many }, store);
    for (const name of store.texts.keys()) store.setItem(name, '{"ids": 7');
    expect(readSelection(address, store)).toEqual(NOTHING);
  });

  it('takes the place of the one before, so that a tab keeps one', () => {
    const store = new Store();
    const before = addressOf({ kind: 'some', ids: many }, store);
    const after = addressOf({ kind: 'some', ids: many.slice(1) }, store);
    expect(store.texts.size).toBe(1);
    expect(readSelection(after, store)).toEqual({ kind: 'some', ids: many.slice(1) });
    expect(readSelection(before, store)).toEqual(NOTHING);
  });

  it.each<Selection>([{ kind: 'some', ids: many }, { kind: 'all', without: many }])('is not lost in a tab that can keep nothing', (selection) => {
    const full = new Store();
    full.setItem = (): void => { throw new DOMException('full', 'QuotaExceededError'); };
    expect(readSelection(addressOf(selection, full), full)).toEqual(selection);
  });

  it('of all that fit leaves out what is taken away, and takes it back', () => {
    const all: Selection = { kind: 'all', without: [] };
    const less = withDevices(all, ['north/1', 'north/2'], false);
    expect(less).toEqual({ kind: 'all', without: ['north/1', 'north/2'] });
    expect(isChosen(less ?? all, 'north/1')).toBe(false);
    expect(countOf(less ?? all, 10)).toBe(8);
    expect(withDevices(less ?? all, ['north/1'], true)).toEqual({ kind: 'all', without: ['north/2'] });
  });

  it('names no more devices than a job takes', () => {
    const most = Array.from({ length: NAMED_AT_MOST }, (_, number) => `north/${number}`);
    const full = withDevices(NOTHING, most, true);
    expect(countOf(full ?? NOTHING, 0)).toBe(NAMED_AT_MOST);
    expect(withDevices(full ?? NOTHING, ['south/1'], true)).toBeNull();
    expect(withDevices(full ?? NOTHING, ['north/1'], false)).not.toBeNull();
  });

  it('of exactly two is a pair that can be compared', () => {
    expect(pairOf({ kind: 'some', ids: ['north/2', 'south/1'] })).toEqual({ a: 'north/2', b: 'south/1' });
    expect(pairOf({ kind: 'some', ids: ['north/2'] })).toBeNull();
    expect(pairOf({ kind: 'some', ids: many })).toBeNull();
    expect(pairOf({ kind: 'all', without: ['north/1', 'north/2'] })).toBeNull();
  });

  it('is told to a job as the filter itself, or by names', () => {
    expect(selectionInput({ kind: 'all', without: [] }, { powers: ['OFF'] })).toEqual({ filter: { powers: ['OFF'] } });
    expect(selectionInput({ kind: 'all', without: ['north/1'] }, { powers: ['OFF'] })).toEqual({ filter: { powers: ['OFF'] }, excludedDeviceIds: ['north/1'] });
    expect(selectionInput({ kind: 'some', ids: ['north/1'] }, { powers: ['OFF'] })).toEqual({ deviceIds: ['north/1'] });
  });
});
