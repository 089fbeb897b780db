import { Component, inject } from '@angular/core';

import { Live } from '../graph/live';
import { Age } from '../parts/age';

/** Says that what is shown does not change any more, and since when. */
@Component({
  selector: 'mp-stream-banner',
  imports: [Age],
  styles: `p { padding: var(--space-2) var(--space-6); background: var(--warn-soft); color: var(--warn); border-bottom: 1px solid var(--edge); font-weight: 500; }`,
  template: `
    <div role="status">
      @if (live.lostSince(); as since) {
        <p><span aria-hidden="true">▲</span>&ngsp;<ng-container i18n>Changes do not arrive since</ng-container>&ngsp;<mp-age [at]="since.toISOString()" />. <ng-container i18n>What you see may be out of date; it goes on by itself.</ng-container></p>
      }
    </div>
  `,
})
export class StreamBanner {
  protected readonly live = inject(Live);
}
