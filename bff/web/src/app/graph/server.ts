import { InjectionToken } from '@angular/core';

export type AskServer = (path: string, request?: RequestInit) => Promise<Response>;

/** How the page reaches its server, and nobody else: the address is a path. */
export const SERVER = new InjectionToken<AskServer>('server', {
  providedIn: 'root',
  factory: () => async (path, request) => fetch(path, request),
});
