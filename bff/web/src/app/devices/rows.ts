import { signal } from '@angular/core';

import { Failure, asFailure } from '../graph/failure';
import type { DevicesPageQuery, DevicesPageQueryVariables } from '../graph/generated';

export type DeviceRow = DevicesPageQuery['devices']['edges'][number]['node'];
export type ReadPage = (variables: DevicesPageQueryVariables, signal: AbortSignal) => Promise<DevicesPageQuery>;

export const PAGE_SIZE = 100;
/** Pages that are held at once: what lies further away is read again when it is scrolled to. */
const PAGES_HELD = 12;

/**
 * The rows of one list, read page by page as they are scrolled to. The graph pages forwards by cursors: a page's cursor
 * is known once the page before it was read, and kept; rows far from where the person looks are dropped.
 */
export class Rows {
  readonly total = signal<number | null>(null);
  /** How many rows can be scrolled to by now: all that were read, and a page more while there is one. */
  readonly reachable = signal(0);
  readonly failure = signal<Failure | null>(null);
  /** Rises with every page that came or went: what shows rows looks again. */
  readonly changes = signal(0);

  private readonly pages = new Map<number, readonly DeviceRow[]>();
  private readonly cursors: (string | null)[] = [null];
  private readonly asked = new Set<number>();
  private readonly ending = new AbortController();
  private looking = 0;

  constructor(
    private readonly question: Pick<DevicesPageQueryVariables, 'filter' | 'orderBy'>,
    private readonly readPage: ReadPage,
  ) {}

  end(): void {
    this.ending.abort();
  }

  row(index: number): DeviceRow | undefined {
    return this.pages.get(Math.floor(index / PAGE_SIZE))?.[index % PAGE_SIZE];
  }

  /** See to it that the rows from `first` to `last` are there, or on their way. */
  look(first: number, last: number): void {
    this.looking = Math.floor(first / PAGE_SIZE);
    for (let page = this.looking; page <= Math.floor(last / PAGE_SIZE); page++) void this.read(page);
  }

  /** Replace a row that changed; nothing moves. */
  replace(device: Partial<DeviceRow> & { deviceId: string }): void {
    for (const [number, rows] of this.pages) {
      const at = rows.findIndex((row) => row.deviceId === device.deviceId);
      if (at < 0) continue;
      this.pages.set(number, rows.map((row, index) => (index === at ? { ...row, ...device } : row)));
      this.changes.update((count) => count + 1);
      return;
    }
  }

  async again(): Promise<void> {
    this.failure.set(null);
    await this.read(this.looking);
  }

  private async read(page: number): Promise<void> {
    const after = this.cursors[page];
    if (after === undefined || this.pages.has(page) || this.asked.has(page)) return;
    this.asked.add(page);
    try {
      const answer = await this.readPage({ ...this.question, first: PAGE_SIZE, after }, this.ending.signal);
      this.keep(page, answer.devices);
      this.failure.set(null);
    } catch (error) {
      if (!this.ending.signal.aborted) this.failure.set(asFailure(error));
    } finally {
      this.asked.delete(page);
    }
  }

  private keep(page: number, devices: DevicesPageQuery['devices']): void {
    this.pages.set(page, devices.edges.map((edge) => edge.node));
    if (devices.pageInfo.hasNextPage) this.cursors[page + 1] ??= devices.pageInfo.endCursor;
    const farthest = [...this.pages.keys()].sort((one, other) => Math.abs(other - this.looking) - Math.abs(one - this.looking));
    for (const far of farthest.slice(0, Math.max(0, this.pages.size - PAGES_HELD))) this.pages.delete(far);
    this.total.set(devices.totalCount);
    const read = page * PAGE_SIZE + devices.edges.length;
    const next = devices.pageInfo.hasNextPage ? PAGE_SIZE : 0;
    this.reachable.update((before) => (next ? Math.max(before, read + next) : read));
    this.changes.update((count) => count + 1);
  }
}
