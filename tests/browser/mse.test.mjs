// The page on a network that lets no UDP through: the answer's candidate is an address that nobody has (RFC 5737), so WebRTC never connects. Pictures come by MSE all the same, of the
// right camera, soon and not late, and stop when the right ends.
import assert from 'node:assert/strict'
import http from 'node:http'
import {after, before, test} from 'node:test'
import {blankPage, launch} from '../lib/chromium.mjs'
import {House, password, sleep, until} from '../lib/house.mjs'
import {readIdentity} from './identity.mjs'
import {decoded, openPage, pictures, presented, signIn, untilLive} from './page.mjs'

let house, birch, held

/** Runs in the page before its own script: which capture time each segment said, so that the test can tell the age of what is presented without the page's word for it. */
function listen() {
  const captures = new Map()
  window.captures = captures
  const Real = window.WebSocket
  window.WebSocket = class extends Real {
    constructor(...all) {
      super(...all)
      this.addEventListener('message', ({data}) => {
        if (typeof data === 'string') return
        const view = new DataView(data)
        if (view.getUint8(0) === 2) captures.set(view.getUint32(4), Number(view.getBigUint64(8)) / 1000)
      })
    }
  }
}

before(async () => {
  house = await House.start({serveArguments: ['--media-address', '192.0.2.1'], homes: [
    {name: 'Birch', owner: 'birch', cameras: [{number: 11, name: 'Front door', gop: 5, stream: 'sub'}, {number: 12, name: 'Garden', gop: 2, stream: 'sub'}]},
    {name: 'Harbour', owner: 'harbour', cameras: [{number: 21, name: 'Quay', stream: 'sub'}]}]})
  birch = await house.signIn('birch')
  await house.signIn('harbour')
  await house.liveCamera(birch, 'Front door')
  await house.liveCamera(birch, 'Garden')
  held = await openPage(house.baseUrl)
  await held.context.addInitScript(listen)
})
after(async () => {
  await held?.close()
  await house?.stop()
})

const bySource = page => page.$$eval('video', all => all.map(video => video.currentSrc.startsWith('blob:') && video.srcObject === null))

test('without UDP the pictures come by MSE', async () => {
  const began = performance.now()
  await signIn(held.page, 'birch', password)
  await untilLive(held.page, 2, 30_000)
  console.log(`# two live pictures ${Math.round(performance.now() - began)} ms after the sign-in page was asked for`)
  assert.deepEqual(await bySource(held.page), [true, true])
  assert.ok(await presented(held.page, 2000) >= 20, 'the picture moves')
  for (const [name, number] of [['Front door', 11], ['Garden', 12]]) {
    const id = await held.page.locator('.tile', {hasText: name}).getAttribute('data-camera')
    const {identities} = readIdentity(await decoded(held.page, id))
    assert.deepEqual(identities.map(({home, camera}) => [home, camera]), [[1, number]], name)
  }
})

test('the next picture of this page does not try UDP first', async () => {
  await held.page.getByRole('link', {name: /Front door/}).first().click()
  const took = await untilLive(held.page, 1, 15_000)
  console.log(`# one camera, live after ${took} ms`)
  assert.deepEqual(await bySource(held.page), [true])
})

test('a minute of it stays close to live', async () => {
  const ages = await held.page.evaluate(span => new Promise(done => {
    const video = document.querySelector('video'), ages = []
    const next = (_, {mediaTime}) => {
      const ticks = Math.round(mediaTime * 90_000)
      for (const near of [0, 1, -1, 2, -2]) {
        const capture = window.captures.get((ticks + near) >>> 0)
        if (capture === undefined) continue
        ages.push(Date.now() - capture)
        break
      }
      video.requestVideoFrameCallback(next)
    }
    video.requestVideoFrameCallback(next)
    setTimeout(() => done(ages), span)
  }), 60_000)
  ages.sort((a, b) => a - b)
  const at = part => Math.round(ages[Math.floor((ages.length - 1) * part)])
  console.log(`# ${ages.length} pictures in 60 s, age p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${at(1)} ms`)
  assert.ok(ages.length > 60 * 5, `${ages.length} pictures`)
  assert.ok(at(0.95) < 3000, `p95 ${at(0.95)} ms`)
  assert.equal((await pictures(held.page))[0].shown, true)
})

test('a page of another origin gets no socket, though the browser sends our cookie with its handshake', async () => {
  // Another port of the same host: cookies do not mind ports, origins do.
  const elsewhere = http.createServer((_, answer) => answer.setHeader('content-type', 'text/html').end('<p>elsewhere</p>'))
  await new Promise(done => elsewhere.listen(0, '127.0.0.1', done))
  const other = await held.context.newPage()
  await other.goto(`http://127.0.0.1:${elsewhere.address().port}/`)
  const id = (await house.camerasOf(birch))[0].id
  const said = await other.evaluate(url => new Promise(done => {
    const socket = new WebSocket(url, 'jalousie.mse.v1')
    socket.onopen = () => done('open')
    socket.onclose = ({code}) => done(code)
  }), `ws://127.0.0.1:${house.port}/api/v1/cameras/${id}/mse`)
  assert.equal(said, 1006)
  await other.close()
  elsewhere.close()
})

test('another home\'s owner sees nothing, and is told as of a camera that is not there', async () => {
  const browser = await launch()
  const page = await blankPage(browser, house, 'harbour')
  const id = (await house.camerasOf(birch))[0].id
  const said = await page.evaluate(async camera => {
    const closed = await new Promise(done => {
      const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/api/v1/cameras/${camera}/mse`, 'jalousie.mse.v1')
      socket.onmessage = ({data}) => done(data)
      socket.onclose = ({code}) => done(code)
    })
    return [closed, (await fetch(`/api/v1/cameras/${camera}`)).status]
  }, id)
  assert.deepEqual(said, [1006, 404])
  await browser.close()
})

test('when the session ends, so does the picture, within a second', async () => {
  await untilLive(held.page, 1, 15_000)
  const [cookie] = (await held.context.cookies()).filter(one => one.name === '__Host-jalousie')
  const asked = performance.now()
  assert.equal((await house.request('DELETE', '/api/v1/session', {cookie: `${cookie.name}=${cookie.value}`})).status, 204)
  await until(async () => (await pictures(held.page)).every(({shown}) => !shown), {within: 5000, every: 10, what: 'the picture going'})
  const took = Math.round(performance.now() - asked)
  console.log(`# the picture was gone ${took} ms after the session was ended`)
  assert.ok(took < 1000, `${took} ms`)
  await sleep(500)
  assert.ok((await pictures(held.page)).every(({shown}) => !shown), 'and it does not come back')
})
