// `node pack.mjs DIST FOLDER`: what the build made, as the bff serves it: scripts below /static/<language>, and each
// file in small beside itself.
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const [dist, folder] = process.argv.slice(2);
const SMALL_ENOUGH_BYTES = 512;

for (const language of readdirSync(join(dist, 'browser'), { withFileTypes: true })) {
  if (!language.isDirectory()) continue;
  const target = join(folder, language.name);
  cpSync(join(dist, 'browser', language.name), target, { recursive: true });
  const index = join(target, 'index.html');
  const files = /(src|href)="(?!\/|https?:|data:)([^"]+)"/g;
  writeFileSync(index, readFileSync(index, 'utf8').replace(files, `$1="/static/${language.name}/$2"`));
  for (const name of readdirSync(target, { recursive: true })) {
    const path = join(target, name);
    if (!/\.(js|css|svg|json)$/.test(name)) continue;
    const content = readFileSync(path);
    if (content.length < SMALL_ENOUGH_BYTES) continue;
    writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
    writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
  }
}
cpSync(join(dist, '3rdpartylicenses.txt'), join(folder, '3rdpartylicenses.txt'));
rmSync(dist, { recursive: true });
