import { Component, DestroyRef, computed, inject, linkedSignal, resource, signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router, RouterLink } from '@angular/router';

import type { Document } from '../../graph/document';
import { asFailure, orNothing } from '../../graph/failure';
import { Graph } from '../../graph/graph';
import { askCancelShipmentImport, askCheckShipmentImport, askPauseShipmentImport, askResumeShipmentImport, askRunShipmentImport, askShipmentImport } from '../../graph/generated';
import type { ImportFactsOfOneFragment, ShipmentImportVerdict } from '../../graph/generated';
import { refusalText } from '../../graph/refusal';
import { Age } from '../../parts/age';
import { every } from '../../parts/every';
import { share, whole } from '../../parts/numbers';
import { Problem } from '../../parts/problem';
import { DropFile } from './drop-file';
import { ImportRows } from './import-rows';
import { VERDICTS, countOf, doneRows, isMoving, readVerdicts, stateWord, verdictWord } from './import-words';
import { rowDetail } from './row-detail';
import { Upload } from './upload';

const READ_AGAIN_MS = 1_000;
type Step = 'check' | 'run' | 'pause' | 'resume' | 'cancel';
const STEPS: Readonly<Record<Step, Document<unknown, { importId: string }>>> = {
  check: askCheckShipmentImport, run: askRunShipmentImport, pause: askPauseShipmentImport, resume: askResumeShipmentImport, cancel: askCancelShipmentImport,
};

/** One file of a shipment: what would become of each row, then what became of it. The address has its id, so a reload loses nothing. */
@Component({
  selector: 'mp-import',
  imports: [RouterLink, Age, DropFile, ImportRows, Problem],
  styleUrl: './import.css',
  templateUrl: './import.html',
})
export class ImportView {
  private readonly graph = inject(Graph);
  private readonly router = inject(Router);
  private readonly upload = inject(Upload);
  private readonly path = toSignal(inject(ActivatedRoute).paramMap);
  private readonly parameters = toSignal(inject(ActivatedRoute).queryParamMap);
  protected readonly failureOf = asFailure;
  protected readonly number = whole;
  protected readonly share = share;
  protected readonly all = VERDICTS;
  protected readonly word = verdictWord;
  protected readonly wrong = rowDetail;
  protected readonly state = stateWord;
  protected readonly count = countOf;
  protected readonly done = doneRows;

  protected readonly id = computed(() => this.path()?.get('id') ?? '');
  protected readonly verdicts = computed(() => readVerdicts(this.parameters()?.getAll('verdict') ?? []), { equal: (one, other) => one.join() === other.join() });
  protected readonly read = resource({
    params: () => this.id(),
    loader: async ({ params: id, abortSignal }) => (await orNothing(this.graph.ask(askShipmentImport, { id }, abortSignal)))?.shipmentImport ?? null,
  });
  protected readonly facts = linkedSignal<ImportFactsOfOneFragment | null | undefined, ImportFactsOfOneFragment | null>({
    source: () => (this.read.hasValue() ? this.read.value() : undefined),
    computation: (found, previous) => (found === undefined ? previous?.value ?? null : found),
  });
  protected readonly sending = computed(() => this.upload.sending().get(this.id()) ?? null);
  /** Rises with everything that changes verdicts, so that the rows are read anew. */
  protected readonly version = computed(() => { const now = this.facts(); return now ? `${now.state} ${now.rowCount} ${now.readyCount}` : ''; });
  protected readonly working = signal(false);
  protected readonly said = signal<string | null>(null);

  constructor() {
    every(READ_AGAIN_MS, () => { if (isMoving(this.facts()?.state ?? null)) this.read.reload(); }, inject(DestroyRef));
  }

  protected goOn(file: File, facts: ImportFactsOfOneFragment): void {
    if (file.name.slice(0, 200) !== facts.fileName || file.size < facts.receivedBytes) {
      this.said.set($localize`This is not the file that was begun: ${facts.fileName}:name:.`);
      return;
    }
    this.said.set(null);
    this.upload.resume(facts.importId, file);
  }

  protected pick(verdict: ShipmentImportVerdict): void {
    const now = this.verdicts();
    const verdicts = now.includes(verdict) ? now.filter((one) => one !== verdict) : [...now, verdict];
    void this.router.navigate([], { queryParams: { verdict: verdicts.length ? verdicts : null }, queryParamsHandling: 'merge' });
  }

  /** Each step is what it is however often it is asked for: a second click is refused by the state and changes nothing. */
  protected async go(step: Step): Promise<void> {
    this.working.set(true);
    this.said.set(null);
    try {
      const [answer] = Object.values((await this.graph.ask(STEPS[step], { importId: this.id() })) as Record<string, { __typename?: string; message?: string }>);
      if (answer?.message) this.said.set(refusalText(answer));
    } catch (error) {
      this.said.set(asFailure(error).message);
    } finally {
      this.working.set(false);
      this.read.reload();
    }
  }
}
