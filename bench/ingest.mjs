// What a camera costs that nobody watches: N cameras of one process (jalousie-camera --cameras) are taken in and sealed; the server's processor time, its
// memory (PSS, less that of the same server without cameras), what its rings hold, and what was lost on the way.
//
//   bench/ingest [--cameras 200] [--seconds 60] [--kbps 300] [--gop 2] [--json]      installs and builds what is missing; JALOUSIE_BUILD=build/dev takes another build
//
// --json prints {"cameras", "cpu_percent_per_camera", "pss_bytes_per_camera", "gop_bytes", "lost_frames"} alone: cpu_percent of one core; pss_bytes without
// the rings; gop_bytes: what a ring holds. lost_frames: what is missing between what the cameras sent and what was sealed, and broken GOPs.
import {execFile, spawn} from 'node:child_process'
import fs from 'node:fs/promises'
import path from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const {House, build, freePort, sleep, until} = await import(path.join(root, 'tests/lib/house.mjs'))
const run = promisify(execFile)

const option = (name, otherwise) => { const at = process.argv.indexOf(`--${name}`); return at < 0 ? otherwise : Number(process.argv[at + 1]) }
const cameras = option('cameras', 200), seconds = option('seconds', 60), kbps = option('kbps', 300), gop = option('gop', 2), json = process.argv.includes('--json')
const fps = 25, perHome = 200  // a home holds 256 at most
const homes = Math.ceil(cameras / perHome)
const say = text => { if (!json) console.log(text) }

const house = await House.start({homes: Array.from({length: homes}, (_, i) => ({name: `Home ${i + 1}`, owner: `owner${i + 1}`, cameras: []}))})
const ticks = Number((await run('getconf', ['CLK_TCK'])).stdout)
const pid = () => house.server.child.pid
const cpu_s = async () => {
  const fields = (await fs.readFile(`/proc/${pid()}/stat`, 'utf8')).split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticks
}
const pss = async () => Number(/^Pss:\s+(\d+) kB/m.exec(await fs.readFile(`/proc/${pid()}/smaps_rollup`, 'utf8'))[1]) * 1024
const metrics = async () => (await fetch(`${house.baseUrl}/metrics`)).text()
const metric = (text, name) => Number(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} (\\S+)`, 'm').exec(text)?.[1] ?? 0)
let fleet
try {
  await sleep(3000)
  const empty = await pss()
  const port = await freePort()
  fleet = spawn(path.join(build, 'tools/camera/jalousie-camera'), ['--cameras', String(cameras), '--homes', String(homes), '--port', String(port), '--auth', 'none',
    '--sub-kbps', String(kbps), '--gop', String(gop), '--fps', String(fps)], {stdio: ['ignore', 'pipe', 'ignore']})
  let said = ''
  fleet.stdout.on('data', data => { said += data })
  await until(() => said.includes('cameras:'), {what: 'the cameras'})
  await house.server.end()
  for (let first = 0; first < cameras; first += 100) {
    for (let k = first; k < Math.min(first + 100, cameras); k++) {
      await house.command('camera', 'add', '--home', `Home ${k % homes + 1}`, '--name', `Camera ${k + 1}`, '--quiet', `rtsp://127.0.0.1:${port}/${k + 1}`)
    }
    say(`${Math.min(first + 100, cameras)} cameras added`)
  }
  await house.startServer()
  await until(async () => metric(await metrics(), 'jalousie_ingest_cameras{state="live"}') === cameras, {within: 120_000, every: 500, what: 'all cameras being live'})
  await sleep(Math.max(12_000, 2000 * gop))  // rings are full, and have been looked at
  const before = {at: performance.now(), cpu: await cpu_s(), text: await metrics()}
  const early = await pss()
  await sleep(seconds * 1000)
  const after = {at: performance.now(), cpu: await cpu_s(), text: await metrics()}
  const late = await pss()
  const took = (after.at - before.at) / 1000
  const since = name => metric(after.text, name) - metric(before.text, name)
  const expected = Math.round(took * fps * cameras)
  // A frame of each camera may be under way at either end.
  const missing = Math.max(0, expected - cameras - since('jalousie_ingest_units_total'))
  const rings = metric(after.text, 'jalousie_stream_ring_bytes')
  const result = {
    cameras,
    cpu_percent_per_camera: Number(((after.cpu - before.cpu) / took * 100 / cameras).toFixed(4)),
    pss_bytes_per_camera: Math.round((late - empty - rings) / cameras),
    gop_bytes: Math.round(rings / cameras),
    lost_frames: missing + since('jalousie_ingest_gaps_total') + since('jalousie_ingest_lost_packets_total'),
  }
  fleet.kill('SIGTERM')
  await until(() => said.includes('left out'), {what: 'the cameras\' own count'})
  if (json) console.log(JSON.stringify(result))
  else {
    say(`${cameras} cameras of ${kbps} kb/s, GOP ${gop} s, for ${took.toFixed(0)} s; cameras say: ${said.trim().split('\n').pop()}`)
    say(`processor: ${result.cpu_percent_per_camera} % of a core each; memory: ${(result.pss_bytes_per_camera / 1024).toFixed(0)} KiB each beside a ring of ${(result.gop_bytes / 1024).toFixed(0)} KiB`)
    say(`memory of all: ${(early / 2 ** 20).toFixed(1)} MiB at the start, ${(late / 2 ** 20).toFixed(1)} MiB at the end, ${(empty / 2 ** 20).toFixed(1)} MiB without cameras; lost: ${result.lost_frames} frames`)
  }
} finally {
  fleet?.kill('SIGKILL')
  await house.stop()
}
