// What the router itself refuses, in the bff's words (bff/failures.py): a code to decide by, and a reason.
import { GraphQLError } from 'graphql';

const REFUSALS = {
  UNAUTHENTICATED: [401, 'UNAUTHENTICATED', 'not authenticated'],
  TOKEN_EXPIRED: [401, 'UNAUTHENTICATED', 'not authenticated'],
  ROLE_MISSING: [403, 'FORBIDDEN', 'not allowed'],
  DOCUMENT_UNKNOWN: [400, 'BAD_USER_INPUT', 'PersistedQueryNotFound'],
  DOCUMENT_MISSING: [400, 'BAD_USER_INPUT', 'a request needs a query, or names a document that the page was built with'],
  DOCUMENTS_ONLY: [403, 'FORBIDDEN', 'only documents that the page was built with are served here'],
  REQUEST_WRONG: [400, 'BAD_USER_INPUT', 'this is no request'],
  OPERATION_UNKNOWN: [400, 'BAD_USER_INPUT', 'the document has no such operation'],
  VARIABLE_INVALID: [400, 'BAD_USER_INPUT', 'a variable does not fit'],
  METHOD_NOT_ALLOWED: [405, 'BAD_USER_INPUT', 'queries come by POST'],
  LENGTH_REQUIRED: [411, 'BAD_USER_INPUT', 'a request needs a Content-Length'],
  REQUEST_TOO_LARGE: [413, 'TOO_COSTLY', 'the request is too large'],
  NO_JSON: [415, 'BAD_USER_INPUT', 'a request is sent as application/json'],
  INPUT_TOO_LARGE: [400, 'TOO_COSTLY', 'the request brings too much'],
  QUERY_TOO_LARGE: [400, 'TOO_COSTLY', 'the query is too large'],
  PEER_UNAVAILABLE: [503, 'UNAVAILABLE', 'not available at the moment; try again'],
  DEFECT: [500, 'INTERNAL', 'this went wrong here; the router has logged it'],
};

export function refusal(reason, { message, ...more } = {}) {
  const [status, code, usual] = REFUSALS[reason];
  const headers = status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {};
  return new GraphQLError(message ?? usual, { ...more, extensions: { code, reason, http: { status, headers } } });
}

export function refusalResponse(reason, Response) {
  const [status, code, message] = REFUSALS[reason];
  return Response.json({ errors: [{ message, extensions: { code, reason } }] }, { status });
}
