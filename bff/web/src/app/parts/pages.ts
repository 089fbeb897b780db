import { signal } from '@angular/core';

import { Failure, asFailure } from '../graph/failure';

/** One page of a list: its rows, how many there are in all if that is told, and the cursor behind it. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly total: number | null;
  /** Null: there is no page behind this one. */
  readonly next: string | null;
}

export type ReadPage<Row> = (first: number, after: string | null, signal: AbortSignal) => Promise<Page<Row>>;

export const PAGE_SIZE = 100;
/** Pages that are held at once: what lies further away is read again when it is scrolled to. */
const PAGES_HELD = 12;

/**
 * The rows of one list, read page by page as they are scrolled to. The graph pages forwards by cursors: a page's cursor
 * is known once the page before it was read, and kept; rows far from where the person looks are dropped.
 */
export class Pages<Row> {
  readonly total = signal<number | null>(null);
  /** How many rows can be scrolled to by now: all that were read, and a page more while there is one. */
  readonly reachable = signal(0);
  readonly failure = signal<Failure | null>(null);
  /** Rises with every page that came or went: what shows rows looks again. */
  readonly changes = signal(0);

  private readonly pages = new Map<number, readonly Row[]>();
  private readonly cursors: (string | null)[] = [null];
  private readonly asked = new Set<number>();
  /** Pages that were asked for before the last refresh: each is read again when it is looked at. */
  private readonly old = new Set<number>();
  /** What changed while an answer is on its way, which may be older. */
  private readonly changed: ((row: Row) => Row)[] = [];
  private readonly ending = new AbortController();
  private looking = { first: 0, last: 0 };

  constructor(private readonly readPage: ReadPage<Row>) {}

  end(): void {
    this.ending.abort();
  }

  row(index: number): Row | undefined {
    return this.pages.get(Math.floor(index / PAGE_SIZE))?.[index % PAGE_SIZE];
  }

  /** See to it that the rows from `first` to `last` are there, or on their way. */
  look(first: number, last: number): void {
    this.looking = { first: Math.floor(first / PAGE_SIZE), last: Math.floor(last / PAGE_SIZE) };
    for (let page = this.looking.first; page <= this.looking.last; page++) void this.read(page);
  }

  /** Replace the row that fits; nothing moves. */
  replace(fits: (row: Row) => boolean, change: Partial<Row>): void {
    if (this.asked.size) this.changed.push((row) => (fits(row) ? { ...row, ...change } : row));
    for (const [number, rows] of this.pages) {
      const at = rows.findIndex(fits);
      if (at < 0) continue;
      this.pages.set(number, rows.map((row, index) => (index === at ? { ...row, ...change } : row)));
      this.changes.update((count) => count + 1);
      return;
    }
  }

  async again(): Promise<void> {
    this.failure.set(null);
    await this.read(this.looking.first);
  }

  /**
   * Read everything once more: what the person looks at now, the rest when it is looked at. What is shown stays until
   * the answer is there. An answer that is on its way may be older than this call, so it is asked for again.
   */
  async refresh(): Promise<void> {
    for (const page of [...this.pages.keys(), ...this.asked]) this.old.add(page);
    for (let page = this.looking.first; page <= this.looking.last; page++) await this.read(page);
  }

  private async read(page: number): Promise<void> {
    const after = this.cursors[page];
    if (after === undefined || this.asked.has(page) || (this.pages.has(page) && !this.old.has(page))) return;
    this.asked.add(page);
    this.old.delete(page);
    try {
      this.keep(page, await this.readPage(PAGE_SIZE, after, this.ending.signal));
      this.failure.set(null);
    } catch (error) {
      this.old.add(page);
      if (!this.ending.signal.aborted) this.failure.set(asFailure(error));
      return;
    } finally {
      this.asked.delete(page);
      if (!this.asked.size) this.changed.length = 0;
    }
    if (this.old.has(page) && page >= this.looking.first && page <= this.looking.last) await this.read(page);
  }

  private keep(page: number, { rows, total, next }: Page<Row>): void {
    this.pages.set(page, rows.map((row) => this.changed.reduce((one, change) => change(one), row)));
    if (next !== null) this.cursors[page + 1] ??= next;
    const { first } = this.looking;
    const farthest = [...this.pages.keys()].sort((one, other) => Math.abs(other - first) - Math.abs(one - first));
    for (const far of farthest.slice(0, Math.max(0, this.pages.size - PAGES_HELD))) this.pages.delete(far);
    this.total.set(total);
    const read = page * PAGE_SIZE + rows.length;
    this.reachable.update((before) => (next === null ? read : Math.max(before, read + PAGE_SIZE)));
    this.changes.update((count) => count + 1);
  }
}
