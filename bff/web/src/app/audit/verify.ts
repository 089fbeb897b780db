import { Component, DestroyRef, computed, inject, input, linkedSignal, output, signal } from '@angular/core';
import { RouterLink } from '@angular/router';

import { Failure, asFailure } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askDevice, askDeviceHistory, askDeviceTimeline } from '../graph/generated';
import { whole } from '../parts/numbers';
import { Problem } from '../parts/problem';
import { fromTheWall } from '../parts/wall-clock';
import { NOTHING_READ, unlike, withCommits } from './verification';
import type { Findings } from './verification';

const PAGE = 100;

interface Line {
  readonly good: boolean;
  readonly text: string;
}

/** Whether the history of one device is whole: read page by page from journal and register, and laid beside each other. */
@Component({
  selector: 'mp-verify',
  imports: [RouterLink, Problem],
  styles: `
    :host { display: grid; gap: var(--space-3); justify-items: start; }
    form { gap: var(--space-3); align-items: end; }
    .field { display: grid; gap: var(--space-1); }
    label { font-size: var(--text-s); color: var(--ink-soft); }
    .good { color: var(--good); } .bad { color: var(--bad); }
  `,
  template: `
    <h2 i18n>What was known, and whether the history is whole</h2>
    <form class="row" (submit)="$event.preventDefault(); chosen.emit(which.value.trim())">
      <p class="field"><label for="which" i18n>Device</label><input #which id="which" [value]="device()" i18n-placeholder placeholder="network/identifier" autocomplete="off" required /></p>
      <p class="field"><label for="known" i18n>As known at</label><input id="known" type="datetime-local" [value]="known()" (input)="known.set($any($event.target).value)" /></p>
      @if (device()) { <a class="button" [routerLink]="'/devices/' + device()" [queryParams]="{ at: moment() }" i18n>Show what was known</a> }
      <button type="submit" i18n>Choose</button>
      <button type="button" class="primary" [disabled]="working() || !device()" (click)="verify()" i18n>Check the history</button>
    </form>
    <p role="status">@if (working()) { <ng-container i18n>{{ number(findings().commits) }} commits and {{ number(entries()) }} entries are read …</ng-container> }</p>
    @if (failure(); as failed) { <mp-problem [failure]="failed" (again)="verify()" /> }
    @if (lines().length) {
      <ul>@for (line of lines(); track line.text) { <li [class]="line.good ? 'good' : 'bad'"><b>{{ line.good ? '✓' : '✗' }}</b> {{ line.text }}</li> }</ul>
    }
    <p class="soft" i18n>What is checked: revisions follow each other without a gap, their times never go back, and the register holds exactly what the journal holds. Whether somebody with access to the database changed a commit, its seals say: meterpark journal verify --sealed.</p>
  `,
})
export class Verify {
  readonly device = input.required<string>();
  readonly chosen = output<string>();
  private readonly graph = inject(Graph);
  private readonly ending = new AbortController();
  protected readonly known = signal('');
  protected readonly moment = computed(() => fromTheWall(this.known())?.toISOString() ?? null);
  protected readonly number = whole;
  protected readonly working = signal(false);
  // Another device begins anew.
  protected readonly findings = linkedSignal<string, Findings>({ source: () => this.device(), computation: () => NOTHING_READ });
  protected readonly entries = linkedSignal<string, number>({ source: () => this.device(), computation: () => 0 });
  protected readonly failure = linkedSignal<string, Failure | null>({ source: () => this.device(), computation: () => null });
  protected readonly lines = linkedSignal<string, readonly Line[]>({ source: () => this.device(), computation: () => [] });

  constructor() {
    inject(DestroyRef).onDestroy(() => this.ending.abort());
  }

  protected async verify(): Promise<void> {
    const id = this.device();
    this.working.set(true);
    this.failure.set(null);
    this.lines.set([]);
    try {
      // The register first: what comes meanwhile is in the journal, and is left out there.
      const revision = (await this.graph.ask(askDevice, { id }, this.ending.signal)).device?.revision ?? 0;
      const register = await this.registered(id, revision);
      const findings = await this.journaled(id, revision);
      if (id === this.device()) this.lines.set(linesOf(findings, revision, register));
    } catch (error) {
      if (!this.ending.signal.aborted && id === this.device()) this.failure.set(asFailure(error));
    } finally {
      this.working.set(false);
    }
  }

  private async journaled(id: string, upTo: number): Promise<Findings> {
    let findings = NOTHING_READ;
    let lastTime = '';
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof this.commits>> = await this.commits(id, after);
      const commits = page.edges.map((edge) => edge.node).filter((commit) => commit.revision <= upTo || upTo === 0);
      ({ findings, lastTime } = withCommits(findings, commits, lastTime));
      this.findings.set(findings);
      after = page.pageInfo.hasNextPage && commits.length === page.edges.length ? page.pageInfo.endCursor : null;
    } while (after !== null);
    return findings;
  }

  private async commits(id: string, after: string | null) {
    return (await this.graph.ask(askDeviceHistory, { id, first: PAGE, after }, this.ending.signal)).deviceHistory;
  }

  private async registered(id: string, upTo: number): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof this.timeline>> = await this.timeline(id, after);
      for (const { node } of page?.edges ?? []) {
        // Those of devices that were joined into it are in journals of their own.
        if (node.deviceId === id && (node.revision ?? 0) <= upTo) ids.add(node.entryId);
      }
      this.entries.set(ids.size);
      after = page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    return ids;
  }

  private async timeline(id: string, after: string | null) {
    return (await this.graph.ask(askDeviceTimeline, { id, filter: { withoutAlarms: true }, first: PAGE, after }, this.ending.signal)).device?.timeline;
  }
}

function linesOf(findings: Findings, revision: number, register: ReadonlySet<string>): readonly Line[] {
  const { onlyJournal, onlyRegister } = unlike(findings.entryIds, register);
  const some = (words: readonly (string | number)[]): string => words.slice(0, 10).join(', ') + (words.length > 10 ? ' …' : '');
  return [
    findings.missing.length
      ? { good: false, text: $localize`Revisions are missing: ${some(findings.missing)}:list:` }
      : { good: true, text: $localize`${whole(findings.commits)}:count: commits follow each other without a gap.` },
    findings.timesGoBack.length
      ? { good: false, text: $localize`Times go back at the revisions ${some(findings.timesGoBack)}:list:` }
      : { good: true, text: $localize`Their times never go back.` },
    findings.lastRevision === revision
      ? { good: true, text: $localize`Journal and register are at revision ${whole(revision)}:revision:.` }
      : { good: false, text: $localize`The journal is at revision ${whole(findings.lastRevision)}:one:, the register at ${whole(revision)}:other:.` },
    onlyJournal.length || onlyRegister.length
      ? { good: false, text: $localize`Only in the journal: ${some(onlyJournal) || '–'}:one:; only in the register: ${some(onlyRegister) || '–'}:other:` }
      : { good: true, text: $localize`The register holds exactly the ${whole(register.size)}:count: entries of the journal.` },
  ];
}
