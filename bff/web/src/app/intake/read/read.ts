import { Component, DestroyRef, computed, inject, linkedSignal, resource, signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router } from '@angular/router';

import { Failure, asFailure } from '../../graph/failure';
import { Graph } from '../../graph/graph';
import { askFeeds, askMessageReading, askRequestMessageReading } from '../../graph/generated';
import type { MessageReadingQuery } from '../../graph/generated';
import { refusalText } from '../../graph/refusal';
import { Age } from '../../parts/age';
import { every } from '../../parts/every';
import { Problem } from '../../parts/problem';
import { Session } from '../../session/session';
import { base64 } from '../imports/upload';
import { MENDS } from '../mends';
import { Understood } from './understood';

const READ_AGAIN_MS = 700;
const MOST_BYTES = 1024 * 1024;
type Reading = NonNullable<MessageReadingQuery['messageReading']>;

/** A message is pasted or dropped, and the connector says what it would understand. Nothing is recorded. */
@Component({
  selector: 'mp-read',
  imports: [Age, Problem, Understood],
  styleUrl: './read.css',
  templateUrl: './read.html',
})
export class Read {
  private readonly graph = inject(Graph);
  private readonly router = inject(Router);
  private readonly session = inject(Session);
  private readonly parameters = toSignal(inject(ActivatedRoute).queryParamMap);
  protected readonly failureOf = asFailure;
  protected readonly mends = computed(() => this.session.person()?.roles.includes(MENDS) ?? false);
  protected readonly id = computed(() => this.parameters()?.get('reading') || null);

  private readonly feeds = resource({ params: () => this.mends() || undefined, loader: async ({ abortSignal }) => (await this.graph.ask(askFeeds, {}, abortSignal)).feeds });
  protected readonly sources = computed(() => [...new Set(this.feeds.hasValue() ? this.feeds.value().feeds.map((feed) => feed.source) : [])].sort());
  protected readonly read = resource({
    params: () => this.id() ?? undefined,
    loader: async ({ params: id, abortSignal }) => (await this.graph.ask(askMessageReading, { id }, abortSignal)).messageReading,
  });
  protected readonly reading = linkedSignal<Reading | null | undefined, Reading | null>({
    source: () => (this.read.hasValue() ? this.read.value() : undefined),
    computation: (found, previous) => (found === undefined ? previous?.value ?? null : found),
  });
  protected readonly text = signal('');
  protected readonly file = signal<File | null>(null);
  protected readonly over = signal(false);
  protected readonly asking = signal(false);
  protected readonly said = signal<string | null>(null);
  // The same for every try of one click.
  private pending: string | null = null;

  constructor() {
    every(READ_AGAIN_MS, () => { if (this.id() && this.reading() && !this.reading()?.understood) this.read.reload(); }, inject(DestroyRef));
  }

  protected write(text: string): void {
    this.text.set(text);
    this.file.set(null);
    this.pending = null;
  }

  protected take(file: File | undefined): void {
    if (!file) return;
    this.file.set(file);
    this.pending = null;
  }

  protected dropped(event: DragEvent): void {
    event.preventDefault();
    this.over.set(false);
    this.take(event.dataTransfer?.files[0]);
  }

  protected async ask(source: string): Promise<void> {
    this.asking.set(true);
    this.said.set(null);
    try {
      const body = this.file() ?? new Blob([this.text()]);
      if (body.size > MOST_BYTES) throw new Failure('refused', $localize`A message on trial has at most 1 MiB.`);
      this.pending ??= crypto.randomUUID();
      const answer = (await this.graph.ask(askRequestMessageReading, { requestId: this.pending, content: await base64(body), source: source || null })).requestMessageReading;
      if (answer.__typename !== 'ReadingRequested') throw new Failure('refused', refusalText(answer));
      const reading = this.pending;
      this.pending = null;
      await this.router.navigate([], { queryParams: { reading }, queryParamsHandling: 'merge' });
    } catch (error) {
      this.said.set(asFailure(error).message);
    } finally {
      this.asking.set(false);
    }
  }
}
