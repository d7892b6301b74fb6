// A camera that is not ours: GStreamer's RTSP server with real footage (opencv-doc's vtest.avi, a square with people walking, transcoded here), Digest sign-in, TCP and
// UDP, through the server into Chromium. Judged by the pixels: every picture grabbed is one of the film's.
import assert from 'node:assert/strict'
import {execFile, spawn} from 'node:child_process'
import {existsSync} from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import {after, before, test} from 'node:test'
import {promisify} from 'node:util'
import {blankPage, grab, launch, watchInPage} from '../lib/chromium.mjs'
import {build, House, sleep, until} from '../lib/house.mjs'

const run = promisify(execFile)
const footage = ['/usr/share/doc/opencv-doc/examples/data/vtest.avi', '/usr/share/doc/opencv-doc/opencv4/examples/data/vtest.avi'].find(existsSync)
const width = 768, height = 576, small = {width: 96, height: 72}
let house, owner, browser, film, gstreamer

before(async () => {
  assert.ok(footage, 'opencv-doc is installed')
  house = await House.start({homes: [{name: 'Square', owner: 'sam', cameras: []}]})
  owner = await house.signIn('sam')
  const file = path.join(house.folder, 'vtest.mp4')
  await run('ffmpeg', ['-v', 'error', '-t', '40', '-i', footage, '-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'main', '-bf', '0', '-g', '50', '-pix_fmt', 'yuv420p', file])
  // Every picture of the film, small and grey.
  const {stdout} = await run('ffmpeg', ['-v', 'error', '-i', file, '-vf', `scale=${small.width}:${small.height}:flags=area`, '-pix_fmt', 'gray', '-f', 'rawvideo', '-'], {encoding: 'buffer', maxBuffer: 1 << 28})
  film = []
  for (let at = 0; at + small.width * small.height <= stdout.length; at += small.width * small.height) film.push(normal(stdout.subarray(at, at + small.width * small.height)))
  gstreamer = spawn(path.join(build, 'tests/interop/gst_rtsp_server'), ['--user', 'viewer', '--password', 'footage pass', '/clip',
    `( filesrc location=${file} ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 )`], {stdio: ['pipe', 'pipe', 'inherit']})
  const port = await new Promise(done => gstreamer.stdout.on('data', data => { const found = /port (\d+)/.exec(data); if (found) done(found[1]) }))
  const passwordFile = path.join(house.folder, 'gst-password')
  await fs.writeFile(passwordFile, 'footage pass\n', {mode: 0o600})
  for (const transport of ['tcp', 'udp']) {
    await house.command('camera', 'add', '--home', 'Square', '--name', transport, '--user', 'viewer', '--password-file', passwordFile, '--transport', transport, '--quiet', `rtsp://127.0.0.1:${port}/clip`)
  }
  browser = await launch()
})
after(async () => {
  await browser?.close()
  gstreamer?.kill()
  await house?.stop()
})

/** Brightness and contrast taken out: ranges and colour matrices differ between decoders, pictures do not. Mean 128, deviation 50. */
function normal(grey) {
  const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length
  const deviation = Math.sqrt(grey.reduce((sum, value) => sum + (value - mean) ** 2, 0) / grey.length)
  return Float32Array.from(grey, value => 128 + (value - mean) * 50 / deviation)
}

/** The picture as the film's are: small and grey. */
function shrink(picture) {
  const grey = new Float64Array(small.width * small.height)
  const across = picture.width / small.width, down = picture.height / small.height
  for (let row = 0; row < small.height; row++) {
    for (let column = 0; column < small.width; column++) {
      let sum = 0, count = 0
      for (let y = Math.floor(row * down); y < (row + 1) * down; y++) {
        for (let x = Math.floor(column * across); x < (column + 1) * across; x++) {
          const at = (y * picture.width + x) * 4
          sum += 0.299 * picture.data[at] + 0.587 * picture.data[at + 1] + 0.114 * picture.data[at + 2]
          count++
        }
      }
      grey[row * small.width + column] = sum / count
    }
  }
  return normal(grey)
}

/** The film's picture that is nearest, and how near: mean absolute difference of 0 to 255. */
function nearest(picture) {
  const grey = shrink(picture)
  let best = {distance: Infinity}
  film.forEach((other, index) => {
    let sum = 0
    for (let i = 0; i < grey.length && sum < best.distance * grey.length; i++) sum += Math.abs(grey[i] - other[i])
    if (sum / grey.length < best.distance) best = {index, distance: sum / grey.length}
  })
  return best
}

for (const transport of ['tcp', 'udp']) {
  test(`GStreamer's camera with real footage over ${transport.toUpperCase()}`, async () => {
    const camera = await house.liveCamera(owner, transport)
    assert.equal(camera.video.width, width)
    assert.equal(camera.video.height, height)
    const page = await blankPage(browser, house, 'sam')
    assert.equal((await page.evaluate(watchInPage, camera.id)).status, 201)
    const seen = []
    for (let i = 0; i < 6; i++) {
      await sleep(500)
      const picture = await grab(page)
      assert.deepEqual([picture.width, picture.height], [width, height])
      seen.push(nearest(picture))
    }
    for (const one of seen) assert.ok(one.distance < 3, `a picture that is not the film's: off by ${one.distance.toFixed(1)}`)
    assert.ok(new Set(seen.map(one => one.index)).size >= 4, `it moves: ${seen.map(one => one.index)}`)
    await page.close()
  })
}

test('a wrong password is said to be one', async () => {
  const [camera] = await house.camerasOf(owner)
  await house.api(owner, 'PATCH', `/cameras/${camera.id}`, {password: 'wrong'})
  const state = await until(async () => { const now = await house.api(owner, 'GET', `/cameras/${camera.id}`); return now.state === 'wrong_password' && now }, {what: 'the state'})
  assert.match(state.reason, /password/i)
  assert.ok(state.advice)
})
