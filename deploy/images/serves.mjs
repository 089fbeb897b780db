// Run in the image of the router: starts it with settings that lead nowhere, and asks whether it serves.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const port = await new Promise((tell) => {
  const free = createServer().listen(0, '127.0.0.1', () => {
    const found = free.address().port;
    free.close(() => tell(found));
  });
});
const nowhere = 'http://127.0.0.1:1';
const settings = { PORT: port, BFF_URL: `${nowhere}/graphql`, TOKEN_ISSUER: nowhere, TOKEN_JWKS_URL: `${nowhere}/certs` };
const named = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`ROUTER_${name}`, String(value)]));
const router = spawn(process.execPath, ['/app/deploy/router/main.mjs'], { env: { ...process.env, ...named }, stdio: 'inherit' });
while (router.exitCode === null) {
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
  if (answer) {
    console.log(`/healthz answers ${answer.status}`);
    break;
  }
  await pause(100);
}
router.kill();
