// Stills from a real server with real cameras, judged by what is painted into their pictures: whose they are, how old, and that nobody else
// gets any. The server's decoders are looked at from outside, as the kernel sees them.
import assert from 'node:assert/strict'
import {execFile, spawn} from 'node:child_process'
import crypto from 'node:crypto'
import {once} from 'node:events'
import fs from 'node:fs/promises'
import path from 'node:path'
import {after, before, test} from 'node:test'
import {promisify} from 'node:util'
import {build, House, until} from '../lib/house.mjs'

const run = promisify(execFile)
const reader = path.join(build, 'tools/identity/jalousie-read-identity')
let house, birch, harbour

before(async () => {
  house = await House.start({homes: [
    {name: 'Birch', owner: 'birch', members: ['bea'], cameras: [{number: 11, gop: 4}]},
    {name: 'Harbour', owner: 'harbour', cameras: [{number: 21, gop: 1}]}]})
  birch = await house.signIn('birch')
  harbour = await house.signIn('harbour')
  birch.camera = await house.liveCamera(birch)
  harbour.camera = await house.liveCamera(harbour)
})
after(() => house?.stop())

const pathOf = (camera, width) => `/api/v1/cameras/${camera.id ?? camera}/still.jpg${width === undefined ? '' : `?width=${width}`}`
const ask = (who, camera, width) => house.request('GET', pathOf(camera, width), {cookie: who?.cookie})

/** What the identity reader finds in a JPEG. */
async function judge(bytes) {
  const child = spawn(reader, ['--json', '-'], {stdio: ['pipe', 'pipe', 'inherit']})
  child.stdin.end(bytes)
  let text = ''
  child.stdout.on('data', data => { text += data })
  const [code] = await once(child, 'close')
  assert.equal(code, 0)
  return JSON.parse(text).identities
}
async function still(who, camera, width) {
  const answer = await until(async () => {
    const one = await ask(who, camera, width)
    if (one.status !== 200) throw new Error(`${one.status} ${await one.text()}`)
    return one
  }, {within: 30_000, every: 500, what: 'a still'})
  return {answer, bytes: Buffer.from(await answer.arrayBuffer())}
}
/** Width and height by the JPEG's frame header (T.81 B.2.2). */
function sizeOf(jpeg) {
  for (let i = 2; i + 9 < jpeg.length; i += 2 + jpeg.readUInt16BE(i + 2)) {
    if (jpeg[i + 1] >= 0xc0 && jpeg[i + 1] <= 0xc2) return [jpeg.readUInt16BE(i + 7), jpeg.readUInt16BE(i + 5)]
  }
}
/** The decoder children of the server. */
async function decoders() {
  const {stdout} = await run('ps', ['-o', 'pid=,comm=', '--ppid', String(house.server.child.pid)])
  return stdout.split('\n').filter(line => line.includes('jalousie-decode')).map(line => parseInt(line, 10))
}

test('each owner sees their own camera, now, and nobody else\'s', async () => {
  for (const [who, number] of [[birch, 11], [harbour, 21], [birch, 11]]) {
    const before = Date.now()
    const {answer, bytes} = await still(who, who.camera)
    assert.equal(answer.headers.get('content-type'), 'image/jpeg')
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
    const age = Date.now() - Date.parse(answer.headers.get('x-capture-time'))
    assert.ok(age < 30_000 && Date.parse(answer.headers.get('x-capture-time')) > before - 20_000, `taken ${age} ms ago`)
    assert.match(answer.headers.get('age'), /^\d+$/)
    const found = await judge(bytes)
    assert.equal(found.length, 1)
    assert.deepEqual([found[0].home, found[0].camera, found[0].tenure], [Math.floor(number / 10), number, 1])
    assert.ok(found[0].tiles >= 12, `${found[0].tiles} tiles`)
    // The picture's own clock agrees with what the header says of it; the painted one has whole seconds.
    if (found[0].time) assert.ok(Math.abs(Date.parse(found[0].time) - Date.parse(answer.headers.get('x-capture-time'))) < 3000)
  }
})

test('widths are snapped, and nothing is made larger', async () => {
  const native = sizeOf((await still(birch, birch.camera)).bytes)
  assert.deepEqual(sizeOf((await still(birch, birch.camera, 320)).bytes), [320, Math.round(320 * native[1] / native[0])])
  assert.equal(sizeOf((await still(birch, birch.camera, 3)).bytes)[0], 16)
  assert.deepEqual(sizeOf((await still(birch, birch.camera, 100_000)).bytes), native)
  assert.equal((await ask(birch, birch.camera, 'wide')).status, 400)
  const small = await still(birch, birch.camera, 400)
  assert.equal((await judge(small.bytes))[0].camera, 11)
})

test('who may not see it gets the answer of what is not there; nobody gets 401', async () => {
  const refused = await ask(harbour, birch.camera)
  const unknown = await ask(harbour, crypto.randomBytes(16).toString('hex'))
  assert.equal(refused.status, 404)
  assert.equal(await refused.text(), await unknown.text())
  const gone = await house.signIn('bea')
  assert.equal((await still(gone, birch.camera)).answer.status, 200)
  assert.equal((await house.request('DELETE', '/api/v1/session', gone)).status, 204)
  for (const cookie of [undefined, gone.cookie, '__Host-jalousie=AAAA']) assert.equal((await ask({cookie}, birch.camera)).status, 401)
})

test('each home has a child of its own, which the kernel keeps in', async () => {
  await still(birch, birch.camera)
  await still(harbour, harbour.camera)
  const children = await decoders()
  assert.equal(children.length, 2)
  for (const pid of children) {
    const status = Object.fromEntries((await fs.readFile(`/proc/${pid}/status`, 'utf8')).split('\n').map(line => line.split(/:\s+/)))
    assert.equal(status.Seccomp, '2', 'a filter is installed')
    assert.equal(status.NoNewPrivs, '1')
    assert.equal(status.Threads, '1')
    assert.equal(status.CapEff, '0000000000000000')
    assert.equal(status.CapPrm, '0000000000000000')
    assert.ok(!status.Uid.split(/\s+/).includes('0'), `uid ${status.Uid}`)
    if (process.getuid() !== 0) continue // of others' descriptors and environments only root is told
    assert.deepEqual(await fs.readdir(`/proc/${pid}/fd`), ['0'])
    assert.equal((await fs.readFile(`/proc/${pid}/environ`)).length, 0)
  }
})

test('a child that dies is replaced, and the other home does not notice', async () => {
  await still(birch, birch.camera)
  await still(harbour, harbour.camera)
  const children = await decoders()
  for (const pid of children) process.kill(pid, 'SIGKILL')
  assert.equal((await judge((await still(harbour, harbour.camera)).bytes))[0].camera, 21)
  assert.equal((await judge((await still(birch, birch.camera)).bytes))[0].camera, 11)
  assert.ok((await decoders()).every(pid => !children.includes(pid)))
})

test('too many at once are refused for that session alone', async () => {
  const answers = await Promise.all(Array.from({length: 40}, () => ask(birch, birch.camera, 160)))
  const counts = Object.groupBy ? Object.groupBy(answers, one => one.status) : {429: answers.filter(one => one.status === 429)}
  assert.ok(counts[429]?.length > 0, 'a burst of 40 was taken whole')
  assert.match(counts[429][0].headers.get('retry-after'), /^\d+$/)
  assert.ok(answers.every(one => [200, 429, 503].includes(one.status)))
  assert.equal((await judge((await still(harbour, harbour.camera)).bytes))[0].camera, 21)
})

test('a camera that is away gives 503 and says since when, never an older picture', async () => {
  await house.stopCamera(21)
  const answer = await until(async () => {
    const one = await ask(harbour, harbour.camera)
    return one.status === 503 && one
  }, {within: 30_000, every: 500, what: 'the refusal'})
  assert.match(answer.headers.get('retry-after'), /^\d+$/)
  const problem = await answer.json()
  assert.equal(problem.status, 503)
  await until(async () => /^No picture since \d{4}-/.test((await (await ask(harbour, harbour.camera)).json()).detail), {within: 30_000, every: 500, what: 'the reason'})
})

test('with the camera its stills end', async () => {
  await house.api(birch, 'DELETE', `/cameras/${birch.camera.id}`)
  assert.equal((await ask(birch, birch.camera)).status, 404)
})

test('nothing is left when the server ends', async () => {
  const children = await decoders()
  await house.server.end()
  await until(async () => {
    for (const pid of children) try { process.kill(pid, 0); return false } catch {}
    return true
  }, {what: 'the end of the decoders'})
})
