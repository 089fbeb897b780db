import { Injectable, signal } from '@angular/core';

const TICK_MS = 5_000;

/** One timer for every age on the page. */
@Injectable({ providedIn: 'root' })
export class Clock {
  private readonly time = signal(new Date());
  readonly now = this.time.asReadonly();

  constructor() {
    setInterval(() => this.time.set(new Date()), TICK_MS);
    document.addEventListener('visibilitychange', () => this.time.set(new Date()));
  }
}
