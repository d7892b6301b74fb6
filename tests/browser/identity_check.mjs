// node identity_check.mjs IDENTITY_VECTORS: the readers in JavaScript and in C++ say the same of the same pictures.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {readIdentity} from './identity.mjs';

const pictures = 210;
const folder = mkdtempSync(join(tmpdir(), 'identity-'));
const seen = {read: 0, unreadable: 0, timed: 0, untimed: 0, mixed: 0};
try {
  execFileSync(process.argv[2], [folder, String(pictures)], {stdio: 'inherit'});
  for (let i = 0; i < pictures; ++i) {
    const {width, height, reading} = JSON.parse(readFileSync(join(folder, `${i}.json`), 'utf8'));
    const data = new Uint8ClampedArray(readFileSync(join(folder, `${i}.rgba`)));
    assert.deepEqual(readIdentity({data, width, height}), reading, `picture ${i}, ${width}x${height}`);
    for (const tile of reading.tiles) {
      ++seen[tile.unreadable ? 'unreadable' : 'read'];
      if (!tile.unreadable) ++seen[tile.time ? 'timed' : 'untimed'];
    }
    if (reading.identities.length > 1) ++seen.mixed;
  }
} finally {
  rmSync(folder, {recursive: true});
}
// The pictures must have been worth comparing.
for (const [what, count] of Object.entries(seen)) assert.ok(count > 50, `only ${count} tiles or pictures were ${what}`);
console.log(`${pictures} pictures read alike:`, JSON.stringify(seen));
