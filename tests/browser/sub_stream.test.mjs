// The page and a camera's small stream: tiles of the wall take it, the camera's own screen does not, and one that does not work is done without.
import assert from 'node:assert/strict'
import {after, before, test} from 'node:test'
import {House, until} from '../lib/house.mjs'
import {openHome} from './page.mjs'

let house, opened, page, birch

before(async () => {
  house = await House.start({homes: [{name: 'Birch', owner: 'birch', cameras: [{number: 11, name: 'Door', sub: 'sub'}, {number: 12, name: 'Garden', sub: 'sub'}]}]})
  birch = await house.signIn('birch')
  await house.liveCamera(birch, 'Door')
  await house.liveCamera(birch, 'Garden')
  opened = await openHome(house, 'birch', {width: 1000, height: 700})
  page = opened.page
})
after(async () => {
  await opened?.close()
  await house?.stop()
})

/** Of every picture on the page: the width that the browser decodes, and whether it may be taken for live. */
const pictures = () => page.$$eval('.picture', all => all.map(one => [one.querySelector('video').videoWidth, one.querySelector('.pill')?.getAttribute('data-kind')]))
const show = (wanted, what) => until(async () => {
  const now = await pictures()
  if (JSON.stringify(now) !== JSON.stringify(wanted)) throw new Error(JSON.stringify(now))
  return true
}, {within: 15_000, what})
const subs = async () => Object.fromEntries((await house.camerasOf(birch)).map(one => [one.name, one.sub?.state ?? null]))

test('a wall takes the small streams; one camera on its own screen the large one', async () => {
  await show([[640, 'live'], [640, 'live']], 'two small pictures')
  assert.deepEqual(await subs(), {Door: 'live', Garden: 'live'})
  await page.getByRole('link', {name: /Door/}).click()
  await show([[1280, 'live']], 'a large picture')
  await page.goBack()
  await show([[640, 'live'], [640, 'live']], 'the wall again')
})

test('a small stream that does not work is done without', async () => {
  const door = (await house.camerasOf(birch)).find(one => one.name === 'Door')
  await house.api(birch, 'PATCH', `/cameras/${door.id}`, {sub_url: `rtsp://127.0.0.1:${house.homes[0].cameras[0].port}/nowhere`})
  await show([[1280, 'live'], [640, 'live']], 'the large picture in its place')
})

test('its owner is told, and can put it right or do without', async () => {
  await page.getByRole('link', {name: /Door/}).click()
  await page.getByText('Small stream', {exact: true}).click()
  const part = page.locator('details', {hasText: 'Small stream'}).filter({has: page.locator('input[name=sub]')})
  await part.getByRole('textbox').fill('rtsp://192.0.2.1/sub')
  await part.getByRole('button', {name: 'Save'}).click()
  await until(async () => /same scheme, host and port/.test(await part.textContent()), {what: 'the refusal'})
  await part.getByRole('textbox').fill(`rtsp://127.0.0.1:${house.homes[0].cameras[0].port}/sub`)
  await part.getByRole('button', {name: 'Save'}).click()
  await until(async () => (await subs()).Door !== null && !/same scheme/.test(await part.textContent()), {what: 'it being saved'})
  await page.goBack()
  await show([[640, 'live'], [640, 'live']], 'two small pictures')
  await page.getByRole('link', {name: /Door/}).click()
  await page.getByText('Small stream', {exact: true}).click()
  await part.getByRole('button', {name: 'Use the large one only'}).click()
  await until(async () => (await subs()).Door === null, {what: 'it being removed'})
})
