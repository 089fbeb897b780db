import { Injectable, inject } from '@angular/core';
import { Title } from '@angular/platform-browser';
import { RouterStateSnapshot, TitleStrategy } from '@angular/router';

/** The tab says the view first: people have many tabs. */
@Injectable()
export class PageTitle extends TitleStrategy {
  private readonly title = inject(Title);

  override updateTitle(snapshot: RouterStateSnapshot): void {
    const view = this.buildTitle(snapshot);
    this.title.setTitle(view ? `${view} · Meter park` : 'Meter park');
  }
}
