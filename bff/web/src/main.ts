import { provideZonelessChangeDetection } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { TitleStrategy, UrlSerializer, provideRouter, withComponentInputBinding } from '@angular/router';

import { AddressWithZone } from './app/shell/address-with-zone';
import { Page } from './app/shell/page';
import { PageTitle } from './app/shell/page-title';
import { routes } from './app/routes';
import { nameLocale } from './app/parts/locale';

nameLocale();
bootstrapApplication(Page, {
  providers: [
    provideZonelessChangeDetection(),
    provideRouter(routes, withComponentInputBinding()),
    { provide: TitleStrategy, useClass: PageTitle },
    { provide: UrlSerializer, useClass: AddressWithZone },
  ],
}).catch((error: unknown) => {
  console.error(error);
});
