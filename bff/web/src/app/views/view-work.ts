import { Injectable, inject } from '@angular/core';

import { Failure } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askCreateView, askDeleteView, askSavedViews, askUpdateView } from '../graph/generated';
import type { ViewInput } from '../graph/generated';
import { RequestIds } from '../graph/request-ids';
import type { SavedView } from './saved-view';

interface Answer {
  readonly __typename?: string;
  readonly message?: string;
}

/** A view as the person saw it. */
type Before = Pick<SavedView, 'viewId' | 'etag'>;

/** Reads and changes saved views. A view that is saved twice, because an answer was lost, is there once. */
@Injectable({ providedIn: 'root' })
export class ViewWork {
  private readonly graph = inject(Graph);
  private readonly requestIds = new RequestIds();

  async all(signal?: AbortSignal): Promise<readonly SavedView[]> {
    return (await this.graph.ask(askSavedViews, {}, signal)).views;
  }

  /** @throws Failure in the person's words when the register refuses it. */
  async create(view: ViewInput): Promise<void> {
    const { createView } = await this.graph.ask(askCreateView, { view, requestId: this.requestIds.of(view) });
    this.requestIds.answered(view);
    check(createView);
  }

  /** @throws Failure in the person's words when the register refuses it: also when the view is not `before` any more. */
  async update({ viewId, etag }: Before, view: ViewInput): Promise<void> {
    check((await this.graph.ask(askUpdateView, { viewId, view, etag })).updateView);
  }

  /** @throws Failure in the person's words when the register refuses it: also when the view is not `before` any more. */
  async delete({ viewId, etag }: Before): Promise<void> {
    check((await this.graph.ask(askDeleteView, { viewId, etag })).deleteView);
  }
}

function check(answer: Answer): void {
  const said = answer.message ?? '';
  switch (answer.__typename) {
    case 'ViewChanged':
    case 'ViewDeleted': return;
    case 'ViewNameTaken': throw new Failure('refused', $localize`You have a view of this name already. Choose another name, or replace that view.`);
    case 'TooMany': throw new Failure('refused', $localize`There are too many views: at most 200 of your own, and 1,000 that are shared. Delete one that nobody needs, or keep this one to yourself.`);
    case 'ViewUnknown': throw new Failure('refused', $localize`This view is not yours, or somebody has deleted it.`);
    case 'ViewChangedMeanwhile': throw new Failure('refused', $localize`This view was changed meanwhile, in another tab or browser. It is shown here as it is now: look at it, and then change it.`);
    case 'NotAllowed': throw new Failure('not-allowed', $localize`Your role does not allow this: ${said}:reason:`);
    default: throw new Failure('refused', said || $localize`The view was not saved.`);
  }
}
