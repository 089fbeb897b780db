import { Component, DestroyRef, computed, inject, linkedSignal, resource, signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router } from '@angular/router';

import { asFailure } from '../../graph/failure';
import { Graph } from '../../graph/graph';
import { askQuarantinePage, askQuarantineReasons } from '../../graph/generated';
import type { QuarantineRowFragment, QuarantineState } from '../../graph/generated';
import { paged } from '../../graph/paged';
import { every } from '../../parts/every';
import { whole } from '../../parts/numbers';
import { Problem } from '../../parts/problem';
import { Session } from '../../session/session';
import { Preferences } from '../../shell/preferences';
import { MENDS, seesIntake } from '../mends';
import { MessageList } from './message-list';
import { ReasonList } from './reason-list';
import { Replay } from './replay';
import type { Wanted } from './replay';
import { ReplayProgress } from './replay-progress';

const STATES: readonly [QuarantineState, string][] = [['OPEN', $localize`Open`], ['REPLAY_REQUESTED', $localize`To be read again`], ['RESOLVED', $localize`Resolved`]];
const READ_AGAIN_MS = 10_000;

/** Messages that could not be read, by reason; one, a group or all of them are read again from here. */
@Component({
  selector: 'mp-quarantine',
  imports: [MessageList, Problem, ReasonList, ReplayProgress],
  styleUrl: './quarantine.css',
  templateUrl: './quarantine.html',
})
export class Quarantine {
  private readonly graph = inject(Graph);
  private readonly preferences = inject(Preferences);
  private readonly router = inject(Router);
  private readonly replay = inject(Replay);
  private readonly session = inject(Session);
  private readonly parameters = toSignal(inject(ActivatedRoute).queryParamMap);
  protected readonly failureOf = asFailure;
  protected readonly number = whole;
  protected readonly states = STATES;

  protected readonly mends = computed(() => this.session.person()?.roles.includes(MENDS) ?? false);
  protected readonly reason = computed(() => this.parameters()?.get('reason') || null);
  protected readonly state = computed(() => STATES.find(([word]) => word === this.parameters()?.get('state'))?.[0] ?? 'OPEN');
  protected readonly replayId = computed(() => this.parameters()?.get('replay') || null);
  protected readonly sees = computed(() => seesIntake(this.session.person()?.roles));
  protected readonly reasons = resource({ params: () => this.sees() || undefined, loader: async ({ abortSignal }) => (await this.graph.ask(askQuarantineReasons, {}, abortSignal)).quarantineReasons });
  protected readonly counts = computed(() => (this.reasons.hasValue() ? this.reasons.value() : null));
  protected readonly list = paged({
    question: () => (this.mends() ? { state: this.state(), reason: this.reason(), first: this.preferences.pageSize() } : undefined),
    read: async (question, after, abort) => (await this.graph.ask(askQuarantinePage, { ...question, after }, abort)).quarantinedMessages,
    key: (message: QuarantineRowFragment) => message.quarantineId,
  });
  protected readonly chosen = linkedSignal<unknown, ReadonlySet<string>>({ source: () => [this.state(), this.reason()], computation: () => new Set() });
  protected readonly open = computed(() => {
    const all = this.counts()?.reasons.filter((one) => this.reason() === null || one.reason === this.reason()) ?? [];
    return all.reduce((sum, one) => sum + one.openCount, 0);
  });
  protected readonly asking = signal(false);
  protected readonly said = signal<string | null>(null);
  // One id for each click: a second click while the first is under way, or a try after a lost answer, asks once.
  private pending: { wanted: string; id: string } | null = null;

  constructor() {
    every(READ_AGAIN_MS, () => this.reload(), inject(DestroyRef));
  }

  protected reload(): void {
    this.reasons.reload();
    this.list.reload();
  }

  protected go(parameters: Record<string, string | null>): void {
    void this.router.navigate([], { queryParams: parameters, queryParamsHandling: 'merge' });
  }

  protected async again(wanted: Wanted): Promise<void> {
    const words = JSON.stringify(wanted);
    const id = this.pending?.wanted === words ? this.pending.id : crypto.randomUUID();
    this.pending = { wanted: words, id };
    this.asking.set(true);
    this.said.set(null);
    try {
      const left = await this.replay.ask(id, wanted);
      this.pending = null;
      if (left) this.said.set($localize`${left}:count: cannot be read again from here: only their beginning is kept. The whole messages are among the broker's dead letters.`);
      this.chosen.set(new Set());
      this.go({ replay: id });
      this.reload();
    } catch (error) {
      this.said.set(asFailure(error).message);
    } finally {
      this.asking.set(false);
    }
  }
}
