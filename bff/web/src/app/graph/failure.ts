/** Why a question was not answered, as a person reads it. `kind` decides what the page offers. */
export type FailureKind = 'logged-out' | 'not-allowed' | 'away' | 'too-often' | 'refused' | 'defect';

export class Failure extends Error {
  constructor(
    readonly kind: FailureKind,
    message: string,
    readonly retryAfterSeconds = 0,
    /** The server's own word for it, where a view has to tell one from another. */
    readonly code = '',
  ) {
    super(message);
  }
}

interface GraphError {
  readonly message: string;
  readonly extensions?: { readonly code?: string };
}

const KINDS: Readonly<Record<string, FailureKind>> = {
  NOT_LOGGED_IN: 'logged-out',
  UNAUTHENTICATED: 'logged-out',
  FORBIDDEN: 'not-allowed',
  NOT_FROM_THE_PAGE: 'logged-out',
  TOO_MANY_REQUESTS: 'too-often',
  UNAVAILABLE: 'away',
  ROUTER_UNAVAILABLE: 'away',
  LOGIN_UNAVAILABLE: 'away',
  BUSY: 'away',
  BAD_USER_INPUT: 'refused',
};

/** What is to be said where it does not depend on the question; else the server says what it is. */
const SENTENCES: Partial<Readonly<Record<FailureKind, string>>> = {
  'logged-out': $localize`Log in again; what you see here stays.`,
  away: $localize`A part of the park does not answer at the moment.`,
  'too-often': $localize`The server wants to be left alone for a moment.`,
};

/** Return the failure that an answer's first error tells of. */
export function failureOf(errors: readonly GraphError[], status: number, retryAfterSeconds = 0): Failure {
  const first = errors[0];
  const kind = KINDS[first?.extensions?.code ?? ''] ?? (status >= 502 ? 'away' : 'defect');
  return new Failure(kind, SENTENCES[kind] ?? first?.message ?? $localize`The server answered ${status}:status:.`, retryAfterSeconds, first?.extensions?.code);
}

/**
 * Return what was asked for, or null where there is nothing of that name: what cannot even be one is refused, and for who
 * opened such an address it is the same.
 *
 * @throws Failure in every other case.
 */
export async function orNothing<Found>(asked: Promise<Found>): Promise<Found | null> {
  try {
    return await asked;
  } catch (error) {
    if (asFailure(error).kind === 'refused') return null;
    throw error;
  }
}

export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof TypeError) return new Failure('away', $localize`The server cannot be reached.`, 2);
  return new Failure('defect', error instanceof Error ? error.message : String(error));
}
