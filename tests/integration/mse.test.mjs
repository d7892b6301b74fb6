// The MSE door from outside, without a browser: what comes is decoded by FFmpeg and judged by its pixels; who may not gets the answers of every other door; a slow client is told.
import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import {after, before, test} from 'node:test'
import {promisify} from 'node:util'
import {readIdentity} from '../browser/identity.mjs'
import {House, until} from '../lib/house.mjs'
import {connect, frame, readMse} from '../lib/web_socket.mjs'

const run = promisify(execFile)
const protocol = 'jalousie.mse.v1'
let house, birch, harbour, camera

before(async () => {
  house = await House.start({homes: [
    {name: 'Birch', owner: 'birch', cameras: [{number: 11, gop: 2, stream: 'sub'}]},
    {name: 'Harbour', owner: 'harbour', cameras: [{number: 21, stream: 'sub'}]}]})
  birch = await house.signIn('birch')
  harbour = await house.signIn('harbour')
  camera = await house.liveCamera(birch)
})
after(() => house?.stop())

const open = (who, {id = camera.id, ...rest} = {}) => connect(`${house.baseUrl}/api/v1/cameras/${id}/mse`, {cookie: who?.cookie, protocol, ...rest})
/** The next message that `wanted` says yes to. */
async function nextOf(socket, wanted) {
  for (;;) {
    const message = await socket.next()
    assert.ok(message !== null, 'the server ended it')
    const read = readMse(message)
    if (wanted(read)) return read
  }
}

test('the owner gets an init segment and pictures, which FFmpeg decodes: their own camera, and no other', async () => {
  const socket = await open(birch)
  assert.equal(socket.status, 101)
  assert.equal(socket.headers['sec-websocket-protocol'], protocol)
  assert.match(readMse(await socket.next()).text.id, /^[0-9a-f]{32}$/)
  const {text: init} = readMse(await socket.next())
  assert.equal(init.type, 'init')
  assert.match(init.codecs, /^avc1\.[0-9a-f]{6}$/)
  assert.deepEqual([init.width, init.height], [camera.video.width, camera.video.height])
  const segment = readMse(await socket.next())
  assert.equal(segment.kind, 1)
  const parts = [segment.mp4], pictures = []
  let expected = 0
  do {
    const picture = await nextOf(socket, one => one.kind === 2)
    assert.equal(picture.time, expected, 'the media timeline has no holes')
    expected += picture.mp4.readUInt32BE(8 + 16 + 8 + 16 + 20 + 20)
    pictures.push(picture)
    parts.push(picture.mp4)
  } while (pictures.length < 60 || !pictures.at(-1).isLive)
  socket.socket.destroy()
  assert.ok(pictures[0].isKey)
  for (let i = 1; i < pictures.length; i++) assert.ok(pictures[i].capture > pictures[i - 1].capture)
  const newest = pictures.at(-1)
  console.log(`# live after ${pictures.findIndex(one => one.isLive)} pictures; captured ${(newest.now - newest.capture).toFixed(1)} ms before it was sent`)

  const file = path.join(house.folder, 'watched.mp4')
  await fs.writeFile(file, Buffer.concat(parts))
  const {stdout} = await run('ffmpeg', ['-v', 'error', '-xerror', '-err_detect', 'explode', '-i', file, '-fps_mode', 'passthrough', '-vf', 'select=eq(mod(n\\,20)\\,0)', '-pix_fmt', 'rgba',
    '-f', 'rawvideo', '-'], {encoding: 'buffer', maxBuffer: 1 << 28})
  const size = init.width * init.height * 4
  const shown = Array.from({length: stdout.length / size}, (_, i) => readIdentity({width: init.width, height: init.height, data: new Uint8ClampedArray(stdout.subarray(i * size, (i + 1) * size))}))
  assert.ok(shown.length >= 3)
  for (const {identities} of shown) assert.deepEqual(identities.map(one => [one.home, one.camera]), [[1, 11]])
  const frames = shown.map(({identities}) => identities[0].frame)
  assert.deepEqual(frames, frames.map((_, i) => frames[0] + 20 * i), 'every picture, in order')
})

test('who may not: as at every other door', async () => {
  const guessed = crypto.randomBytes(16).toString('hex')
  const refused = await open(harbour)
  assert.equal(refused.status, 404)
  const other = await open(harbour, {id: guessed})
  assert.deepEqual([other.status, other.text], [404, refused.text])
  const gone = await house.signIn('birch')
  await house.request('DELETE', '/api/v1/session', gone)
  for (const cookie of [undefined, '__Host-jalousie=', `__Host-jalousie=${crypto.randomBytes(32).toString('base64url')}`, gone.cookie]) {
    assert.equal((await open({cookie})).status, 401)
    assert.equal((await open({cookie}, {id: guessed})).status, 401)
  }
  const own = await open(birch, {headers: {origin: house.baseUrl}})
  assert.equal(own.status, 101)
  own.socket.destroy()
  for (const headers of [{origin: 'https://evil.example'}, {origin: 'null'}, {origin: `http://localhost:${house.port}`}, {'sec-fetch-site': 'cross-site'}]) {
    assert.equal((await open(birch, {headers})).status, 403, JSON.stringify(headers))
  }
  assert.equal((await open(birch, {protocol: 'jalousie.mse.v0'})).status, 400)
  assert.equal((await open(birch, {headers: {'sec-websocket-version': '8'}})).status, 426)
  assert.equal((await house.request('GET', `/api/v1/cameras/${camera.id}/mse`, birch)).status, 426)
})

test('signing out ends it within a second, with the reason', async () => {
  const person = await house.signIn('birch')
  const socket = await open(person)
  await nextOf(socket, one => one.kind === 2 && one.isLive)
  const asked = performance.now()
  assert.equal((await house.request('DELETE', '/api/v1/session', person)).status, 204)
  assert.deepEqual(await socket.closed, {code: 4000, reason: 'signed_out'})
  const took = performance.now() - asked
  console.log(`# ended ${took.toFixed(0)} ms after signing out was asked`)
  assert.ok(took < 1000, `it took ${took.toFixed(0)} ms`)
})

test('a client that stops reading misses pictures, is told how many, and goes on with new ones', async () => {
  const socket = await open(birch)
  const last = await nextOf(socket, one => one.kind === 2 && one.isLive)
  const counter = async name => Number(new RegExp(`^jalousie_deliver_mse_${name}_total (\\S+)`, 'm').exec(await house.request('GET', '/metrics', birch).then(answer => answer.text()))[1])
  const before = await counter('skipped_blocks')
  socket.socket.pause()
  // What the two kernels hold, they take first, and how much that is differs: until nothing has left for 6 s.
  let sent = await counter('bytes')
  let since = Date.now()
  await until(async () => {
    const now = await counter('bytes')
    if (now !== sent) [sent, since] = [now, Date.now()]
    return Date.now() - since > 6000
  }, {within: 100_000, every: 250, what: 'the way to be full'})
  socket.socket.resume()
  const {text} = await nextOf(socket, one => one.text?.type === 'skipped')
  assert.ok(text.blocks > 0)
  const picture = await nextOf(socket, one => one.kind === 2)
  assert.ok(picture.isKey, 'goes on at a key frame')
  const fresh = await nextOf(socket, one => one.kind === 2 && one.isLive)
  assert.ok(fresh.capture - last.capture > 5000, `goes on ${fresh.capture - last.capture} ms after where it stopped`)
  const after = await counter('skipped_blocks')
  console.log(`# ${text.blocks} blocks missed, ${after - before} counted`)
  socket.socket.destroy()
})

test('a client that talks is shown out', async () => {
  const socket = await open(birch)
  socket.socket.write(frame(0x81, Buffer.from('hello')))
  assert.deepEqual(await socket.closed, {code: 1003, reason: 'nothing is expected here'})
})

test('who goes away is forgotten', async () => {
  const viewings = async () => Number(/^jalousie_keeper_viewings(?:{[^}]*})? (\S+)/m.exec(await house.request('GET', '/metrics', birch).then(answer => answer.text()))[1])
  await until(async () => await viewings() === 0, {what: 'earlier viewings to end'})
  const sockets = await Promise.all([open(birch), open(birch)])
  for (const socket of sockets) await nextOf(socket, one => one.kind === 2)
  assert.equal(await viewings(), 2)
  sockets[0].socket.write(frame(0x88, Buffer.from([0x03, 0xE8])))
  assert.equal((await sockets[0].closed).code, 1000)
  sockets[1].socket.destroy()
  await until(async () => await viewings() === 0, {what: 'both to be forgotten'})
})
