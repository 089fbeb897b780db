import { Component } from '@angular/core';
import { RouterLink } from '@angular/router';

@Component({
  selector: 'mp-not-found',
  imports: [RouterLink],
  template: `
    <div class="view">
      <h1 i18n>There is no such view</h1>
      <p i18n>The address may be of an older version, or part of it was lost on the way.</p>
      <p class="row"><a class="button" routerLink="/" i18n>Today</a> <a class="button" routerLink="/devices" i18n>Devices</a></p>
    </div>
  `,
})
export class NotFound {}
