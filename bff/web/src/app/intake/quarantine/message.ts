import { Component, DestroyRef, ElementRef, afterRenderEffect, computed, inject, linkedSignal, resource, signal, viewChild } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router, RouterLink } from '@angular/router';

import { asFailure } from '../../graph/failure';
import { Graph } from '../../graph/graph';
import { askQuarantinedMessage } from '../../graph/generated';
import type { QuarantinedMessageQuery } from '../../graph/generated';
import { Age } from '../../parts/age';
import { every } from '../../parts/every';
import { whole } from '../../parts/numbers';
import { Problem } from '../../parts/problem';
import { StateMark } from '../../parts/state-mark';
import { reasonText } from '../reasons';
import { around, linesOf } from './marked-text';
import { Replay } from './replay';

type Found = NonNullable<QuarantinedMessageQuery['quarantinedMessage']>;
const READ_AGAIN_MS = 2_000;

/** One message that could not be read: why, where in its text, and reading it again. */
@Component({
  selector: 'mp-message',
  imports: [RouterLink, Age, Problem, StateMark],
  styleUrl: './message.css',
  templateUrl: './message.html',
})
export class Message {
  private readonly graph = inject(Graph);
  private readonly router = inject(Router);
  private readonly replay = inject(Replay);
  private readonly path = toSignal(inject(ActivatedRoute).paramMap);
  private readonly parameters = toSignal(inject(ActivatedRoute).queryParamMap);
  private readonly marked = viewChild<ElementRef<HTMLElement>>('mark');
  protected readonly failureOf = asFailure;
  protected readonly reason = reasonText;
  protected readonly number = whole;

  protected readonly offset = computed(() => Number(this.parameters()?.get('from')) || null);
  protected readonly read = resource({
    params: () => ({ id: this.path()?.get('id') ?? '', offset: this.offset() }),
    loader: async ({ params, abortSignal }) => (await this.graph.ask(askQuarantinedMessage, params, abortSignal)).quarantinedMessage,
  });
  protected readonly message = linkedSignal<Found | null | undefined, Found | null>({
    source: () => (this.read.hasValue() ? this.read.value() : undefined),
    computation: (found, previous) => (found === undefined ? previous?.value ?? null : found),
  });
  private readonly text = computed(() => this.message()?.text ?? null, { equal: (one, other) => one?.text === other?.text && one?.markStart === other?.markStart });
  private readonly lines = computed(() => { const text = this.text(); return text ? linesOf(text) : []; });
  protected readonly whole = signal(false);
  protected readonly shown = computed(() => (this.whole() ? this.lines() : around(this.lines())));
  protected readonly hidden = computed(() => this.lines().length - this.shown().length);
  protected readonly asking = signal(false);
  protected readonly said = signal<string | null>(null);
  private pending: string | null = null;

  constructor() {
    every(READ_AGAIN_MS, () => { if (this.message()?.state === 'REPLAY_REQUESTED') this.read.reload(); }, inject(DestroyRef));
    let seen: HTMLElement | undefined;
    afterRenderEffect(() => {
      const mark = this.marked()?.nativeElement;
      const list = mark?.closest('ol');
      // Within the text alone: the page itself stays where it is.
      if (mark && list && mark !== seen) list.scrollTop += mark.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientHeight / 2;
      seen = mark;
    });
  }

  protected facts(message: Found): readonly [string, string][] {
    const all: readonly [string, string][] = [
      [$localize`Source`, message.source], [$localize`Network`, message.network ?? ''], [$localize`Destination`, message.destination],
      [$localize`Message id`, message.messageId], [$localize`Size`, `${whole(message.bodySizeBytes)} B`], [$localize`Asked for by`, message.replayUsername ?? ''],
    ];
    return all.filter(([, value]) => value);
  }

  protected readOn(offset: number | null): void {
    this.whole.set(false);
    void this.router.navigate([], { queryParams: { from: offset }, queryParamsHandling: 'merge' });
  }

  protected async again(message: Found): Promise<void> {
    this.pending ??= crypto.randomUUID();
    this.asking.set(true);
    this.said.set(null);
    try {
      await this.replay.ask(this.pending, { ids: [message.quarantineId], reason: null });
      this.pending = null;
      this.read.reload();
    } catch (error) {
      this.said.set(asFailure(error).message);
    } finally {
      this.asking.set(false);
    }
  }
}
