import { Injectable, inject } from '@angular/core';

import { asFailure, failureOf } from '../../graph/failure';
import type { Failure } from '../../graph/failure';
import type { DeviceSelectionInput } from '../../graph/generated';
import { Session } from '../../session/session';

export interface ExportProgress {
  readonly exportId: string;
  readonly state: 'WAITING' | 'RUNNING' | 'WHOLE' | 'CUT' | 'CANCELLED';
  readonly rows: number;
  readonly total: number | null;
  readonly detail: string;
}

/** Return what is known of an export when asking for it failed: one that the server does not know is over, whatever it was. */
export function afterFailure(told: ExportProgress, failure: Failure): ExportProgress {
  if (failure.code !== 'EXPORT_UNKNOWN') return told;
  return { ...told, state: 'CUT', detail: $localize`The server does not know this export any more.` };
}

/** Files of devices: ordered here, fetched by the browser itself, which writes them to disk as they come. */
@Injectable({ providedIn: 'root' })
export class Exports {
  private readonly session = inject(Session);

  /** @throws Failure */
  async order(selection: DeviceSelectionInput, columns: readonly string[]): Promise<ExportProgress> {
    return this.ask('POST', '', { ...selection, columns });
  }

  async progress(exportId: string): Promise<ExportProgress> {
    return this.ask('GET', `/${exportId}`);
  }

  async cancel(exportId: string): Promise<ExportProgress> {
    return this.ask('POST', `/${exportId}/cancel`, {});
  }

  /** Have the browser fetch the file. */
  fetch(exportId: string): void {
    const link = document.createElement('a');
    link.href = `/page/exports/${exportId}/file`;
    link.download = '';
    link.click();
  }

  private async ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<ExportProgress> {
    for (;;) {
      const session = this.session.current;
      let response: Response;
      try {
        const headers = { 'content-type': 'application/json', 'x-csrf-token': await this.session.csrfToken() };
        response = await fetch(`/page/exports${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      } catch (error) {
        throw asFailure(error);
      }
      const answer = await response.json().catch(() => ({}));
      if (response.ok) return answer as ExportProgress;
      const failure = failureOf(answer.errors ?? [], response.status, Number(response.headers.get('retry-after') ?? 0));
      if (failure.kind !== 'logged-out') throw failure;
      await this.session.after(session);
    }
  }
}
