// What a camera hears, judged by its spectrum: each test camera hums at its own pitch. Sound comes to who asked for it, on one camera's own screen alone.
import assert from 'node:assert/strict'
import {after, before, test} from 'node:test'
import {House, password, until} from '../lib/house.mjs'
import {openPage, signIn, untilLive} from './page.mjs'

const cameras = [{name: 'Porch', sound: 'pcma', tone: 440}, {name: 'Garden', sound: 'opus', tone: 1000}, {name: 'Attic', sound: 'pcmu', tone: 1750}]
let house, opened, page, birch

before(async () => {
  house = await House.start({homes: [{name: 'Birch', owner: 'birch', cameras: cameras.map(({name, sound, tone}, at) => ({number: 11 + at, name, extra: ['--sound', sound, '--tone', String(tone), '--main-kbps', '500']}))}]})
  birch = await house.signIn('birch')
  for (const {name} of cameras) await house.liveCamera(birch, name)
  opened = await openPage(house.baseUrl)
  page = opened.page
  await signIn(page, 'birch', password)
})
after(async () => {
  await opened?.close()
  await house?.stop()
})

const named = async name => (await house.camerasOf(birch)).find(one => one.name === name)
/** Of every picture: whether its element is silent, and how many tracks of sound it has. */
const ears = () => page.$$eval('.picture video', all => all.map(video => [video.muted, video.srcObject?.getAudioTracks().length ?? 0]))
/** The loudest pitch that the picture's element plays, in Hz; 0 where there is silence. */
const pitch = () => page.evaluate(async () => {
  const context = new AudioContext()
  await context.resume()
  const analyser = new AnalyserNode(context, {fftSize: 16384, smoothingTimeConstant: 0})
  context.createMediaStreamSource(document.querySelector('.picture video').srcObject).connect(analyser)
  await new Promise(done => setTimeout(done, 600))
  const levels = new Float32Array(analyser.frequencyBinCount)
  analyser.getFloatFrequencyData(levels)
  const top = levels.indexOf(Math.max(...levels))
  await context.close()
  return levels[top] > -60 ? top * context.sampleRate / 16384 : 0
})
const hears = (hertz, what) => until(async () => {
  const heard = await pitch()
  if (Math.abs(heard - hertz) > 8) throw new Error(`${heard} Hz`)
  return true
}, {within: 15_000, what})

test('without its owner\'s word a camera is not asked for its sound, and no screen offers any', async () => {
  await untilLive(page, 3)
  assert.deepEqual(await ears(), [[true, 0], [true, 0], [true, 0]])
  await page.getByRole('link', {name: /Porch/}).click()
  await untilLive(page, 1)
  assert.equal(await page.getByRole('button', {name: 'Sound on'}).count(), 0)
  assert.equal((await named('Porch')).audio, null)
  for (const {name} of cameras) {
    await house.api(birch, 'PATCH', `/cameras/${(await named(name)).id}`, {sound: 'on'})
    await until(async () => (await named(name)).audio !== null, {what: `sound of ${name}`, within: 15_000})
  }
})

test('it is silent until somebody wants to hear it, and then hums at the camera\'s pitch', async () => {
  await untilLive(page, 1)
  assert.deepEqual(await ears(), [[true, 0]])
  await page.getByRole('button', {name: 'Sound on'}).click()
  await hears(440, 'the tone of G.711 (A-law)')
  assert.deepEqual(await ears(), [[false, 1]])
  await untilLive(page, 1)
})

test('how loud it is is the person\'s to say', async () => {
  await page.getByRole('slider', {name: 'Volume'}).fill('25')
  assert.equal(await page.$eval('.picture video', video => video.volume), 0.25)
  await page.getByRole('slider', {name: 'Volume'}).fill('100')
})

test('the wall stays silent, and another camera is heard by its own sound', async () => {
  await page.goBack()
  await untilLive(page, 3)
  await until(async () => JSON.stringify(await ears()) === JSON.stringify([[true, 0], [true, 0], [true, 0]]), {what: 'silence'})
  for (const [name, hertz, what] of [['Garden', 1000, 'Opus'], ['Attic', 1750, 'G.711 (u-law)']]) {
    await page.getByRole('link', {name: new RegExp(name)}).click()
    await untilLive(page, 1)
    await hears(hertz, `the tone of ${what}`)
    await page.goBack()
    await untilLive(page, 3)
  }
})

test('silence is a key away, and no sound is sent then', async () => {
  await page.getByRole('link', {name: /Garden/}).click()
  await hears(1000, 'the tone')
  await page.keyboard.press('m')
  await until(async () => JSON.stringify(await ears()) === JSON.stringify([[true, 0]]), {what: 'silence'})
  await page.keyboard.press('m')
  await hears(1000, 'the tone again')
})

test('a camera that is no longer to be heard falls silent while it is watched', async () => {
  await house.api(birch, 'PATCH', `/cameras/${(await named('Garden')).id}`, {sound: 'off'})
  await until(async () => (await page.getByRole('button', {name: /^Sound/}).count()) === 0, {what: 'the button going'})
  await untilLive(page, 1, 20_000)
  await until(async () => JSON.stringify(await ears()) === JSON.stringify([[true, 0]]), {what: 'silence'})
})
