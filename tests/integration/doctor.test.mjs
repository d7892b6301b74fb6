// jalousie doctor beside a running server: what it finds in order, and what it does not.
import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import fs from 'node:fs/promises'
import net from 'node:net'
import path from 'node:path'
import {after, before, test} from 'node:test'
import {promisify} from 'node:util'
import {House, build, freePort} from '../lib/house.mjs'

const run = promisify(execFile)
const jalousie = path.join(build, 'src/app/jalousie')
let house
before(async () => {
  house = await House.start({homes: [{name: 'Birch', owner: 'birch', cameras: [{number: 11, name: 'Door'}, {number: 12, name: 'Garden'}]}]})
})
after(() => house?.stop())

/** {code, lines: {of: [[kind, text], ...]}, stderr} of a doctor that is told what the server was told, and `extra`. */
async function doctor(extra = [], environment = {}) {
  const args = ['--config', house.config, '--data', house.data, '--root-key', house.rootKey, 'doctor', ...extra]
  const ports = {JALOUSIE_SERVER_LISTEN: `127.0.0.1:${house.port}`, JALOUSIE_MEDIA_PORT: String(house.mediaPort)}
  const {stdout, stderr, code = 0} = await run(jalousie, args, {env: {...process.env, ...ports, ...environment}}).catch(problem => problem)
  const lines = {}
  for (const line of stdout.trim().split('\n')) {
    const [, kind, of, text] = /^(\S+) +(\S+) +(.*)$/.exec(line)
    ;(lines[of] ??= []).push([kind, text])
  }
  return {code, lines, stderr}
}

test('all is well: the server answers, both cameras give pictures', async () => {
  const {code, lines, stderr} = await doctor()
  assert.equal(code, 0, stderr)
  for (const of of ['configuration', 'disk', 'data', 'stills', 'certificate', 'ports']) assert.deepEqual(lines[of].map(([kind]) => kind), ['ok'], of)
  assert.match(lines.ports[0][1], /the server runs and answers/)
  assert.match(lines.data[0][1], /: 1 home; the root key fits/)
  assert.deepEqual(lines.camera.map(([kind, text]) => `${kind} ${text}`).sort(), ['ok Door: H264, 1280 x 720', 'ok Garden: H264, 1280 x 720'])
})

test('a camera that is away is named, with what to do; the rest stays well, and cameras can be left out', async () => {
  await house.stopCamera(12)
  const {code, lines, stderr} = await doctor()
  assert.equal(code, 1)
  assert.match(stderr, /1 of these needs attention/)
  const [bad] = lines.camera.filter(([kind]) => kind === 'BAD')
  assert.match(bad[1], /^Garden: .*Check that the camera is on/)
  assert.equal(lines.camera.length, 2)
  const without = await doctor(['--no-cameras'])
  assert.equal(without.code, 0)
  assert.equal(without.lines.camera, undefined)
})

test('a port that somebody else has, a certificate that is none, a root key that does not fit: each is said', async () => {
  const taken = net.createServer()
  const port = await freePort()
  await new Promise(done => taken.listen(port, '127.0.0.1', done))
  const folder = await fs.mkdtemp(path.join(house.folder, 'other-'))
  const other = await doctor(['--no-cameras', '--data', path.join(folder, 'data')], {JALOUSIE_SERVER_LISTEN: `127.0.0.1:${port}`})
  taken.close()
  assert.equal(other.code, 1)
  assert.match(other.lines.ports[0].join(' '), /^BAD .*taken/)
  assert.match(other.lines.data[0].join(' '), /^ok none yet/)
  assert.deepEqual(await fs.readdir(folder), [], 'looking makes nothing')

  const file = path.join(folder, 'junk.pem')
  await fs.writeFile(file, 'junk')
  const junk = await doctor(['--no-cameras'], {JALOUSIE_SERVER_TLS_CERTIFICATE: file, JALOUSIE_SERVER_TLS_KEY: file})
  assert.match(junk.lines.certificate[0].join(' '), /^BAD .*not a PEM certificate/)

  const key = path.join(folder, 'root.key')
  await fs.writeFile(key, `${'ab'.repeat(32)}\n`, {mode: 0o600})
  const wrong = await doctor(['--root-key', key])
  assert.equal(wrong.code, 1)
  assert.equal(wrong.lines.data[0][0], 'BAD')
  assert.equal(wrong.lines.camera, undefined)
})

test('settings with a mistake in them', async () => {
  const {code, lines} = await doctor(['--no-cameras'], {JALOUSIE_SERVER_LOOPS: 'many'})
  assert.equal(code, 1)
  assert.deepEqual(lines.configuration, [['BAD', 'JALOUSIE_SERVER_LOOPS: server.loops: expected a number from 0 to 1024']])
})
