import { Component, ElementRef, inject, input, signal, viewChild } from '@angular/core';
import { Router } from '@angular/router';

import { OWN_ZONE, allZones, keepZone, zone } from '../parts/zone';
import { Session } from '../session/session';
import type { Person } from '../session/session';
import { PAGE_SIZES, Preferences } from './preferences';

/** Who is logged in, and how this person wants to see the page. */
@Component({
  selector: 'mp-person-menu',
  host: { '(document:click)': 'closeOutside($event)', '(keydown.escape)': 'close()' },
  styles: `
    details { position: relative; }
    summary { display: flex; align-items: center; gap: var(--space-1); cursor: pointer; padding: var(--space-1) var(--space-2); border-radius: var(--corner); list-style: none; white-space: nowrap; }
    summary::-webkit-details-marker { display: none; }
    summary:hover { background: var(--sheet-sunk); }
    .menu { position: absolute; inset-inline-end: 0; top: calc(100% + var(--space-2)); z-index: 12; width: 22rem; max-width: calc(100vw - 2 * var(--space-3)); display: grid; gap: var(--space-3); padding: var(--space-4); box-shadow: var(--shadow); }
    dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: var(--space-1) var(--space-3); }
    dt { color: var(--ink-soft); }
    dd { overflow-wrap: anywhere; }
    label { display: grid; grid-template-columns: 7rem minmax(0, 1fr); align-items: center; gap: var(--space-3); font-weight: 400; }
    select { min-width: 0; }
    .choices { display: grid; gap: var(--space-2); padding-block: var(--space-3); border-block: 1px solid var(--edge); }
  `,
  template: `
    <details #details (toggle)="open.set(details.open)">
      <summary #summary>{{ person().username }} <span aria-hidden="true">▾</span></summary>
      @if (open()) {
        <div class="sheet menu">
          <dl>
            <dt i18n>Roles</dt><dd>{{ person().roles.join(', ') || '–' }}</dd>
            <dt i18n>Networks</dt><dd>{{ networks() }}</dd>
          </dl>
          <div class="choices">
            <label><span i18n>Time zone</span>
              <select (change)="setZone($any($event.target).value)">
                @for (name of zones; track name) { <option [value]="name" [selected]="name === zone()">{{ name }}{{ name === own ? ofMachine : '' }}</option> }
              </select>
            </label>
            <label><span i18n>Colours</span>
              <select (change)="preferences.setTheme($any($event.target).value)">
                @for (one of themes; track one[0]) { <option [value]="one[0]" [selected]="one[0] === preferences.theme()">{{ one[1] }}</option> }
              </select>
            </label>
            <label><span i18n>Density</span>
              <select (change)="preferences.setDensity($any($event.target).value)">
                @for (one of densities; track one[0]) { <option [value]="one[0]" [selected]="one[0] === preferences.density()">{{ one[1] }}</option> }
              </select>
            </label>
            <label><span i18n>Lines of a list read at once</span>
              <select (change)="preferences.setPageSize($any($event.target).value)">
                @for (one of sizes; track one) { <option [value]="one" [selected]="+one === preferences.pageSize()">{{ one }}</option> }
              </select>
            </label>
            <label><span i18n>Language</span>
              <select (change)="preferences.setLanguage($any($event.target).value)">
                <option value="en" lang="en" [selected]="preferences.language === 'en'">English</option><option value="de" lang="de" [selected]="preferences.language === 'de'">Deutsch</option>
              </select>
            </label>
          </div>
          <button (click)="session.logOut()" i18n>Log out</button>
        </div>
      }
    </details>
  `,
})
export class PersonMenu {
  readonly person = input.required<Person>();
  protected readonly session = inject(Session);
  protected readonly preferences = inject(Preferences);
  private readonly router = inject(Router);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly details = viewChild.required<ElementRef<HTMLDetailsElement>>('details');
  private readonly summary = viewChild.required<ElementRef<HTMLElement>>('summary');

  protected readonly open = signal(false);
  protected readonly zone = zone;
  protected readonly zones = allZones();
  protected readonly own = OWN_ZONE;
  protected readonly ofMachine = ' ' + $localize`(this machine)`;
  protected readonly sizes = [...PAGE_SIZES].sort((one, other) => Number(one) - Number(other));
  protected readonly themes = [['auto', $localize`as the system`], ['light', $localize`light`], ['dark', $localize`dark`]] as const;
  protected readonly densities = [['dense', $localize`dense`], ['comfortable', $localize`comfortable`]] as const;

  protected networks(): string {
    return this.person().networks.includes('*') ? $localize`all` : this.person().networks.join(', ') || '–';
  }

  protected setZone(name: string): void {
    const shown = this.router.parseUrl(this.router.url);
    keepZone(name);
    // The address names the zone: say it anew, without a step for Back.
    void this.router.navigateByUrl(shown, { replaceUrl: true, onSameUrlNavigation: 'reload' });
  }

  protected close(): void {
    if (!this.details().nativeElement.open) return;
    this.details().nativeElement.open = false;
    this.summary().nativeElement.focus();
  }

  protected closeOutside(event: Event): void {
    if (!this.host.nativeElement.contains(event.target as Node)) this.details().nativeElement.open = false;
  }
}
