// The Grafana dashboard asks for what the server tells: each of its metrics is there, with the labels that it groups by.
import assert from 'node:assert/strict'
import fs from 'node:fs/promises'
import {after, before, test} from 'node:test'
import {House, until} from '../lib/house.mjs'
import {connect} from '../lib/web_socket.mjs'

let house, owner
before(async () => {
  house = await House.start({homes: [{name: 'Birch', owner: 'birch', cameras: [{number: 11}]}]})
  owner = await house.signIn('birch')
  const camera = await house.liveCamera(owner)
  const other = await house.signIn('birch')
  const {next, closed} = await connect(`${house.baseUrl}/api/v1/cameras/${camera.id}/mse`, {cookie: other.cookie, protocol: 'jalousie.mse.v1'})
  for (let i = 0; i < 5; i++) await next()
  await house.request('DELETE', '/api/v1/session', other)
  await closed
  await house.stopCamera(11)
  await until(async () => (await house.camerasOf(owner))[0].state !== 'live', {what: 'the end of the camera'})
})
after(() => house?.stop())

test('every metric of the dashboard is told, and every label it groups by', async () => {
  const dashboard = JSON.parse(await fs.readFile(new URL('../../packaging/grafana/jalousie.json', import.meta.url), 'utf8'))
  const told = await house.request('GET', '/metrics').then(answer => answer.text())
  const labels = new Map()
  for (const [, name, inside] of told.matchAll(/^(jalousie_\w+)(?:\{([^}]*)\})? /gm)) {
    const of = labels.get(name) ?? labels.set(name, new Set()).get(name)
    for (const [, label] of (inside ?? '').matchAll(/(\w+)="/g)) of.add(label)
  }
  const asked = dashboard.panels.flatMap(panel => (panel.targets ?? []).map(({expr}) => expr))
  assert.ok(asked.length > 20)
  for (const expr of asked) {
    const [name] = /jalousie_\w+/.exec(expr)
    assert.ok(labels.has(name), `${name} is not told`)
    const by = /by \((\w+)\)/.exec(expr)?.[1]
    if (by) assert.ok(labels.get(name).has(by), `${name} has no label ${by}`)
  }
})
