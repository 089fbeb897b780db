import { Injectable, computed, inject, signal } from '@angular/core';

import { Preferences } from './preferences';

/** Whether the page is dark now, by choice or as the system is: for what is painted, and does not follow style sheets. */
@Injectable({ providedIn: 'root' })
export class Darkness {
  private readonly preferences = inject(Preferences);
  private readonly system = signal(false);
  readonly dark = computed(() => (this.preferences.theme() === 'auto' ? this.system() : this.preferences.theme() === 'dark'));

  constructor() {
    const media = matchMedia('(prefers-color-scheme: dark)');
    this.system.set(media.matches);
    media.addEventListener('change', () => { this.system.set(media.matches); });
  }
}
