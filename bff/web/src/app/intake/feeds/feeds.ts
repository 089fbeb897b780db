import { Component, DestroyRef, computed, inject, resource } from '@angular/core';
import { RouterLink } from '@angular/router';

import { asFailure } from '../../graph/failure';
import { Graph } from '../../graph/graph';
import { askFeeds } from '../../graph/generated';
import { Age } from '../../parts/age';
import { every } from '../../parts/every';
import { whole } from '../../parts/numbers';
import { Problem } from '../../parts/problem';
import { StateMark } from '../../parts/state-mark';
import { Session } from '../../session/session';
import { seesIntake } from '../mends';
import { delay, feedSentence, rate, stateOf } from './feed-words';

const READ_AGAIN_MS = 5_000;

/** What comes in, by source and network: how much, how late, when last. */
@Component({
  selector: 'mp-feeds',
  imports: [RouterLink, Age, Problem, StateMark],
  styles: `
    :host { display: grid; gap: var(--space-4); }
    .list { overflow-x: auto; }
    td { vertical-align: top; padding-block: var(--space-2); }
    .source { font-weight: 600; overflow-wrap: anywhere; }
    .trouble { color: var(--bad); font-size: var(--text-s); max-width: 40rem; overflow-wrap: anywhere; }
    .stale td:not(:first-child) { color: var(--ink-soft); }
    .small { font-size: var(--text-s); }
    .narrow { display: none; }
    .nothing { padding: var(--space-8); text-align: center; display: grid; gap: var(--space-3); }
    .waiting { height: 8rem; border-radius: var(--corner); background: var(--sheet-sunk); }
    @media (max-width: 48rem) { .wide { display: none; } .narrow { display: block; } }
  `,
  template: `
    @if (!sees()) { <section class="sheet nothing"><h2 i18n>What comes in is for asset managers and integration engineers</h2><p class="soft" i18n>To see it, the role asset-manager or integration-engineer is needed.</p></section> }
    @if (feeds.error(); as error) { <mp-problem [failure]="failureOf(error)" (again)="feeds.reload()" /> }
    @if (answer(); as now) {
      <p role="status">{{ sentence() }} <span class="soft"><ng-container i18n>as of</ng-container>&ngsp;<mp-age [at]="now.asOf" /></span></p>
      @if (now.feeds.length) {
        <section class="sheet list" tabindex="0" i18n-aria-label aria-label="Feeds">
          <table>
            <thead><tr>
              <th scope="col" i18n>Source and network</th><th scope="col" i18n>Connection</th>
              <th scope="col" class="number wide" i18n>Messages a minute</th><th scope="col" class="number wide" i18n>Longest way</th>
              <th scope="col" i18n>Last message</th><th scope="col" class="number wide" i18n>Received</th><th scope="col" class="number wide" i18n>Not readable</th>
            </tr></thead>
            <tbody>
              @for (feed of now.feeds; track feed.source + ' ' + feed.network) {
                <tr [class.stale]="!feed.connectorCount">
                  <td><span class="source">{{ feed.source }}</span> · @if (feed.network) { {{ feed.network }} } @else { <span class="soft" i18n>network not told</span> }
                    @if (feed.trouble) { <p class="trouble">{{ feed.trouble }}</p> }
                    <p class="narrow small soft"><ng-container i18n>{{ rate(feed.messagesPerMinute) }} a minute, longest way {{ delay(feed.delaySeconds) }}</ng-container></p>
                  </td>
                  <td><mp-state [word]="state(feed)" />@if (!feed.connectorCount) { <p class="small"><ng-container i18n>last word</ng-container>&ngsp;<mp-age [at]="feed.heardAt" /></p> }</td>
                  <td class="number wide">{{ rate(feed.messagesPerMinute) }}</td>
                  <td class="number wide">{{ delay(feed.delaySeconds) }}</td>
                  <td><mp-age [at]="feed.lastMessageAt" /></td>
                  <td class="number wide">@if (feed.since) { {{ number(feed.messageCount) }}<p class="small soft"><ng-container i18n>began</ng-container>&ngsp;<mp-age [at]="feed.since" /></p> } @else { – }</td>
                  <td class="number wide">@if (feed.since) { @if (feed.unreadableCount) { <a routerLink="/intake/quarantine">{{ number(feed.unreadableCount) }}</a> } @else { 0 } } @else { – }</td>
                </tr>
              }
            </tbody>
          </table>
        </section>
        <p class="soft small" i18n>Rate and longest way are those of the last five minutes. A way begins when the head-end system makes the message, if the message tells it.</p>
        @if (now.isCut) { <p class="soft" i18n>There are more feeds than are shown.</p> }
      } @else {
        <section class="sheet nothing"><h2 i18n>No feed yet</h2><p class="soft" i18n>A feed appears as soon as a connector has started that reads your networks.</p></section>
      }
    } @else if (sees() && !feeds.error()) { <div class="waiting"></div> }
  `,
})
export class FeedsView {
  private readonly graph = inject(Graph);
  private readonly session = inject(Session);
  protected readonly sees = computed(() => seesIntake(this.session.person()?.roles));
  protected readonly failureOf = asFailure;
  protected readonly number = whole;
  protected readonly rate = rate;
  protected readonly delay = delay;
  protected readonly state = stateOf;
  protected readonly feeds = resource({ params: () => this.sees() || undefined, loader: async ({ abortSignal }) => (await this.graph.ask(askFeeds, {}, abortSignal)).feeds });
  protected readonly answer = computed(() => (this.feeds.hasValue() ? this.feeds.value() : null));
  protected readonly sentence = computed(() => feedSentence(this.answer()?.feeds ?? []));

  constructor() {
    every(READ_AGAIN_MS, () => this.feeds.reload(), inject(DestroyRef));
  }
}
