import { Routes } from '@angular/router';

import { Intake } from './intake';

export const intakeRoutes: Routes = [
  {
    path: '',
    component: Intake,
    children: [
      { path: '', pathMatch: 'full', redirectTo: 'feeds' },
      { path: 'feeds', title: $localize`Feeds`, loadComponent: async () => (await import('./feeds/feeds')).FeedsView },
      { path: 'quarantine', title: $localize`Quarantine`, loadComponent: async () => (await import('./quarantine/quarantine')).Quarantine },
      { path: 'quarantine/:id', title: $localize`Message`, loadComponent: async () => (await import('./quarantine/message')).Message },
      { path: 'read', title: $localize`Reading on trial`, loadComponent: async () => (await import('./read/read')).Read },
      { path: 'imports', title: $localize`Shipments`, loadComponent: async () => (await import('./imports/imports')).Imports },
      { path: 'imports/:id', title: $localize`Shipment`, loadComponent: async () => (await import('./imports/import')).ImportView },
    ],
  },
];
