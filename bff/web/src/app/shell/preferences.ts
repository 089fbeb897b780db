import { Injectable, effect, signal } from '@angular/core';

import { locale } from '../parts/locale';

export type Theme = 'auto' | 'light' | 'dark';
export type Density = 'dense' | 'comfortable';
const PREFIX = 'meterpark.';

/** What a person chose for this browser. */
@Injectable({ providedIn: 'root' })
export class Preferences {
  readonly theme = signal(kept<Theme>('theme', ['auto', 'light', 'dark']));
  readonly density = signal(kept<Density>('density', ['dense', 'comfortable']));
  readonly language = locale();

  constructor() {
    effect(() => { document.documentElement.dataset['theme'] = this.theme(); });
    effect(() => { document.documentElement.dataset['density'] = this.density(); });
  }

  setTheme(theme: Theme): void {
    keep('theme', theme);
    this.theme.set(theme);
  }

  setDensity(density: Density): void {
    keep('density', density);
    this.density.set(density);
  }

  /** The bff serves the build of this language from the next load on. */
  setLanguage(language: string): void {
    document.cookie = `meterpark-language=${language}; path=/; max-age=31536000; samesite=strict`;
    location.reload();
  }
}

function kept<Value extends string>(name: string, values: readonly [Value, ...Value[]]): Value {
  const said = localStorage.getItem(PREFIX + name);
  return values.find((value) => value === said) ?? values[0];
}

function keep(name: string, value: string): void {
  localStorage.setItem(PREFIX + name, value);
}
