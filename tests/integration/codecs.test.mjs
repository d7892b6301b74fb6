// Cameras that send what WebRTC cannot carry to everybody: they are taken in, and the door says what is the matter, to their people only.
import assert from 'node:assert/strict'
import {execFile, spawn} from 'node:child_process'
import {once} from 'node:events'
import fs from 'node:fs/promises'
import path from 'node:path'
import {after, before, test} from 'node:test'
import {promisify} from 'node:util'
import {House, build, until} from '../lib/house.mjs'
import {connect, readMse} from '../lib/web_socket.mjs'

const run = promisify(execFile)

const offerOf = name => fs.readFile(new URL(`../../src/webrtc/offers/${name}.sdp`, import.meta.url), 'utf8')
const chromium = await offerOf('chromium_video')
const safari = await offerOf('safari') // lists H.265
const source = 'videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=320,height=240,framerate=15/1'
const streams = {
  h265: `( ${source} ! x265enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! video/x-h265,profile=main ! rtph265pay name=pay0 pt=96 config-interval=-1 )`,
  bframes: `( ${source} ! x264enc bframes=2 b-adapt=false speed-preset=ultrafast key-int-max=30 ! video/x-h264,profile=main ! rtph264pay name=pay0 pt=96 config-interval=-1 )`,
}
let house, birch, harbour, server

before(async () => {
  server = spawn(path.join(build, 'tests/interop/gst_rtsp_server'), Object.entries(streams).flatMap(([name, launch]) => [`/${name}`, launch]),
    {stdio: ['pipe', 'pipe', 'inherit']})
  const [line] = await once(server.stdout, 'data')
  const port = String(line).match(/^port (\d+)/)[1]
  house = await House.start({homes: [{name: 'Birch', owner: 'birch', cameras: []}, {name: 'Harbour', owner: 'harbour', cameras: []}]})
  for (const name of Object.keys(streams)) {
    await house.command('camera', 'add', '--home', 'Birch', '--name', name, '--quiet', `rtsp://127.0.0.1:${port}/${name}`)
  }
  birch = await house.signIn('birch')
  harbour = await house.signIn('harbour')
})
after(async () => {
  await house?.stop()
  server?.stdin.end()
})

const cameraWith = (name, codec) => until(async () => {
  const found = (await house.camerasOf(birch)).find(one => one.name === name)
  if (found?.state === 'live' && codec.test(found.video?.codec)) return found
  throw new Error(`it is ${found?.state}, with ${JSON.stringify(found?.video)}`)
}, {within: 60_000, what: `${name}, live`})
const send = (who, camera, body) =>
  house.request('POST', `/api/v1/cameras/${camera.id}/whep`, {cookie: who.cookie, body, headers: {'content-type': 'application/sdp'}})

test('an H.265 camera is live; an offer without H.265 is told why there is no picture, and what to do', async () => {
  const camera = await cameraWith('h265', /^H\.265 Main$/)
  assert.deepEqual([camera.video.width, camera.video.height], [320, 240])
  const answer = await send(birch, camera, chromium)
  assert.equal(answer.status, 406)
  const {detail} = await answer.json()
  assert.match(detail, /sends H\.265/)
  assert.match(detail, /Set the video encoding to H\.264/)
})

test('a still of an H.265 camera is a picture of it', async () => {
  const camera = await cameraWith('h265', /H\.265/)
  const bytes = await until(async () => {
    const answer = await house.request('GET', `/api/v1/cameras/${camera.id}/still.jpg`, {cookie: birch.cookie})
    if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`)
    assert.equal(answer.headers.get('content-type'), 'image/jpeg')
    return Buffer.from(await answer.arrayBuffer())
  }, {within: 60_000, every: 500, what: 'the still'})
  assert.equal(bytes.readUInt16BE(0), 0xffd8)
  assert.ok(bytes.includes(Buffer.from([0xff, 0xc0, 0, 17, 8, 0, 240, 1, 64])), '320x240 by its frame header')
})

test('an offer that lists H.265 gets it', async () => {
  const answer = await send(birch, await cameraWith('h265', /H\.265/), safari)
  assert.equal(answer.status, 201)
  const sdp = await answer.text()
  assert.match(sdp, /a=rtpmap:100 H265\/90000/)
  assert.match(sdp, /a=fmtp:100 level-id=93;tx-mode=SRST/)
  assert.match(sdp, /a=fmtp:101 apt=100/)
  assert.doesNotMatch(sdp, /H264/)
  assert.equal((await house.request('DELETE', answer.headers.get('location'), birch)).status, 204)
})

test('by MSE an H.265 camera comes as it is, and FFmpeg decodes it', async () => {
  const camera = await cameraWith('h265', /H\.265/)
  const {socket, next, status} = await connect(`${house.baseUrl}/api/v1/cameras/${camera.id}/mse`, {cookie: birch.cookie, protocol: 'jalousie.mse.v1'})
  assert.equal(status, 101)
  const parts = []
  let pictures = 0, init
  while (pictures < 40) {
    const message = readMse(await next())
    if (message.text?.type === 'init') init = message.text
    if (message.kind === 2) pictures++
    if (message.mp4) parts.push(message.mp4)
  }
  socket.destroy()
  assert.match(init.codecs, /^hvc1\.1\.6\.L\d+\.90$/)
  assert.deepEqual([init.width, init.height], [320, 240])
  const file = path.join(house.folder, 'h265.mp4')
  await fs.writeFile(file, Buffer.concat(parts))
  const {stdout} = await run('ffprobe', ['-v', 'error', '-err_detect', 'explode', '-count_frames', '-show_entries', 'stream=codec_name,codec_tag_string,width,height,nb_read_frames', '-of', 'csv=p=0', file])
  assert.equal(stdout.trim(), 'hevc,hvc1,320,240,40')
  await run('ffmpeg', ['-v', 'error', '-xerror', '-err_detect', 'explode', '-i', file, '-f', 'null', '-'])
})

test('a camera with B-frames is live, named so, and refused with its reason', async () => {
  const camera = await cameraWith('bframes', /^H\.264 Main with B-frames$/)
  const answer = await send(birch, camera, chromium)
  assert.equal(answer.status, 406)
  assert.match((await answer.json()).detail, /B-frames.*Turn B-frames off/)
})

test('what a camera sends is for its people: others are told what they are told of no camera', async () => {
  for (const name of Object.keys(streams)) {
    const camera = await cameraWith(name, /./)
    const real = await send(harbour, camera, chromium)
    const none = await send(harbour, {id: '0123456789abcdef0123456789abcdef'}, chromium)
    assert.equal(real.status, 404)
    assert.equal(await real.text(), await none.text())
  }
})
