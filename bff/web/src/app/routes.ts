import { Routes } from '@angular/router';

/** Each view is loaded when it is first opened; its address says all that it shows. */
export const routes: Routes = [
  { path: '', pathMatch: 'full', title: $localize`Today`, loadComponent: async () => (await import('./today/today')).Today },
  { path: 'devices', title: $localize`Devices`, loadComponent: async () => (await import('./devices/devices')).Devices },
  {
    path: 'devices/:network/:identifier',
    title: $localize`Device`,
    loadComponent: async () => (await import('./device/device')).DeviceView,
  },
  { path: 'compare', title: $localize`Two devices side by side`, loadComponent: async () => (await import('./compare/compare')).Compare },
  { path: 'alarms/load', title: $localize`Alarm load`, loadComponent: async () => (await import('./alarms/load/alarm-load')).AlarmLoadView },
  { path: 'alarms/:network/:number', title: $localize`Alarm`, loadComponent: async () => (await import('./alarms/alarm')).AlarmView },
  { path: 'alarms', title: $localize`Alarms`, loadComponent: async () => (await import('./alarms/alarms')).Alarms },
  { path: 'audit', title: $localize`Audit`, loadComponent: async () => (await import('./audit/audit')).Audit },
  { path: 'intake', title: $localize`Intake`, loadChildren: async () => (await import('./intake/routes')).intakeRoutes },
  { path: 'map', title: $localize`Map`, loadComponent: async () => (await import('./map/map')).MapView },
  { path: 'jobs', title: $localize`Jobs`, loadComponent: async () => (await import('./jobs/jobs')).Jobs },
  { path: 'jobs/:id', title: $localize`Job`, loadComponent: async () => (await import('./jobs/job')).JobView },
  { path: 'logged-in', loadComponent: async () => (await import('./session/logged-in')).LoggedIn },
  { path: '**', title: $localize`Not found`, loadComponent: async () => (await import('./shell/not-found')).NotFound },
];
