// What a request may be, whoever sends it; what a query may cost, the bff and the register decide.
import { parse } from 'graphql';

import { measure } from './measure.mjs';
import { refusal, refusalResponse } from './refusals.mjs';

export function limitsPlugin(limits, { endpoint, graphiql }) {
  return {
    onRequest({ request, url, endResponse, fetchAPI }) {
      if (url.pathname !== endpoint || request.method === 'OPTIONS') return;
      const refuse = (reason) => endResponse(refusalResponse(reason, fetchAPI.Response));
      if (request.method !== 'POST') {
        // No address holds a query, and no link makes one run.
        if (!graphiql) refuse('METHOD_NOT_ALLOWED');
        return;
      }
      // Node reads no more of a body than its length says, so the length is all there is to judge.
      const length = request.headers.get('content-length');
      if (length === null) refuse('LENGTH_REQUIRED');
      else if (Number(length) > limits.bodyBytes) refuse('REQUEST_TOO_LARGE');
    },
    // Before anything else looks at the document: much of what comes later walks every path of it.
    onParse({ setParseFn }) {
      setParseFn((source, options) => judged(source, options, limits));
    },
  };
}

function judged(source, options, limits) {
  let document;
  try {
    document = parse(source, { ...options, maxTokens: limits.tokens });
  } catch (error) {
    throw error.message.includes('Parsing aborted') ? tooLarge(`more than ${limits.tokens} tokens`) : error;
  }
  for (const [name, value] of Object.entries(measure(document))) {
    if (value > limits[name]) throw tooLarge(`more than ${limits[name]} ${WORDS[name]}`);
  }
  return document;
}

const WORDS = { depth: 'levels', aliases: 'aliases', fields: 'fields, with those of each fragment where it is used' };

const tooLarge = (what) => refusal('QUERY_TOO_LARGE', { message: `the query is too large: ${what}` });
