// What a request may bring, before anything is made of it: JSON in UTF-8, members of their types, and in variables and
// extensions so many keys and items, so deep, and only what can be written again.
//
// What comes later tells each wrong value with all that stands around it, so its time is the square of what was sent:
// 20,000 unknown keys kept the process busy for 11 s. The bff has the same policy (bff/graph/limits/inputs.py); both are
// tested with the same cases (tests/attacks/requests.py).
import { getOperationAST, getVariableValues, Kind } from 'graphql';

import { refusal, refusalResponse } from './refusals.mjs';

const JSON_TYPE = /^application\/(graphql\+)?json\s*(;|$)/i;
const MOST_ERRORS = 10;
const ONE_WITHOUT_HINTS = { maxErrors: 1, hideSuggestions: true };
const LONGEST_MESSAGE = 300;
const LONGEST_PATH = 200;
const LONGEST_NAME = 100;
const NO_TEXT = 'holds half of a surrogate pair, which is no text';

export function inputPlugin(limits) {
  const validated = new WeakMap();
  return {
    onRequestParse({ request, setRequestParser, endResponse, fetchAPI }) {
      if (request.method !== 'POST') return;
      if (JSON_TYPE.test(request.headers.get('content-type') ?? '')) setRequestParser((asked) => read(asked, limits));
      else endResponse(refusalResponse('NO_JSON', fetchAPI.Response));
    },
    // Before the gateway looks for the operation: it would say that it cannot determine it, and not whose fault that is.
    onParse: ({ context }) => ({ result }) => {
      const name = context.params?.operationName;
      if (result?.kind === Kind.DOCUMENT && !getOperationAST(result, name)) {
        throw refusal('OPERATION_UNKNOWN', { message: unknown(name) });
      }
    },
    onValidate({ context, params, validateFn, setValidationFn }) {
      setValidationFn((schema, document, rules, options, ...more) =>
        validateFn(schema, document, rules, { ...options, maxErrors: MOST_ERRORS, hideSuggestions: true }, ...more),
      );
      validated.set(context.request, params);
    },
    // Before anybody else coerces variables, and not in the result of validation, which is kept for the next request with
    // this document.
    onContextBuilding({ context }) {
      const { schema, documentAST } = validated.get(context.request) ?? {};
      if (!documentAST) return;
      const { operationName, variables } = context.params;
      const { variableDefinitions } = getOperationAST(documentAST, operationName);
      const { errors } = getVariableValues(schema, variableDefinitions ?? [], variables ?? {}, ONE_WITHOUT_HINTS);
      if (errors) throw misfit(errors[0]);
    },
  };
}

async function read(request, limits) {
  const body = parsed(await request.arrayBuffer());
  // Several operations in one request, which the gateway refuses.
  if (Array.isArray(body)) return body;
  if (body === null || typeof body !== 'object') throw wrong('the body must be an object');
  for (const name of ['query', 'operationName', 'documentId']) {
    if (body[name] == null) continue;
    if (typeof body[name] !== 'string') throw wrong(`${name} must be a text`);
    if (!body[name].isWellFormed()) throw wrong(`${name} ${NO_TEXT}`);
  }
  for (const name of ['variables', 'extensions']) {
    if (body[name] == null) continue;
    if (typeof body[name] !== 'object' || Array.isArray(body[name])) throw wrong(`${name} must be an object`);
    judge(name, body[name], limits);
  }
  return body;
}

function parsed(bytes) {
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw wrong('the body is not JSON: it is not in UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw wrong('the body is not JSON');
  }
}

function judge(name, given, limits) {
  let keys = 0;
  let items = 0;
  const waiting = [[given, name, 1]];
  while (waiting.length) {
    const [value, path, depth] = waiting.pop();
    if (typeof value === 'string' && !value.isWellFormed()) throw wrong(`${shown(path)}: ${NO_TEXT}`);
    if (typeof value === 'number' && !Number.isFinite(value)) throw wrong(`${shown(path)}: a number that is too large`);
    if (value === null || typeof value !== 'object') continue;
    if (depth > limits.variableDepth) throw tooMuch(name, `${limits.variableDepth} levels`);
    const names = Object.keys(value);
    // Counted before they are looked at.
    if (Array.isArray(value)) items += names.length;
    else keys += names.length;
    if (keys > limits.variableKeys) throw tooMuch(name, `${limits.variableKeys} keys`);
    if (items > limits.variableItems) throw tooMuch(name, `${limits.variableItems} items`);
    for (const key of names) {
      if (!key.isWellFormed()) throw wrong(`${shown(path)}: ${NO_TEXT}`);
      waiting.push([value[key], Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, depth + 1]);
    }
  }
}

const wrong = (message) => refusal('REQUEST_WRONG', { message });

const tooMuch = (name, most) => refusal('INPUT_TOO_LARGE', { message: `${name}: more than ${most}` });

const shown = (path) => path.toWellFormed().slice(0, LONGEST_PATH);

const unknown = (name) =>
  name == null ? 'operationName: says which of the operations is to run' : `Unknown operation named "${name.slice(0, LONGEST_NAME)}".`;

// The value that is wrong stands in the message, however long it is.
function misfit({ message, nodes }) {
  const short = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)} ...` : message;
  return refusal('VARIABLE_INVALID', { message: short, nodes });
}
