import { Injectable, computed, effect, inject, linkedSignal, signal, untracked } from '@angular/core';

import { Graph } from '../graph/graph';
import { askPreferences, askSetPreference } from '../graph/generated';
import { locale } from '../parts/locale';
import { Session } from '../session/session';

export type Theme = 'auto' | 'light' | 'dark';
export type Density = 'dense' | 'comfortable';
export type PageSize = '25' | '50' | '100';
export const PAGE_SIZES: readonly [PageSize, ...PageSize[]] = ['50', '25', '100'];
const PREFIX = 'meterpark.';

/** What follows a person to another browser. The theme stays: it is that of a room and a screen. */
const FOLLOWS: readonly string[] = ['density', 'page-size', 'columns'];

/**
 * What a person chose. The register keeps it, for every browser of theirs; this browser keeps it under their name, too:
 * two people at one machine have each their own. Until it is known who is there, the page looks as it did last, and
 * while the register is away as the person chose here.
 */
@Injectable({ providedIn: 'root' })
export class Preferences {
  private readonly session = inject(Session);
  private readonly graph = inject(Graph);
  private readonly changes = signal(0);
  private readonly chosenNow = new Set<string>();
  // While a session that ended is begun anew, nothing changes.
  private readonly who = linkedSignal<string | undefined, string | null>({
    source: () => this.session.person()?.username,
    computation: (name, before) => name ?? before?.value ?? null,
  });

  readonly theme = computed(() => this.kept<Theme>('theme', ['auto', 'light', 'dark']));
  readonly density = computed(() => this.kept<Density>('density', ['dense', 'comfortable']));
  /** How many lines a list reads at once. */
  readonly pageSize = computed(() => Number(this.kept('page-size', PAGE_SIZES)));
  /** Names of the columns of devices, with commas between them; null: never chosen. An address that names some wins. */
  readonly columns = computed(() => this.said('columns'));
  readonly language = locale();

  constructor() {
    effect(() => { document.documentElement.dataset['theme'] = this.theme(); });
    effect(() => { document.documentElement.dataset['density'] = this.density(); });
    const person = computed(() => this.session.person()?.username ?? null);
    effect(() => {
      const username = person();
      if (username !== null) void untracked(async () => this.read(username));
    });
  }

  setTheme(theme: Theme): void {
    this.keep('theme', theme);
  }

  setDensity(density: Density): void {
    this.keep('density', density);
  }

  setPageSize(size: PageSize): void {
    this.keep('page-size', size);
  }

  setColumns(names: readonly string[]): void {
    this.keep('columns', names.join(','));
  }

  /** The bff serves the build of this language from the next load on. */
  setLanguage(language: string): void {
    document.cookie = `meterpark-language=${language}; path=/; max-age=31536000; samesite=strict`;
    location.reload();
  }

  private kept<Value extends string>(name: string, values: readonly [Value, ...Value[]]): Value {
    const said = this.said(name);
    return values.find((value) => value === said) ?? values[0];
  }

  private said(name: string): string | null {
    this.changes();
    return localStorage.getItem(place(this.who(), name));
  }

  private keep(name: string, value: string): void {
    this.keepHere(this.who(), name, value);
    if (!FOLLOWS.includes(name)) return;
    this.chosenNow.add(name);
    // When it is not kept, this browser has it all the same.
    void this.graph.ask(askSetPreference, { name, value }).catch(() => undefined);
  }

  /** Take up what the person chose elsewhere; what they chose here since is newer than any answer. */
  private async read(username: string): Promise<void> {
    const chosen = await this.graph.ask(askPreferences, {}).then(({ preferences }) => preferences, () => []);
    if (this.who() !== username) return;
    for (const { name, value } of chosen) {
      if (FOLLOWS.includes(name) && !this.chosenNow.has(name)) this.keepHere(username, name, value);
    }
  }

  private keepHere(who: string | null, name: string, value: string): void {
    localStorage.setItem(place(who, name), value);
    // For the next start, before the session is read.
    localStorage.setItem(place(null, name), value);
    this.changes.update((count) => count + 1);
  }
}

/** Return where a choice is kept; a name of a person is never one of a choice. */
function place(who: string | null, name: string): string {
  return who === null ? PREFIX + name : `${PREFIX}${encodeURIComponent(who)}/${name}`;
}
