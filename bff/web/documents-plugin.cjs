// Writes one line per question of the page: its types, and the hash by which the bff knows its text.
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');

module.exports.plugin = (_schema, documents) =>
  documents
    .map(({ document, location }) => {
      const { name, operation } = document.definitions.find((one) => one.kind === 'OperationDefinition');
      const hash = createHash('sha256').update(readFileSync(location)).digest('hex');
      const kind = operation[0].toUpperCase() + operation.slice(1);
      // An operation is called DeviceChanged; its types DeviceChangedSubscription and ...SubscriptionVariables.
      const types = `${name.value}${kind}, ${name.value}${kind}Variables`;
      return `export const ask${name.value}: Document<${types}> = { name: '${name.value}', hash: '${hash}' };`;
    })
    .join('\n');
