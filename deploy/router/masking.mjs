// What an asker is told about an error: what was said to be told, and of everything else only that it happened.
import { GraphQLError } from 'graphql';

import { refusal } from './refusals.mjs';

// Those of the bff (bff/failures.py), which are ours too, and what the gateway says of a request that is none.
const TOLD = new Set([
  ...['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BAD_USER_INPUT', 'TOO_COSTLY', 'TOO_MANY_REQUESTS', 'UNAVAILABLE', 'INTERNAL'],
  ...['BAD_REQUEST', 'GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED'],
]);
const VARIABLE = 'Variable "$';
const LONGEST_MESSAGE = 300;
const NULL_INSTEAD = 'Cannot return null for non-nullable field';

export function isNullInstead(error) {
  return error.message.startsWith(NULL_INSTEAD);
}

export function maskError(log) {
  return (error) => {
    const said = error instanceof GraphQLError ? error : undefined;
    const code = said?.extensions.code;
    if (code === 'TOO_MANY_REQUESTS') said.extensions.http = { status: 429 };
    if (TOLD.has(code)) return said;
    // The executor's own words, which come without a code, of what input.mjs has not seen.
    if (said?.message.startsWith(VARIABLE)) return refusal('VARIABLE_INVALID', { message: said.message.slice(0, LONGEST_MESSAGE) });
    const reason = said && !isNullInstead(said) ? 'PEER_UNAVAILABLE' : 'DEFECT';
    log({ level: 'error', event: 'no answer from the bff', reason, why: String(error?.message ?? error).slice(0, 300) });
    return refusal(reason, { path: said?.path });
  };
}
