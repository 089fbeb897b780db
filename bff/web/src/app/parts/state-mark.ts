import { Component, computed, input } from '@angular/core';

import { spoken } from './words';

export type Tone = 'good' | 'notice' | 'warn' | 'bad' | 'off';

export const SHAPES: Readonly<Record<Tone, string>> = { good: '●', notice: '◆', warn: '▲', bad: '■', off: '○' };

/** How a word of a facet or an alarm is to be taken. What is not listed is not judged. */
const TONES: Readonly<Record<string, Tone>> = {
  IN_OPERATION: 'good', ON: 'good', CONNECTED: 'good', REACHABLE: 'good', CLEAR: 'good', CURRENT: 'good', DONE: 'good', RESOLVED: 'good', IMPORTED: 'good',
  INSTALLED: 'notice', DISCOVERED: 'notice', UPDATING: 'notice', UPDATE_IN_PROGRESS: 'notice', INFO: 'notice', ACKNOWLEDGED: 'notice', ASSIGNED: 'notice', RUNNING: 'notice', READY: 'notice',
  DISCONNECTED: 'warn', PARTIAL: 'warn', POOR_COMMUNICATION: 'warn', SUSPECT: 'warn', WARNING: 'warn', PAUSED: 'warn', MAJOR: 'warn', OPEN: 'warn',
  OFF: 'bad', LOST: 'bad', DETECTED: 'bad', FAILED: 'bad', ERROR: 'bad', CRITICAL: 'bad', REFUSED: 'bad',
};

/** A state by shape, word and colour: it is read without the colour, too. */
@Component({
  selector: 'mp-state',
  styles: `
    /* As high as it is, not as a line: it stands in the middle of its row then. */
    :host { display: inline-flex; align-items: center; }
    span { display: inline-flex; align-items: center; gap: 0.35em; white-space: nowrap; color: var(--tone); }
    span.strong { padding: 0.05rem 0.45rem; border-radius: 1rem; background: var(--tone-soft); font-weight: 550; font-size: var(--text-s); }
    i { font-style: normal; font-size: 0.7em; }
    .good { --tone: var(--good); --tone-soft: var(--good-soft); } .notice { --tone: var(--notice); --tone-soft: var(--notice-soft); }
    .warn { --tone: var(--warn); --tone-soft: var(--warn-soft); } .bad { --tone: var(--bad); --tone-soft: var(--bad-soft); } .off { --tone: var(--off); --tone-soft: var(--off-soft); }
  `,
  template: `<span [class]="tone()" [class.strong]="strong()"><i aria-hidden="true">{{ shape() }}</i>{{ shown() }}</span>`,
})
export class StateMark {
  readonly word = input.required<string>();
  readonly strong = input(false);
  /** The word in another sense than usual; else it is read as everywhere. */
  readonly text = input('');
  protected readonly tone = computed(() => toneOf(this.word()));
  protected readonly shape = computed(() => SHAPES[this.tone()]);
  protected readonly shown = computed(() => this.text() || spoken(this.word()));
}

export function toneOf(word: string): Tone {
  return (Object.hasOwn(TONES, word) ? TONES[word] : null) ?? 'off';
}

export { spoken } from './words';
