import type { DevicesPageQuery, DevicesPageQueryVariables } from '../graph/generated';
import { Failure } from '../graph/failure';
import { PAGE_SIZE } from '../parts/pages';
import { rowsOf } from './rows';
import type { DeviceRow, Rows } from './rows';

/** A register of `count` devices, which answers page by page as the graph does. */
class Register {
  readonly asked: (string | null)[] = [];
  away = false;
  model = 'E450';
  /** What an answer waits for once it was made. */
  on = Promise.resolve();

  constructor(readonly count: number) {}

  readonly read = async ({ after = null, first = 50 }: DevicesPageQueryVariables): Promise<DevicesPageQuery> => {
    this.asked.push(after);
    await Promise.resolve();
    if (this.away) throw new Failure('away', 'The register cannot be reached.');
    const start = after === null ? 0 : Number(after);
    const end = Math.min(start + first, this.count);
    const edges = Array.from({ length: end - start }, (_, index) => ({ node: device(start + index, this.model) }));
    await this.on;
    return { devices: { totalCount: this.count, edges, pageInfo: { hasNextPage: end < this.count, endCursor: String(end) } } } as DevicesPageQuery;
  };
}

function device(number: number, model: string): DeviceRow {
  return { deviceId: `north/M-${number}`, deviceIdentifier: `M-${number}`, model } as DeviceRow;
}

/** Answers of `register` wait until what is returned is called. */
function holding(register: Register): () => void {
  let letGo: () => void = () => undefined;
  register.on = new Promise((resolve) => { letGo = resolve; });
  return () => { register.on = Promise.resolve(); letGo(); };
}

async function scrolled(rows: Rows, to: number): Promise<void> {
  for (let first = 0; first <= to; first += PAGE_SIZE / 2) {
    rows.look(first, first + 40);
    await settled();
  }
}

/** Everything that was asked is answered: answers of the register take no more than turns of the loop. */
async function settled(): Promise<void> {
  await new Promise((resolve) => { setTimeout(resolve, 0); });
}

describe('the rows of a list', () => {
  test('are read as they are scrolled to, each page once', async () => {
    const register = new Register(1_000_000);
    const rows = rowsOf({ filter: {}, orderBy: [] }, register.read);
    rows.look(0, 30);
    rows.look(0, 30);
    await settled();
    expect(register.asked).toEqual([null]);
    expect(rows.total()).toBe(1_000_000);
    expect(rows.row(99)?.deviceIdentifier).toBe('M-99');
    expect(rows.row(100)).toBeUndefined();
    expect(rows.reachable()).toBe(2 * PAGE_SIZE);
  });

  test('far from where one looks are dropped, and read again by their cursor', async () => {
    const register = new Register(1_000_000);
    const rows = rowsOf({ filter: {}, orderBy: [] }, register.read);
    await scrolled(rows, 10_000);
    const held = Array.from({ length: 10_100 }, (_, index) => rows.row(index)).filter(Boolean);
    expect(held.length).toBeLessThanOrEqual(12 * PAGE_SIZE);
    expect(rows.row(10_000)?.deviceIdentifier).toBe('M-10000');
    expect(rows.row(0)).toBeUndefined();
    rows.look(0, 30);
    await settled();
    expect(rows.row(0)?.deviceIdentifier).toBe('M-0');
  });

  test('end where the list ends', async () => {
    const rows = rowsOf({ filter: {}, orderBy: [] }, new Register(130).read);
    await scrolled(rows, 300);
    expect(rows.reachable()).toBe(130);
    expect(rows.row(129)?.deviceIdentifier).toBe('M-129');
  });

  test('that change are replaced where they stand', async () => {
    const rows = rowsOf({ filter: {}, orderBy: [] }, new Register(130).read);
    rows.look(0, 30);
    await settled();
    const before = rows.changes();
    rows.replace((row) => row.deviceId === 'north/M-7', { model: 'E650' });
    rows.replace((row) => row.deviceId === 'north/elsewhere', { model: 'E650' });
    expect(rows.row(7)).toMatchObject({ deviceIdentifier: 'M-7', model: 'E650' });
    expect(rows.row(8)?.model).toBe('E450');
    expect(rows.changes()).toBe(before + 1);
  });

  test('that are read again stay until the answer is there, and those out of sight are read when they are looked at', async () => {
    const register = new Register(250);
    const rows = rowsOf({ filter: {}, orderBy: [] }, register.read);
    await scrolled(rows, 250);
    rows.look(0, 30);
    register.model = 'E650';
    const letGo = holding(register);
    void rows.refresh();
    expect(rows.row(7)?.model).toBe('E450');
    letGo();
    await settled();
    expect(rows.row(7)?.model).toBe('E650');
    expect(rows.row(210)?.model).toBe('E450');
    rows.look(205, 230);
    await settled();
    expect(rows.row(210)?.model).toBe('E650');
    expect(register.asked).toEqual([null, '100', '200', null, '200']);
  });

  test('that are on their way when they are to be read again may be older, and are asked for once more', async () => {
    const register = new Register(50);
    const rows = rowsOf({ filter: {}, orderBy: [] }, register.read);
    const letGo = holding(register);
    rows.look(0, 30);
    await settled();
    register.model = 'E650';
    await rows.refresh();
    letGo();
    await settled();
    expect(rows.row(7)?.model).toBe('E650');
    expect(register.asked).toEqual([null, null]);
  });

  test('that change while an older answer is on its way show the change', async () => {
    const register = new Register(50);
    const rows = rowsOf({ filter: {}, orderBy: [] }, register.read);
    const letGo = holding(register);
    rows.look(0, 30);
    await settled();
    rows.replace((row) => row.deviceId === 'north/M-7', { model: 'E650' });
    letGo();
    await settled();
    expect(rows.row(7)).toMatchObject({ deviceIdentifier: 'M-7', model: 'E650' });
    expect(rows.row(8)?.model).toBe('E450');
    // It was of that answer: the next one is newer.
    await rows.refresh();
    expect(rows.row(7)?.model).toBe('E450');
  });

  test('that could not be read again are asked for with the next try', async () => {
    const register = new Register(50);
    const rows = rowsOf({ filter: {}, orderBy: [] }, register.read);
    rows.look(0, 30);
    await settled();
    register.away = true;
    await rows.refresh();
    expect(rows.failure()?.kind).toBe('away');
    expect(rows.row(7)?.model).toBe('E450');
    register.away = false;
    register.model = 'E650';
    await rows.again();
    expect(rows.failure()).toBeNull();
    expect(rows.row(7)?.model).toBe('E650');
  });

  test('that cannot be read say why, and come with the next try', async () => {
    const register = new Register(130);
    register.away = true;
    const rows = rowsOf({ filter: {}, orderBy: [] }, register.read);
    rows.look(0, 30);
    await settled();
    expect(rows.failure()?.kind).toBe('away');
    register.away = false;
    await rows.again();
    expect(rows.failure()).toBeNull();
    expect(rows.row(0)?.deviceIdentifier).toBe('M-0');
  });
});
