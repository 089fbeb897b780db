import { Component, DestroyRef, inject, signal } from '@angular/core';
import { NavigationEnd, Router, RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';

import { Failure, asFailure } from '../graph/failure';
import { Problem } from '../parts/problem';
import { showZoneOf } from '../parts/zone';
import { viewThatWaited } from '../session/return-address';
import { Session } from '../session/session';
import { PersonMenu } from './person-menu';
import { Preferences } from './preferences';
import { SessionOver } from './session-over';
import { StreamBanner } from './stream-banner';

/** What surrounds every view: where one is, who one is, and whether what one sees is still true. */
@Component({
  selector: 'mp-page',
  imports: [RouterOutlet, RouterLink, RouterLinkActive, PersonMenu, SessionOver, StreamBanner, Problem],
  styleUrl: './page.css',
  template: `
    <a class="skip" href="#content" (click)="skip($event)" i18n>Skip to content</a>
    <header class="bar">
      <a class="mark" routerLink="/" aria-label="Meter park"><svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true"><rect width="32" height="32" rx="7" fill="#0b5f6b" /><path d="M6 21a10 10 0 0 1 20 0" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" /><path d="M16 21l5-7" stroke="#ffd166" stroke-width="2.6" stroke-linecap="round" /><circle cx="16" cy="21" r="2.2" fill="#fff" /></svg> <span>Meter park</span></a>
      @if (session.person(); as person) {
        <nav i18n-aria-label aria-label="Views">
          <a routerLink="/" routerLinkActive="here" ariaCurrentWhenActive="page" [routerLinkActiveOptions]="{ exact: true }" i18n>Today</a>
          <a routerLink="/devices" routerLinkActive="here" ariaCurrentWhenActive="page" i18n>Devices</a>
          <a routerLink="/map" routerLinkActive="here" ariaCurrentWhenActive="page" i18n>Map</a>
          <a routerLink="/alarms" routerLinkActive="here" ariaCurrentWhenActive="page" i18n>Alarms</a>
          <a routerLink="/jobs" routerLinkActive="here" ariaCurrentWhenActive="page" i18n>Jobs</a>
          <a routerLink="/audit" routerLinkActive="here" ariaCurrentWhenActive="page" i18n>Audit</a>
          <a routerLink="/intake" routerLinkActive="here" ariaCurrentWhenActive="page" i18n>Intake</a>
        </nav>
        <mp-person-menu [person]="person" />
      }
    </header>
    <mp-stream-banner />
    <main id="content" tabindex="-1">
      @if (failure(); as failure) {
        <div class="view"><mp-problem [failure]="failure" (again)="begin()" /></div>
      } @else if (session.person()) {
        <router-outlet />
      }
    </main>
    @if (session.isOver()) {
      <mp-session-over />
    }
  `,
})
export class Page {
  protected readonly session = inject(Session);
  private readonly router = inject(Router);
  protected readonly failure = signal<Failure | null>(null);

  constructor() {
    // It puts colours and density onto the page, whether the menu is opened or not.
    inject(Preferences);
    let before = '';
    const events = this.router.events.subscribe((event) => {
      if (!(event instanceof NavigationEnd)) return;
      const path = event.urlAfterRedirects.split(/[?#]/)[0] ?? '';
      if (before && path !== before) this.enter();
      before = path;
    });
    inject(DestroyRef).onDestroy(() => { events.unsubscribe(); });
    void this.begin();
  }

  protected async begin(): Promise<void> {
    this.failure.set(null);
    try {
      const waited = (await this.session.begin()) ? viewThatWaited(location.pathname + location.search, sessionStorage) : null;
      if (!waited) return;
      showZoneOf(waited);
      await this.router.navigateByUrl(waited, { replaceUrl: true });
    } catch (error) {
      this.failure.set(asFailure(error));
    }
  }

  protected skip(event: Event): void {
    event.preventDefault();
    document.getElementById('content')?.focus();
  }

  /**
   * Another view is there: it begins at its top, and Tab goes on in it. What had the focus went with the view before, or
   * is the way to this one. A browser that goes back restores by itself where one was.
   */
  private enter(): void {
    if (this.router.lastSuccessfulNavigation()?.trigger === 'imperative') scrollTo({ top: 0 });
    const at = document.activeElement;
    if (!at || at === document.body || at.closest('header.bar')) document.getElementById('content')?.focus({ preventScroll: true });
  }
}
