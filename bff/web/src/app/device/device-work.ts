import { Injectable, inject } from '@angular/core';

import { Failure } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askWorkOnDevice, askWorkOnDeviceDone } from '../graph/generated';
import type { JobActionInput } from '../graph/generated';
import { refusalText } from '../graph/refusal';
import { causeText } from '../parts/causes';

const LOOK_AGAIN_MS = 300;
const PATIENCE_MS = 60_000;

/** Changes what people say of one device: a job of one, which the register does once however often it is asked. */
@Injectable({ providedIn: 'root' })
export class DeviceWork {
  private readonly graph = inject(Graph);

  /**
   * Return when the change is made.
   *
   * @throws Failure when it was refused, or is not made within a minute: it is then among the jobs.
   */
  async change(id: string, action: JobActionInput, requestId: string): Promise<void> {
    const { createJob } = await this.graph.ask(askWorkOnDevice, { id, action, requestId });
    if (createJob.__typename !== 'JobChanged') throw new Failure('refused', refusalText(createJob));
    const begun = Date.now();
    while (Date.now() - begun < PATIENCE_MS) {
      const { job } = await this.graph.ask(askWorkOnDeviceDone, { id: createJob.job.jobId });
      const item = job?.items.edges[0]?.node;
      if (job?.state === 'DONE' && item?.outcome === 'FAILED') throw new Failure('refused', causeText(item.detail));
      if (job?.state === 'DONE') return;
      if (job?.state === 'CANCELLED') throw new Failure('refused', $localize`The job was cancelled.`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
    throw new Failure('away', $localize`The change is not made yet: it waits among the jobs.`);
  }
}
