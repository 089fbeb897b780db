import { Component, computed, inject } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router, RouterLink } from '@angular/router';

import { factTitle } from '../device/fact-titles';
import { Graph } from '../graph/graph';
import { askDeeds } from '../graph/generated';
import type { DeedsQuery } from '../graph/generated';
import { paged } from '../graph/paged';
import { Age } from '../parts/age';
import { Problem } from '../parts/problem';
import { absolute } from '../parts/times';
import { Preferences } from '../shell/preferences';
import { ALL_DEEDS, DEED_GROUPS, OUTCOMES, deedInput, deedParameters, isAllDeeds, readDeedFilter } from './deed-filter';
import type { DeedFilter } from './deed-filter';
import { DEED_GROUP_TITLES, OUTCOME_TITLES, deedSummary, deedWords } from './deed-words';
import { orderText } from './order-words';
import { refusalOf } from './refusal-words';

type Deed = DeedsQuery['deeds']['edges'][number]['node'];

/** Who did what at register and hub: by person, time, kind, outcome and device; the address says it all. */
@Component({
  selector: 'mp-deeds',
  imports: [RouterLink, Age, Problem],
  styleUrl: './deeds.css',
  templateUrl: './deeds.html',
})
export class Deeds {
  private readonly graph = inject(Graph);
  private readonly preferences = inject(Preferences);
  private readonly router = inject(Router);
  private readonly query = toSignal(inject(ActivatedRoute).queryParamMap);
  protected readonly all = ALL_DEEDS;
  protected readonly groups = DEED_GROUPS.map((name) => ({ name, title: DEED_GROUP_TITLES[name] }));
  protected readonly outcomes = OUTCOMES.map((name) => ({ name, title: OUTCOME_TITLES[name] }));
  protected readonly words = deedWords;
  protected readonly summary = deedSummary;
  protected readonly why = refusalOf;
  protected readonly filter = computed(() => {
    this.query();
    return readDeedFilter(new URLSearchParams(this.router.url.split('?')[1] ?? ''));
  });
  protected readonly everything = computed(() => isAllDeeds(this.filter()));
  protected readonly list = paged({
    question: () => ({ filter: deedInput(this.filter()), first: this.preferences.pageSize() }),
    read: async (question, after, signal) => (await this.graph.ask(askDeeds, { ...question, after }, signal)).deeds,
    key: (deed: Deed) => deed.deedId,
  });

  protected outcome(deed: Deed): string {
    return deed.outcome ? OUTCOME_TITLES[deed.outcome] : '–';
  }

  protected when(deed: Deed): string {
    return deed.at ? absolute(new Date(deed.at)) : '';
  }

  protected said(deed: Deed): readonly { name: string; order: string | null; value: string; cut: boolean }[] {
    return deed.said.map(({ name, value }) => ({ name: factTitle(name), order: orderText(value), value, cut: deed.cut.includes(name) }));
  }

  protected go(change: Partial<DeedFilter>): void {
    void this.router.navigate([], { queryParams: deedParameters({ ...this.filter(), ...change }), queryParamsHandling: 'merge' });
  }

  protected toggled<Word>(words: readonly Word[], word: Word): readonly Word[] {
    return words.includes(word) ? words.filter((one) => one !== word) : [...words, word];
  }
}
