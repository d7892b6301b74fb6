// kill -9 and start again: in under 2 s, with nothing lost. Two servers on one folder, a taken port, a wrong root key: one clear line.
import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import fs from 'node:fs/promises'
import net from 'node:net'
import path from 'node:path'
import {after, before, test} from 'node:test'
import {promisify} from 'node:util'
import {build, House, until} from '../lib/house.mjs'

const run = promisify(execFile)
const jalousie = path.join(build, 'src/app/jalousie')
let house, owner

before(async () => {
  house = await House.start({homes: [{name: 'Birch', owner: 'birch', cameras: [{number: 11}]}]})
  owner = await house.signIn('birch')
  await house.liveCamera(owner)
})
after(() => house?.stop())

/** What a command that must fail says on standard error: one line. */
async function refusal(args) {
  try {
    await run(jalousie, args, {timeout: 10_000})
  } catch (problem) {
    assert.notEqual(problem.code, 0)
    const lines = problem.stderr.trim().split('\n')
    assert.equal(lines.length, 1, problem.stderr)
    return lines[0]
  }
  assert.fail(`${args.join(' ')} should have been refused`)
}
const serve = (port, media) => ['serve', '--listen', `127.0.0.1:${port}`, '--media-port', String(media)]
const common = () => ['--data', house.data, '--root-key', house.rootKey]

test('kill -9 loses nothing: sessions, cameras and what was just changed', async () => {
  for (let round = 0; round < 5; round++) {
    const camera = (await house.camerasOf(owner))[0]
    const name = `Door ${round}`
    await house.api(owner, 'PATCH', `/cameras/${camera.id}`, {name})
    await house.server.end('SIGKILL')
    await house.startServer()
    assert.equal((await house.camerasOf(owner))[0].name, name)
    await house.liveCamera(owner)
  }
})

test('the command line works beside the running server, which notices', async () => {
  await house.command('home', 'add', 'Second', '--owner', 'birch', '--quiet')
  await until(async () => (await house.api(owner, 'GET', '/session')).homes.length === 2, {within: 3000, what: 'the second home'})
})

test('an invitation that was sent goes on opening over a restart, and leads to where the server is', async () => {
  const link = await house.command('user', 'add', 'anna', '--home', 'Birch')
  assert.ok(link.startsWith(`${house.baseUrl}/welcome#`), link.split('#')[0])
  await house.server.end()
  await house.startServer()
  // It answers a little before it says so.
  await until(() => /anna: has a link that still opens; 'jalousie user link anna'/.test(house.server.output), {what: 'what it says at its start'})
  assert.doesNotMatch(house.server.output, /welcome#/)
  const answer = await house.request('POST', '/api/v1/welcome', {json: {token: link.split('#')[1], password: 'a password for anna'}})
  assert.equal(answer.status, 200)
})

test('a second server on the same folder is refused', async () => {
  assert.match(await refusal([...common(), ...serve(house.port + 1, house.mediaPort + 1)]), /another .*jalousie|already|in use/i)
})

test('a taken port is refused, saying which and what to do', async () => {
  const other = path.join(house.folder, 'other')
  const taken = net.createServer().listen(0, '127.0.0.1')
  await new Promise(done => taken.once('listening', done))
  const line = await refusal(['--data', other, '--root-key', `${other}.key`, ...serve(taken.address().port, house.mediaPort + 1)])
  assert.match(line, new RegExp(`${taken.address().port}`))
  assert.match(line, /--listen/)
  assert.match(await refusal(['--data', other, '--root-key', `${other}.key`, ...serve(house.port + 1, house.mediaPort)]), /--media-port/)
  taken.close()
})

test('plain HTTP is served on loopback only', async () => {
  const other = path.join(house.folder, 'other')
  const line = await refusal(['--data', other, '--root-key', `${other}.key`, 'serve', '--listen', '0.0.0.0:0', '--media-port', '0'])
  assert.match(line, /--tls-certificate/)
})

test('another root key is refused with the reason, a readable one too, one inside the data folder too', async () => {
  const key = path.join(house.folder, 'wrong.key')
  await fs.writeFile(key, `${'ab'.repeat(32)}\n`, {mode: 0o600})
  assert.match(await refusal(['--data', house.data, '--root-key', key, 'home', 'list']), /root key/)
  await fs.copyFile(house.rootKey, key)
  await fs.chmod(key, 0o644)
  assert.match(await refusal(['--data', house.data, '--root-key', key, 'home', 'list']), /0600|chmod/)
  assert.match(await refusal(['--data', house.data, '--root-key', path.join(house.data, 'k'), 'home', 'list']), /inside the data folder/)
})

test('a folder that cannot be made is refused', async () => {
  const file = path.join(house.folder, 'a-file')
  await fs.writeFile(file, '')
  assert.match(await refusal(['--data', path.join(file, 'data'), '--root-key', house.rootKey, 'init']), /--data/)
})
