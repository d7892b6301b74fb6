// Chromium over WHEP, judged by the pixels that it decodes: one's own camera, moving at its own pace, and nobody else's; gone at once when the right is.
import assert from 'node:assert/strict'
import {after, before, test} from 'node:test'
import {blankPage, grab, launch, watchInPage} from '../lib/chromium.mjs'
import {House, sleep, until} from '../lib/house.mjs'
import {readIdentity} from './identity.mjs'

let house, browser, birch, harbour

before(async () => {
  house = await House.start({homes: [
    {name: 'Birch', owner: 'birch', cameras: [{number: 11, gop: 10}]},
    {name: 'Harbour', owner: 'harbour', cameras: [{number: 21, gop: 10, transport: 'udp', auth: 'digest-sha256'}]}]})
  birch = await house.signIn('birch')
  harbour = await house.signIn('harbour')
  birch.camera = await house.liveCamera(birch)
  harbour.camera = await house.liveCamera(harbour)
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await house?.stop()
})

/** What the tiles of a picture say, all of them: {cameras, homes, frame, unreadable}. */
function judge(picture) {
  const {tiles} = readIdentity(picture)
  const readable = tiles.filter(tile => !tile.unreadable)
  return {
    homes: [...new Set(readable.map(tile => tile.home))],
    cameras: [...new Set(readable.map(tile => tile.camera))],
    frame: Math.max(...readable.map(tile => tile.frame ?? -1)),
    readable: readable.length,
    tiles: tiles.length,
  }
}

for (const [name, number] of [['birch', 11], ['harbour', 21]]) {
  test(`${name} sees camera ${number} and no other, at 25 pictures a second`, async () => {
    const who = {birch, harbour}[name]
    const page = await blankPage(browser, house, name)
    const started = await page.evaluate(watchInPage, who.camera.id)
    assert.equal(started.status, 201)
    await sleep(4000)  // by then it has walked to live
    const first = judge(await grab(page)), firstAt = performance.now()
    let last, lastAt
    for (let i = 0; i < 10; i++) {
      await sleep(400)
      last = judge(await grab(page))
      lastAt = performance.now()
      assert.deepEqual(last.homes, [Math.floor(number / 10)])
      assert.deepEqual(last.cameras, [number])
      assert.ok(last.readable >= 0.9 * last.tiles, `${last.readable} of ${last.tiles} tiles readable`)
    }
    const rate = (last.frame - first.frame) / ((lastAt - firstAt) / 1000)
    assert.ok(Math.abs(rate - 25) < 1.5, `${rate.toFixed(1)} frames a second`)
    await page.close()
  })
}

test('a page that follows another home\'s address sees nothing', async () => {
  const page = await blankPage(browser, house, 'harbour')
  const {status} = await page.evaluate(watchInPage, birch.camera.id)
  assert.equal(status, 404)
  await page.close()
})

test('the picture stops within a second when the session ends', async () => {
  const page = await blankPage(browser, house, 'birch')
  const again = page.person
  await page.evaluate(watchInPage, birch.camera.id)
  await sleep(1000)
  const count = () => page.evaluate(() => window.viewer.frames.length)
  const before = await count()
  await sleep(300)
  assert.ok(await count() > before, 'it moves')
  assert.equal((await house.request('DELETE', '/api/v1/session', again)).status, 204)
  await sleep(1000)
  const ended = await count()
  await sleep(1500)
  assert.equal(await count(), ended, 'pictures came more than a second after signing out')
  assert.equal((await house.request('POST', `/api/v1/cameras/${birch.camera.id}/whep`, {cookie: again.cookie, body: 'v=0', headers: {'content-type': 'application/sdp'}})).status, 401)
  await page.close()
})

test('an offer without H.264 is told why', async () => {
  const page = await blankPage(browser, house, 'birch')
  const offer = await page.evaluate(async () => {
    const peer = new RTCPeerConnection()
    peer.addTransceiver('video', {direction: 'recvonly'}).setCodecPreferences(RTCRtpReceiver.getCapabilities('video').codecs.filter(one => /VP8/.test(one.mimeType)))
    return (await peer.createOffer()).sdp
  })
  const answer = await house.request('POST', `/api/v1/cameras/${birch.camera.id}/whep`, {cookie: birch.cookie, body: offer, headers: {'content-type': 'application/sdp'}})
  assert.equal(answer.status, 406)
  assert.match((await answer.json()).detail, /H\.?264/)
  await page.close()
})

test('pulled away for a while, the camera comes back into the same viewing', async () => {
  const one = house.homes[0].cameras[0]
  const page = await blankPage(browser, house, 'birch')
  await page.evaluate(watchInPage, birch.camera.id)
  await house.stopCamera(11, 'SIGKILL')
  await until(async () => (await house.api(birch, 'GET', `/cameras/${birch.camera.id}`)).state !== 'live', {within: 5000, what: 'the API noticing'})
  await sleep(6000)
  const before = await page.evaluate(() => window.viewer.frames.length)
  await house.startCamera(one)
  await until(async () => await page.evaluate(() => window.viewer.frames.length) > before + 25, {within: 15_000, what: 'the picture'})
  assert.deepEqual(judge(await grab(page)).cameras, [11])
  await page.close()
})
