import { Component } from '@angular/core';
import { RouterLink } from '@angular/router';

import { LOGGED_IN_CHANNEL } from './session';

/** Where the window of a second login ends: it tells the others, and closes. */
@Component({ selector: 'mp-logged-in', imports: [RouterLink], template: `<div class="view"><p i18n>You are logged in. This window can be closed.</p><p><a class="button" routerLink="/" i18n>Today</a></p></div>` })
export class LoggedIn {
  constructor() {
    new BroadcastChannel(LOGGED_IN_CHANNEL).postMessage('logged in');
    window.close();
  }
}
