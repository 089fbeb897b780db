import { Component } from '@angular/core';

import { LOGGED_IN_CHANNEL } from './session';

/** Where the window of a second login ends: it tells the others, and closes. */
@Component({ selector: 'mp-logged-in', template: `<p i18n>You are logged in. This window can be closed.</p>` })
export class LoggedIn {
  constructor() {
    new BroadcastChannel(LOGGED_IN_CHANNEL).postMessage('logged in');
    window.close();
  }
}
