// The small stream: connected when somebody watches it, let go of half a minute after the last one left, its own keys, the same rights.
import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import fs from 'node:fs/promises'
import path from 'node:path'
import {after, before, test} from 'node:test'
import {promisify} from 'node:util'
import {readIdentity} from '../browser/identity.mjs'
import {House, sleep, until} from '../lib/house.mjs'
import {connect, readMse} from '../lib/web_socket.mjs'

const run = promisify(execFile)
let house, birch, harbour, camera, log

before(async () => {
  house = await House.start({homes: [
    {name: 'Birch', owner: 'birch', cameras: [{number: 11, sub: 'sub'}]},
    {name: 'Harbour', owner: 'harbour', cameras: [{number: 21}]}]})
  birch = await house.signIn('birch')
  harbour = await house.signIn('harbour')
  camera = await house.liveCamera(birch)
  log = house.cameras.get(11)
})
after(() => house?.stop())

const open = (who, id, stream) => connect(`${house.baseUrl}/api/v1/cameras/${id}/mse?stream=${stream}`, {cookie: who.cookie, protocol: 'jalousie.mse.v1'})
const sub = async () => (await house.camerasOf(birch))[0].sub
const played = stream => log.output.split(`playing peer`).filter(part => part.includes(`stream="/${stream}"`)).length

/** The init segment's size, and what the first pictures say. */
async function watch(socket, name) {
  const parts = []
  let size
  while (parts.length < 12) {
    const message = await socket.next()
    assert.ok(message !== null, 'the server ended it')
    const read = readMse(message)
    if (read.text?.type === 'init') size = [read.text.width, read.text.height]
    if (read.mp4) parts.push(read.mp4)
  }
  const file = path.join(house.folder, `${name}.mp4`)
  await fs.writeFile(file, Buffer.concat(parts))
  const {stdout} = await run('ffmpeg', ['-v', 'error', '-i', file, '-frames:v', '1', '-pix_fmt', 'rgba', '-f', 'rawvideo', '-'], {encoding: 'buffer', maxBuffer: 1 << 28})
  const [width, height] = size
  return {size, identities: readIdentity({width, height, data: new Uint8ClampedArray(stdout)}).identities.map(one => [one.home, one.camera])}
}

test('nobody watches it: it is idle, and the camera was asked for the large one alone', async () => {
  assert.deepEqual(await sub(), {state: 'idle', reason: '', video: null})
  assert.equal(played('main'), 1)
  assert.equal(played('sub'), 0)
})

test('who watches it gets the small picture of the same camera; half a minute after that it is let go of', async () => {
  const socket = await open(birch, camera.id, 'sub')
  assert.equal(socket.status, 101)
  const {size, identities} = await watch(socket, 'sub')
  assert.deepEqual(size, [640, 360])
  assert.deepEqual(identities, [[1, 11]])
  await until(async () => (await sub()).state === 'live', {what: 'the small stream being live'})
  assert.equal((await sub()).video.width, 640)
  const second = await open(birch, camera.id, 'sub')
  await watch(second, 'second')
  assert.equal(played('sub'), 1, 'one session at the camera for all who watch')
  second.socket.destroy()
  socket.socket.destroy()
  await sleep(20_000)
  assert.equal((await sub()).state, 'live', 'it is kept for who comes back')
  await until(async () => (await sub()).state === 'idle', {within: 60_000, every: 500, what: 'the small stream being let go of'})
  await until(() => /stopped[^\n]*stream="\/sub"/.test(log.output), {what: 'the camera being told'})
  const again = await open(birch, camera.id, 'sub')
  await watch(again, 'again')
  assert.equal(played('sub'), 2)
  again.socket.destroy()
})

test('a stranger learns nothing; a camera without one says so to its own people', async () => {
  assert.equal((await open(harbour, camera.id, 'sub')).status, 404)
  const [other] = await house.camerasOf(harbour)
  assert.equal(other.sub, null)
  const none = await open(harbour, other.id, 'sub')
  assert.deepEqual([none.status, /no small stream/.test(none.text)], [404, true])
  assert.equal((await open(birch, camera.id, 'tiny')).status, 400)
})

test('signing out ends a viewing of the small stream as any other', async () => {
  const person = await house.signIn('birch')
  const socket = await open(person, camera.id, 'sub')
  await watch(socket, 'until')
  await house.request('DELETE', '/api/v1/session', person)
  assert.deepEqual(await socket.closed, {code: 4000, reason: 'signed_out'})
})

test('another small stream is taken for who is watching, and a wrong one says what is wrong', async () => {
  const socket = await open(birch, camera.id, 'sub')
  await watch(socket, 'before')
  const address = `rtsp://127.0.0.1:${house.homes[0].cameras[0].port}`
  await house.api(birch, 'PATCH', `/cameras/${camera.id}`, {sub_url: `${address}/nowhere`})
  await until(async () => ['no_stream', 'refused'].includes((await sub()).state), {within: 15_000, what: 'the wrong address being said'})
  assert.notEqual((await sub()).reason, '')
  assert.equal((await house.camerasOf(birch))[0].state, 'live', 'the camera itself is well')
  socket.socket.destroy()
  const failing = async () => [...(await (await house.request('GET', '/metrics')).text()).matchAll(/^jalousie_ingest_cameras\{state="(?:no_stream|refused)"\} (\S+)/gm)].reduce((sum, one) => sum + Number(one[1]), 0)
  assert.equal(await failing(), 1)
  await until(async () => await failing() === 0, {within: 60_000, every: 500, what: 'it being let go of'})
  await sleep(2000)
  assert.ok(['no_stream', 'refused'].includes((await sub()).state), 'what failed is not idle: nobody would know, and pages would ask for it again')
  const again = await open(birch, camera.id, 'sub')
  await house.api(birch, 'PATCH', `/cameras/${camera.id}`, {sub_url: `${address}/main`})
  await until(async () => (await sub()).video?.width === 1280, {within: 15_000, what: 'the new one'})
  again.socket.destroy()
})
