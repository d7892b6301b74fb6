// Runs the unit tests (src/**/*.test.ts): each is bundled by esbuild into a folder of its own, because Node 18 reads no
// TypeScript, and given to Node's own test runner. Arguments are parts of file names to run.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function testsBelow(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return testsBelow(path);
    return /\.test\.tsx?$/.test(name) ? [path] : [];
  });
}

const wanted = process.argv.slice(2);
const tests = testsBelow(join(root, 'src')).filter((path) => wanted.length === 0 || wanted.some((part) => path.includes(part)));
if (tests.length === 0) {
  console.error('No test matches.');
  process.exit(1);
}

const out = mkdtempSync(join(tmpdir(), 'jalousie-web-test-'));
try {
  await build({
    entryPoints: Object.fromEntries(tests.map((path) => [relative(root, path).replace(/\W+/g, '_'), path])),
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node18',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    sourcemap: 'inline',
    absWorkingDir: root,
  });
  const files = readdirSync(out).filter((name) => name.endsWith('.mjs')).map((name) => join(out, name));
  const run = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...files], { stdio: 'inherit' });
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
