// Whoever is not of the home gets 404 or 401 on every door, and nothing else: the other home's owner, nobody, a stale cookie, a guessed id.
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import {once} from 'node:events'
import net from 'node:net'
import {after, before, test} from 'node:test'
import {House, until} from '../lib/house.mjs'

const offer = await (await import('node:fs/promises')).readFile(new URL('../../src/webrtc/offers/chromium_video.sdp', import.meta.url), 'utf8')
let house, birch, harbour, camera, home

before(async () => {
  house = await House.start({homes: [
    {name: 'Birch', owner: 'birch', members: ['bea'], cameras: [{number: 11}]},
    {name: 'Harbour', owner: 'harbour', cameras: [{number: 21}]}]})
  birch = await house.signIn('birch')
  harbour = await house.signIn('harbour')
  camera = await house.liveCamera(birch)
  home = birch.homes[0]
})
after(() => house?.stop())

/** Every door that leads to a camera, home or viewing: [method, path, body]. */
function doors(homeId, cameraId, viewingId) {
  const add = {name: 'x', url: 'rtsp://127.0.0.1:1/x'}
  return [
    ['GET', `/api/v1/homes/${homeId}/cameras`],
    ['POST', `/api/v1/homes/${homeId}/cameras`, {json: add}],
    ['POST', `/api/v1/homes/${homeId}/cameras/test`, {json: {url: add.url}}],
    ['GET', `/api/v1/cameras/${cameraId}`],
    ['PATCH', `/api/v1/cameras/${cameraId}`, {json: {name: 'mine now'}}],
    ['DELETE', `/api/v1/cameras/${cameraId}`],
    ['GET', `/api/v1/cameras/${cameraId}/still.jpg`],
    ['POST', `/api/v1/cameras/${cameraId}/whep`, {body: offer, headers: {'content-type': 'application/sdp'}}],
    ['PATCH', `/api/v1/viewings/${viewingId}`, {body: '', headers: {'content-type': 'application/trickle-ice-sdpfrag', 'if-match': '*'}}],
    ['DELETE', `/api/v1/viewings/${viewingId}`],
  ]
}

async function openViewing(who, cameraId) {
  const answer = await house.request('POST', `/api/v1/cameras/${cameraId}/whep`, {cookie: who.cookie, body: offer, headers: {'content-type': 'application/sdp'}})
  assert.equal(answer.status, 201, await answer.clone().text())
  return answer
}

test('the owner gets in by each door', async () => {
  assert.equal((await house.request('GET', `/api/v1/homes/${home.id}/cameras`, birch)).status, 200)
  assert.equal((await house.request('GET', `/api/v1/cameras/${camera.id}`, birch)).status, 200)
  const answer = await openViewing(birch, camera.id)
  assert.match(answer.headers.get('location'), /^\/api\/v1\/viewings\/[0-9a-f]{32}$/)
  assert.ok(answer.headers.get('etag'))
  assert.equal(answer.headers.get('cache-control'), 'no-store')
  assert.equal((await house.request('DELETE', answer.headers.get('location'), birch)).status, 204)
  assert.equal((await house.request('DELETE', answer.headers.get('location'), birch)).status, 404)
})

test('the other home\'s owner: 404, the very answer of what does not exist', async () => {
  const viewing = (await openViewing(birch, camera.id)).headers.get('location').split('/').pop()
  const real = doors(home.id, camera.id, viewing)
  const guessed = doors(...Array.from({length: 3}, () => crypto.randomBytes(16).toString('hex')))
  for (let i = 0; i < real.length; i++) {
    const [method, path, rest = {}] = real[i]
    const answer = await house.request(method, path, {...rest, cookie: harbour.cookie})
    assert.equal(answer.status, 404, `${method} ${path}`)
    const other = await house.request(method, guessed[i][1], {...rest, cookie: harbour.cookie})
    assert.equal(other.status, 404)
    const words = text => text.replace(/[0-9a-f]{32}/g, 'ID')
    assert.equal(words(await answer.text()), words(await other.text()), `${method} ${path}`)
  }
  // Nothing of it happened.
  assert.equal((await house.api(birch, 'GET', `/cameras/${camera.id}`)).name, camera.name)
  assert.equal((await house.request('DELETE', `/api/v1/viewings/${viewing}`, birch)).status, 204)
})

test('nobody, a made-up cookie, a cookie of a session that ended: 401 on every door', async () => {
  const gone = await house.signIn('bea')
  assert.equal((await house.request('DELETE', '/api/v1/session', gone)).status, 204)
  for (const cookie of [undefined, `__Host-jalousie=${crypto.randomBytes(32).toString('base64url')}`, '__Host-jalousie=', gone.cookie]) {
    for (const [method, path, rest = {}] of [...doors(home.id, camera.id, crypto.randomBytes(16).toString('hex')), ['GET', '/api/v1/session'], ['GET', '/api/v1/events']]) {
      const answer = await house.request(method, path, {...rest, cookie})
      assert.equal(answer.status, 401, `${method} ${path} with ${cookie ? 'a stale cookie' : 'none'}`)
      assert.ok(!(await answer.text()).includes(camera.name))
    }
  }
})

test('PATCH takes candidates of its own viewing, and says what it cannot do', async () => {
  const viewing = await openViewing(birch, camera.id)
  const path = viewing.headers.get('location'), etag = viewing.headers.get('etag')
  const patch = (body, headers) => house.request('PATCH', path, {cookie: birch.cookie, body, headers: {'content-type': 'application/trickle-ice-sdpfrag', ...headers}})
  const ufrag = /a=ice-ufrag:(\S+)/.exec(offer)[1]
  assert.equal((await patch(`a=ice-ufrag:${ufrag}\r\na=end-of-candidates\r\n`, {'if-match': etag})).status, 204)
  assert.equal((await patch('a=ice-ufrag:another\r\n', {'if-match': etag})).status, 422)
  assert.equal((await patch('', {'if-match': '*'})).status, 422)
  assert.equal((await patch('', {'if-match': '"another"'})).status, 412)
  assert.equal((await patch('', {})).status, 428)
  assert.equal((await patch('', {'content-type': 'text/plain'})).status, 415)
  assert.equal((await house.request('DELETE', path, birch)).status, 204)
})

test('a member sees the home and changes nothing', async () => {
  const bea = await house.signIn('bea')
  assert.equal((await house.camerasOf(bea)).length, 1)
  for (const [method, path, rest = {}] of doors(home.id, camera.id, 'none').slice(1, 6)) {
    if (method === 'GET') continue
    assert.equal((await house.request(method, path, {...rest, cookie: bea.cookie})).status, 403, `${method} ${path}`)
  }
})

test('what a page of another origin sends is refused', async () => {
  for (const headers of [{origin: 'https://evil.example'}, {'sec-fetch-site': 'cross-site'}, {origin: 'null'}]) {
    const answer = await house.request('PATCH', `/api/v1/cameras/${camera.id}`, {cookie: birch.cookie, json: {name: 'evil'}, headers})
    assert.equal(answer.status, 403, JSON.stringify(headers))
  }
  assert.equal((await house.api(birch, 'GET', `/cameras/${camera.id}`)).name, camera.name)
})

test('a camera\'s credentials never come out', async () => {
  const secret = (await (await import('node:fs/promises')).readFile(house.passwordFile, 'utf8')).trim()
  for (const path of [`/api/v1/cameras/${camera.id}`, `/api/v1/homes/${home.id}/cameras`, '/metrics', '/healthz']) {
    const text = await (await house.request('GET', path, birch)).text()
    assert.ok(!text.includes(secret), path)
  }
  const fs = await import('node:fs/promises')
  for (const entry of await fs.readdir(house.data, {recursive: true, withFileTypes: true})) {
    if (!entry.isFile()) continue
    const file = `${entry.path ?? entry.parentPath}/${entry.name}`
    assert.ok(!(await fs.readFile(file)).includes(secret), `${entry.name} holds the camera's password`)
  }
  assert.ok(!house.server.output.includes(secret), 'the log holds the camera\'s password')
  assert.ok(!house.server.output.includes(birch.cookie.split('=')[1]), 'the log holds a cookie')
})

test('secrets in a camera\'s address are in no file, answer or log, and it is known again', async () => {
  const fs = await import('node:fs/promises')
  const urls = ['rtsp://192.0.2.1/live?user=admin&password=hunter2-in-a-query', 'rtsp://192.0.2.1/user=admin_password=hunter2-in-a-path_channel=1.sdp']
  const add = (url, ...more) => house.command('camera', 'add', '--home', 'Birch', '--skip-known', ...more, url)
  for (const url of urls) {
    await add(url, '--name', 'Old recorder')
    assert.equal(await add(url), '', 'known by its whole address')
  }
  assert.notEqual(await add(urls[0].replace('live?', 'live?channel=2&'), '--quiet', '--name', 'Old recorder'), undefined)
  const listed = await house.command('camera', 'list')
  assert.ok(listed.includes('rtsp://192.0.2.1/live\n') && !listed.includes('hunter2'), listed)
  const old = (await house.camerasOf(birch)).filter(({name}) => name === 'Old recorder')
  assert.equal(old.length, 3)
  await until(async () => (await house.camerasOf(birch)).filter(({name, reason}) => name === 'Old recorder' && reason).length === 3,
    {within: 30_000, what: 'what became of the connections'})
  assert.ok(!JSON.stringify(await house.camerasOf(birch)).includes('hunter2'))
  for (const entry of await fs.readdir(house.data, {recursive: true, withFileTypes: true})) {
    if (!entry.isFile()) continue
    const file = `${entry.path ?? entry.parentPath}/${entry.name}`
    assert.ok(!(await fs.readFile(file)).includes('hunter2'), `${entry.name} holds a password`)
  }
  assert.ok(!house.server.output.includes('hunter2'), 'the log holds a password')
  for (const {id} of old) await house.api(birch, 'DELETE', `/cameras/${id}`)
})

test('an owner cannot lead the server to its own services', async () => {
  const knocks = []
  const service = net.createServer(socket => { knocks.push(1); socket.on('error', () => {}) }).listen(0)
  await once(service, 'listening')
  const {port} = service.address()
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '[64:ff9b::127.0.0.1]']) {
    const found = await house.api(birch, 'POST', `/homes/${home.id}/cameras/test`, {url: `rtsp://${host}:${port}/x`})
    assert.equal(found.state, 'refused', host)
  }
  const added = await house.api(birch, 'POST', `/homes/${home.id}/cameras`, {name: 'Inside', url: `rtsp://localhost:${port}/x`})
  await until(async () => (await house.api(birch, 'GET', `/cameras/${added.id}`)).state === 'refused', {within: 20_000, what: 'the refusal'})
  await house.api(birch, 'DELETE', `/cameras/${added.id}`)
  assert.equal(knocks.length, 0)
  service.close()
})

test('a flood of test connections is turned away, with when to come back', async () => {
  const ask = who => house.request('POST', `/api/v1/homes/${who.homes[0].id}/cameras/test`, {cookie: who.cookie, json: {url: 'rtsp://0.0.0.0/x'}})
  let refused
  for (let turn = 0; turn < 20 && !refused; turn++) {
    const answer = await ask(birch)
    if (answer.status !== 200) refused = answer
  }
  assert.equal(refused?.status, 429)
  assert.ok(Number(refused.headers.get('retry-after')) >= 1)
  assert.match((await refused.json()).detail, /try again in \d+ second/)
  assert.equal((await ask(harbour)).status, 200)
})

test('bad offers get an answer of their protocol', async () => {
  const whep = `/api/v1/cameras/${camera.id}/whep`
  const send = (body, type = 'application/sdp') => house.request('POST', whep, {cookie: birch.cookie, body, headers: {'content-type': type}})
  assert.equal((await send('v=0\r\nnonsense')).status, 400)
  assert.equal((await send(offer, 'text/plain')).status, 415)
  assert.equal((await send(offer.replaceAll(/H264/g, 'VP8'))).status, 406)
  assert.equal((await send('x'.repeat(300_000))).status, 413)
  const options = await house.request('OPTIONS', whep, birch)
  assert.equal(options.status, 204)
  assert.equal(options.headers.get('accept-post'), 'application/sdp')
})
