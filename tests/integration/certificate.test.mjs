// A camera behind TLS: the certificate that it showed first stays the one to trust, over a restart of the server too; another one
// is refused until an owner accepts it.
import assert from 'node:assert/strict'
import {after, before, test} from 'node:test'
import {House, until} from '../lib/house.mjs'

const one = {number: 11, scheme: 'rtsps', extra: ['--tls', '--http-tunnel']}
let house, owner
before(async () => {
  house = await House.start({homes: [{name: 'Birch', owner: 'birch', cameras: [one]}]})
  owner = await house.signIn('birch')
  await house.liveCamera(owner)
})
after(() => house?.stop())

/** Waits until the one camera is in that state. */
const inState = (state) => until(async () => (await house.camerasOf(owner)).find(camera => camera.state === state), {within: 60_000, what: state})

test('a camera that shows another certificate is not spoken to, until its owner accepts that one', async () => {
  await house.stopCamera(one.number)
  await house.startCamera(one)  // it makes itself a new certificate
  const changed = await inState('certificate_changed')
  await house.server.end()
  await house.startServer()
  const still = await inState('certificate_changed')
  assert.equal(still.reason, changed.reason)
  const fingerprint = /SHA-256 ([0-9a-f]{64})/.exec(still.reason)[1]
  await house.api(owner, 'PATCH', `/cameras/${still.id}`, {certificate: fingerprint})
  await house.liveCamera(owner)
})

test('the same camera through HTTPS, at the port that its address names', async () => {
  const [camera] = await house.camerasOf(owner)
  await house.api(owner, 'PATCH', `/cameras/${camera.id}`, {transport: 'http'})
  const live = await until(async () => (await house.camerasOf(owner)).find(each => each.state === 'live' && each.transport === 'http' && each.since > camera.since),
    {within: 60_000, what: 'a live camera through HTTPS'})
  assert.equal(live.reason, '')
})
