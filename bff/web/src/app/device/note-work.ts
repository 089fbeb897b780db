import { Injectable, inject } from '@angular/core';

import { Failure } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askCreateNote, askDeleteNote } from '../graph/generated';
import { RequestIds } from '../graph/request-ids';

interface Answer {
  readonly __typename?: string;
  readonly message?: string;
}

/** Writes and deletes notes on devices. A note that is written twice, because an answer was lost, is there once. */
@Injectable({ providedIn: 'root' })
export class NoteWork {
  private readonly graph = inject(Graph);
  private readonly requestIds = new RequestIds();

  /** @throws Failure in the person's words when the register refuses it. */
  async write(id: string, text: string): Promise<void> {
    const note = { id, text };
    const { createNote } = await this.graph.ask(askCreateNote, { ...note, requestId: this.requestIds.of(note) });
    this.requestIds.answered(note);
    check(createNote);
  }

  /** @throws Failure in the person's words when the register refuses it. */
  async delete(id: string, noteId: string): Promise<void> {
    check((await this.graph.ask(askDeleteNote, { id, noteId })).deleteNote);
  }
}

function check(answer: Answer): void {
  const said = answer.message ?? '';
  switch (answer.__typename) {
    case 'NoteCreated':
    case 'NoteDeleted': return;
    case 'TooMany': throw new Failure('refused', $localize`This device has as many notes as it may have. Delete one that nobody needs any more.`);
    case 'NotAllowed': throw new Failure('not-allowed', $localize`Your role does not allow this: ${said}:reason:`);
    default: throw new Failure('refused', said || $localize`The note was not changed.`);
  }
}
