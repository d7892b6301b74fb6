// jalousie import: another server's cameras become ours and give pictures; what cannot is said; nothing twice, and no password in what is printed.
import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import fs from 'node:fs/promises'
import path from 'node:path'
import {after, before, test} from 'node:test'
import {promisify} from 'node:util'
import {House, build, freePort} from '../lib/house.mjs'

const run = promisify(execFile)
const jalousie = path.join(build, 'src/app/jalousie')
const secret = 'only-for-this-test'
let house, owner, door
before(async () => {
  house = await House.start({homes: [{name: 'Birch', owner: 'birch', cameras: []}]})
  owner = await house.signIn('birch')
  door = {number: 11, port: await freePort()}
  await house.startCamera(door)
})
after(() => house?.stop())

async function take(server, text, extra = [], environment = {}) {
  const file = path.join(house.folder, `${server}.yml`)
  await fs.writeFile(file, text)
  const args = ['--config', house.config, '--data', house.data, '--root-key', house.rootKey, 'import', server, file, '--home', 'Birch', ...extra]
  const {stdout, stderr, code = 0} = await run(jalousie, args, {env: {...process.env, ...environment}}).catch(problem => problem)
  for (const said of [stdout, stderr]) assert.ok(!said.includes(secret), 'no password is printed')
  return {stdout, stderr, code}
}

const go2rtc = () => `
streams:
  front_door: rtsp://viewer:${secret}@127.0.0.1:${door.port}/main#backchannel=0
  front_door_sub:
    - rtsp://viewer:${secret}@127.0.0.1:${door.port}/sub
    - ffmpeg:front_door_sub#audio=opus
  bell: homekit://192.0.2.1
`

test('a dry run says what would be done, and does nothing', async () => {
  const {stdout, code} = await take('go2rtc', go2rtc(), ['--dry-run'])
  assert.equal(code, 0)
  assert.match(stdout, /^ {2}Front door +would be added, with its small stream$/m)
  assert.match(stdout, /^ {2}Bell +would be left out: it is reached by homekit/m)
  assert.deepEqual(await house.camerasOf(owner), [])
})

test('go2rtc: the camera is added with both streams, and gives pictures; once', async () => {
  const {stdout} = await take('go2rtc', go2rtc())
  assert.match(stdout, /^ {2}Front door +added, with its small stream$/m)
  assert.match(stdout, /^1 of 2 cameras added to Birch\.$/m)
  const camera = await house.liveCamera(owner, 'Front door')
  assert.deepEqual([camera.video.width, camera.sub !== null, camera.transport], [1280, true, 'tcp'])
  const again = await take('go2rtc', go2rtc())
  assert.match(again.stdout, /^ {2}Front door +is there already/m)
  assert.equal((await house.camerasOf(owner)).length, 1)
})

test('Frigate: a password from the environment, by UDP as there', async () => {
  const text = `
cameras:
  hall:
    ffmpeg:
      inputs:
        - path: rtsp://viewer:{FRIGATE_RTSP_PASSWORD}@127.0.0.1:${door.port}/sub
          input_args: preset-rtsp-udp
          roles: [detect, record]
`
  const without = await take('frigate', text)
  assert.match(without.stdout, /Hall +left out: its address holds the variable FRIGATE_RTSP_PASSWORD/)
  const withIt = await take('frigate', text, [], {FRIGATE_RTSP_PASSWORD: secret})
  assert.match(withIt.stdout, /Hall +added/)
  const camera = await house.liveCamera(owner, 'Hall')
  assert.deepEqual([camera.video.width, camera.transport], [640, 'udp'])
})

test('what is no such file is refused in one line', async () => {
  const wrong = await take('mediamtx', go2rtc())
  assert.equal(wrong.code, 1)
  assert.match(wrong.stderr, /^jalousie: .*mediamtx\.yml: there are no cameras under 'paths': is this the right file\?$/m)
  const broken = await take('go2rtc', `streams:\n  a: rtsp://u:${secret}@h/: x`)
  assert.match(broken.stderr, /^jalousie: .*go2rtc\.yml: not YAML at line 2, column \d+$/m)
})
