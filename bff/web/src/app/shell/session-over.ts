import { Component, inject } from '@angular/core';

import { Modal } from '../parts/modal';
import { Session } from '../session/session';

/** The session ended while the person was at work: what they clicked waits until they have logged in again. */
@Component({
  selector: 'mp-session-over',
  imports: [Modal],
  styles: `
    dialog { border: 1px solid var(--edge); border-radius: var(--corner); background: var(--sheet); color: var(--ink); max-width: 26rem; padding: var(--space-6); box-shadow: var(--shadow); }
    dialog::backdrop { background: rgb(0 0 0 / 45%); }
    div { display: grid; gap: var(--space-4); }
  `,
  template: `
    <dialog mpModal aria-labelledby="over" (cancel)="$event.preventDefault()">
      <div>
        <h2 id="over" i18n>Your session has ended</h2>
        <p i18n>Log in again to go on where you are. What you were doing waits and is then done once.</p>
        <div class="row"><button class="primary" (click)="session.logInAgain()" i18n>Log in again</button></div>
      </div>
    </dialog>
  `,
})
export class SessionOver {
  protected readonly session = inject(Session);
}
