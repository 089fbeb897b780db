import { Component } from '@angular/core';
import { RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';

/** What comes in from the head-end systems: feeds, what could not be read, files of shipments, and a trial reading. */
@Component({
  selector: 'mp-intake',
  imports: [RouterLink, RouterLinkActive, RouterOutlet],
  styles: `
    nav { display: flex; gap: var(--space-1); overflow-x: auto; scrollbar-width: none; max-width: 100%; }
    nav a { padding: var(--space-1) var(--space-3); border-radius: var(--corner); color: var(--ink-soft); text-decoration: none; font-weight: 500; white-space: nowrap; }
    nav a:hover { background: var(--sheet-sunk); color: var(--ink); }
    nav a.here { background: var(--accent-soft); color: var(--ink); }
    nav a:focus-visible { outline-offset: -2px; }
  `,
  template: `
    <div class="view">
      <header>
        <h1 i18n>Intake</h1>
        <nav i18n-aria-label aria-label="Parts of the intake">
          <a routerLink="feeds" routerLinkActive="here" ariaCurrentWhenActive="page" i18n>Feeds</a>
          <a routerLink="quarantine" routerLinkActive="here" ariaCurrentWhenActive="page" i18n>Quarantine</a>
          <a routerLink="read" routerLinkActive="here" ariaCurrentWhenActive="page" i18n>Read a message</a>
          <a routerLink="imports" routerLinkActive="here" ariaCurrentWhenActive="page" i18n>Shipments</a>
        </nav>
      </header>
      <router-outlet />
    </div>
  `,
})
export class Intake {}
