// Starts the router and ends it: node --import ./packages.mjs main.mjs, with ROUTER_... in the environment.
//
// SIGHUP reads the supergraph anew without losing a request; SIGTERM takes no more, lets those that run come to their end.
import { createServer } from 'node:http';

import { boundConnections } from './connections.mjs';
import { readDocuments, Supergraph } from './files.mjs';
import { createGateway, ENDPOINT } from './gateway.mjs';
import { BadSetting, readSettings } from './settings.mjs';

const SECOND = 1000;

function log(line) {
  process.stdout.write(`${JSON.stringify({ ...line, service: 'router', timestamp: new Date().toISOString() })}\n`);
}

function orEnd(read) {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BadSetting)) throw error;
    process.stderr.write(`router: ${error.message}\n`);
    return process.exit(2);
  }
}

const settings = orEnd(() => readSettings(process.env));
const supergraph = orEnd(() => new Supergraph(settings.supergraphFile));
const documents = orEnd(() => readDocuments(settings.documentsFile));
const traces = settings.traces ? (await import('./traces.mjs')).openTraces(ENDPOINT, log) : undefined;
const { gateway, ready } = createGateway(settings, supergraph, documents, log, traces);
await gateway.getSchema();

const patience = { headersTimeout: 10 * SECOND, requestTimeout: 30 * SECOND, connectionsCheckingInterval: 2 * SECOND };
const server = createServer({ maxHeaderSize: 32 * 1024, ...patience }, (request, response) => {
  if (request.url === '/readyz') {
    response.writeHead(ready() ? 200 : 503).end();
    return;
  }
  gateway(request, response);
});
boundConnections(server, settings.limits.connections);
server.listen(settings.port, settings.host, () =>
  log({ level: 'info', event: 'router serves', address: `${settings.host}:${settings.port}` }),
);

process.on('SIGHUP', () => {
  try {
    supergraph.readAnew();
  } catch (error) {
    if (!(error instanceof BadSetting)) throw error;
    log({ level: 'error', event: 'supergraph not read', why: error.message });
    return;
  }
  gateway.invalidateUnifiedGraph();
  log({ level: 'info', event: 'supergraph read anew' });
});
// The gateway's own listener would break off what runs.
process.removeAllListeners('SIGTERM');
process.once('SIGTERM', () => {
  log({ level: 'info', event: 'router ends' });
  const end = async () => {
    await traces?.close();
    process.exit(0);
  };
  server.close(end);
  server.closeIdleConnections();
  setTimeout(end, settings.drainMs).unref();
});
