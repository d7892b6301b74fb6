// Cameras that send what this Chromium cannot show live: the page says why, and what to do, in place of a black picture.
import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import path from 'node:path'
import {after, before, test} from 'node:test'
import {House, build, until} from '../lib/house.mjs'
import {openHome} from './page.mjs'

const source = 'videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=320,height=240,framerate=15/1'
const streams = {
  'H265': `( ${source} ! x265enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! video/x-h265,profile=main ! rtph265pay name=pay0 pt=96 config-interval=-1 )`,
  'Bframes': `( ${source} ! x264enc bframes=2 b-adapt=false speed-preset=ultrafast key-int-max=30 ! video/x-h264,profile=main ! rtph264pay name=pay0 pt=96 config-interval=-1 )`,
}
let house, server, opened, page

before(async () => {
  server = spawn(path.join(build, 'tests/interop/gst_rtsp_server'), Object.entries(streams).flatMap(([name, launch]) => [`/${name}`, launch]), {stdio: ['pipe', 'pipe', 'inherit']})
  const [line] = await once(server.stdout, 'data')
  const port = String(line).match(/^port (\d+)/)[1]
  house = await House.start({homes: [{name: 'Birch', owner: 'birch', cameras: []}]})
  for (const name of Object.keys(streams)) await house.command('camera', 'add', '--home', 'Birch', '--name', name, '--quiet', `rtsp://127.0.0.1:${port}/${name}`)
  const birch = await house.signIn('birch')
  for (const name of Object.keys(streams)) await until(async () => (await house.camerasOf(birch)).find(one => one.name === name)?.state === 'live', {within: 60_000, what: name})
  opened = await openHome(house, 'birch', {width: 1000, height: 700})
  page = opened.page
})
after(async () => {
  await opened?.close()
  await house?.stop()
  server?.stdin.end()
})

const words = async name => (await page.locator('.tile', {hasText: name}).first().textContent()) ?? ''

test('this Chromium plays no H.265', async () => {
  assert.equal(await page.evaluate(() => MediaSource.isTypeSupported('video/mp4; codecs="hvc1.1.6.L60.90"')), false)
})

test('an H.265 camera: both ways were tried, and what the server said of the first is shown', async () => {
  await until(async () => /sends H\.265 \(HEVC\), which this browser does not take as live video\. Set the video encoding to H\.264/.test(await words('H265')),
    {within: 20_000, what: 'the words'})
})

test('a camera with B-frames: likewise', async () => {
  await until(async () => /sends H\.264 with B-frames.*Turn B-frames off/.test(await words('Bframes')), {within: 20_000, what: 'the words'})
})
