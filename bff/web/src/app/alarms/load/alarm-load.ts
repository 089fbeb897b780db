import { Component, computed, inject, resource } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router, RouterLink } from '@angular/router';

import { asFailure } from '../../graph/failure';
import { Graph } from '../../graph/graph';
import { askAlarmLoad } from '../../graph/generated';
import { Age } from '../../parts/age';
import { whole } from '../../parts/numbers';
import { Problem } from '../../parts/problem';
import { Trend } from '../../today/trend';
import { lastDays } from '../../today/trends';
import { ruleText } from '../alarm-words';
import { busiest, figures, loadTrend } from './figures';

const DAYS: readonly number[] = [7, 30, 90];
const PEOPLE_AT_MOST = 99;

/** How many alarms people have to look at, against the targets of ISA-18.2 and EEMUA 191, and what raises most of them. */
@Component({
  selector: 'mp-alarm-load',
  imports: [Age, Problem, RouterLink, Trend],
  styleUrl: './alarm-load.css',
  template: `
    <div class="view">
      <nav i18n-aria-label aria-label="Where you are"><a routerLink="/alarms" i18n>Alarms</a></nav>
      <header>
        <h1 i18n>Alarm load</h1>
        <div class="row asked">
          <label><span i18n>Days</span> <select [value]="length()" (change)="go({ days: $any($event.target).value })">@for (days of choices; track days) { <option [value]="days" [selected]="days === length()">{{ days }}</option> }</select></label>
          <label><span i18n>People who share it</span> <input type="number" min="1" max="99" [value]="people()" (change)="go({ people: $any($event.target).value })" /></label>
        </div>
      </header>
      @if (asked.error(); as error) { <mp-problem [failure]="failureOf(error)" (again)="asked.reload()" /> }
      <ul class="figures">
        @for (figure of shown(); track figure.title) {
          <li class="sheet" [class.over]="figure.good === false">
            <h2>{{ figure.title }}</h2>
            <p class="value">{{ figure.value }}</p>
            <p class="verdict"><span aria-hidden="true">{{ figure.good ? '●' : '■' }}</span>&ngsp;@if (figure.good) { <ng-container i18n>within the target:</ng-container> } @else { <ng-container i18n>over the target:</ng-container> } {{ figure.target }}</p>
          </li>
        } @empty { @for (line of [1, 2, 3, 4]; track line) { <li class="sheet waiting" aria-hidden="true"></li> } }
      </ul>
      @if (load(); as load) { @if (load.chatteringCount || load.staleCount || load.frequent.length) { <p class="soft"><a routerLink="/alarms" i18n>To the alarms</a></p> } }
      <section class="sheet pad" aria-labelledby="opened">
        <h2 id="opened" i18n>Alarms opened, day by day</h2>
        @if (trend(); as trend) { <mp-trend [days]="trend.days" [series]="trend.series" [sentence]="trend.sentence" /> } @else { <div class="chart-waiting"></div> }
        @if (peak(); as day) { <p class="soft"><ng-container i18n>The busiest ten minutes had {{ number(day.peakCount) }} alarms:</ng-container>&ngsp;<mp-age [at]="day.peakAt" /></p> }
      </section>
      <section class="sheet pad">
        <h2 id="frequent" i18n>Most frequent</h2>
        @if (load(); as load) {
          @if (load.frequent.length) {
            <div class="table" role="region" tabindex="0" aria-labelledby="frequent">
              <table>
                <thead><tr><th i18n>Device or area</th><th i18n>Rule</th><th class="number" i18n>Opened</th><td></td></tr></thead>
                <tbody>
                  @for (one of load.frequent; track one.network + one.deviceId + one.area + one.rule) {
                    <tr>
                      <td>@if (one.deviceId) { <a [routerLink]="'/devices/' + one.deviceId">{{ one.deviceId }}</a> } @else { <a routerLink="/devices" [queryParams]="{ area: one.area, network: one.network }">{{ one.area }}</a> }</td>
                      <td><a routerLink="/alarms" [queryParams]="one.deviceId ? { rule: one.rule, device: one.deviceId, state: every } : { rule: one.rule, area: one.area, state: every }">{{ rule(one.rule) }}</a></td>
                      <td class="number">{{ number(one.alarmCount) }}</td>
                      <td>@if (one.chattering) { <span class="chatters"><span aria-hidden="true">▲</span>&ngsp;<ng-container i18n>chatters</ng-container></span> }</td>
                    </tr>
                  }
                </tbody>
              </table>
            </div>
          } @else { <p class="soft" i18n>No alarm was opened more than once.</p> }
        } @else { <div class="chart-waiting"></div> }
      </section>
      <p class="soft" i18n>Days are in UTC. Targets after ISA-18.2 and EEMUA 191: at most 150 alarms per day and person, at most 10 within ten minutes, no alarm that is opened three times within ten minutes, none that stands for longer than a day.</p>
    </div>
  `,
})
export class AlarmLoadView {
  private readonly graph = inject(Graph);
  private readonly router = inject(Router);
  private readonly parameters = toSignal(inject(ActivatedRoute).queryParamMap);
  protected readonly failureOf = asFailure;
  protected readonly number = whole;
  protected readonly rule = ruleText;
  protected readonly choices = DAYS;
  protected readonly every = ['OPEN', 'ACKNOWLEDGED', 'ASSIGNED', 'RESOLVED'];

  protected readonly length = computed(() => DAYS.find((days) => String(days) === this.parameters()?.get('days')) ?? 30);
  protected readonly people = computed(() => {
    const said = Number(this.parameters()?.get('people') ?? 1);
    return Number.isInteger(said) && said >= 1 && said <= PEOPLE_AT_MOST ? said : 1;
  });
  protected readonly asked = resource({
    params: () => this.length(),
    loader: async ({ params, abortSignal }) => {
      const days = lastDays(new Date(), params);
      return (await this.graph.ask(askAlarmLoad, { days: { start: days[0] ?? '', end: days.at(-1) ?? '' } }, abortSignal)).alarmLoad;
    },
  });
  protected readonly load = computed(() => (this.asked.hasValue() ? this.asked.value() : null));
  protected readonly shown = computed(() => { const load = this.load(); return load ? figures(load, this.people()) : []; });
  protected readonly trend = computed(() => { const load = this.load(); return load ? loadTrend(load, this.people()) : null; });
  protected readonly peak = computed(() => { const load = this.load(); return load ? busiest(load) : null; });

  protected go(change: { days?: string; people?: string }): void {
    void this.router.navigate([], { queryParams: change, queryParamsHandling: 'merge', replaceUrl: true });
  }
}
