// Composes the supergraph from the bff's schema, without a network: compose.mjs SCHEMA FOLDER.
//
// FOLDER/supergraph.graphql is for this router. FOLDER/supergraph.plain.graphql has no authorization directives: what
// Apollo Router serves without a vendor licence.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { composeServices } from '@theguild/federation-composition';
import { parse, print, visit } from 'graphql';

const AUTHORIZATION = new Set(['authenticated', 'requiresScopes', 'policy']);
// Where the bff is, a router is told when it starts; `invalid` names nothing (RFC 2606).
const NOWHERE = 'http://bff.invalid/graphql';
const HEADER = '# Made by `make supergraph` from bff/schema.graphql; changes here are lost.\n';

function composed(typeDefs) {
  const result = composeServices([{ name: 'bff', url: NOWHERE, typeDefs }]);
  if (result.errors?.length) {
    throw new Error(result.errors.map((error) => error.message).join('\n'));
  }
  return `${HEADER}${result.supergraphSdl.trim()}\n`;
}

// The directives where they are used, and where the schema imports them.
function withoutAuthorization(typeDefs) {
  return visit(typeDefs, {
    Directive: (node) => (AUTHORIZATION.has(node.name.value) ? null : undefined),
    StringValue: (node, _key, _parent, _path, ancestors) => {
      const inLink = ancestors.some((one) => one.kind === 'Directive' && one.name.value === 'link');
      return inLink && AUTHORIZATION.has(node.value.slice(1)) ? null : undefined;
    },
  });
}

const [, , schema, folder] = process.argv;
try {
  const typeDefs = parse(readFileSync(schema, 'utf8'));
  // Both, before one is written.
  const made = { 'supergraph.graphql': composed(typeDefs), 'supergraph.plain.graphql': composed(withoutAuthorization(typeDefs)) };
  for (const [name, text] of Object.entries(made)) writeFileSync(join(folder, name), text);
} catch (error) {
  process.stderr.write(`supergraph: ${schema}: ${error.message}\n`);
  process.exit(1);
}
