// How soon a viewer sees a picture: Chromium, WHEP over loopback, our camera with a 10 s GOP, starts at random moments; from the request to the first
// presented picture, and the longest gap in the first 5 s after it. One start more than asked for is made and the first left
// out: with its first connection the browser starts threads and codecs of its own, which later ones find running.
//
//   bench/start [--starts 20] [--gop 10] [--json]          installs and builds what is missing; JALOUSIE_BUILD=build/dev takes another build
//
// --json prints {"starts", "median_ms", "p95_ms", "max_gap_ms"} alone.
import path from 'node:path'
import {fileURLToPath} from 'node:url'
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const {House, sleep} = await import(path.join(root, 'tests/lib/house.mjs'))
const {launch, blankPage, watchInPage} = await import(path.join(root, 'tests/lib/chromium.mjs'))

const option = (name, otherwise) => { const at = process.argv.indexOf(`--${name}`); return at < 0 ? otherwise : Number(process.argv[at + 1]) }
const starts = option('starts', 20), gop = option('gop', 10), json = process.argv.includes('--json')

const house = await House.start({homes: [{name: 'Bench', owner: 'bench', cameras: [{number: 11, gop}]}]})
let browser
try {
  const who = await house.signIn('bench')
  const camera = await house.liveCamera(who)
  await sleep(gop * 1000)  // a full GOP is in the ring
  browser = await launch()
  const page = await blankPage(browser, house, 'bench')
  const firsts = [], gaps = []
  for (let i = 0; i < starts + 1; i++) {
    await sleep(Math.random() * gop * 1000)
    const {first, status, problem} = await page.evaluate(watchInPage, camera.id)
    if (status !== 201) throw new Error(`refused: ${status} ${problem}`)
    await sleep(5200)
    const frames = (await page.evaluate(() => window.viewer.frames)).filter(frame => frame.at <= first + 5000)
    await page.evaluate(() => window.viewer.stop())
    if (i === 0) continue  // see above
    firsts.push(first)
    let gap = 0
    for (let k = 1; k < frames.length; k++) gap = Math.max(gap, frames[k].at - frames[k - 1].at)
    gap = Math.max(gap, first + 5000 - frames.at(-1).at)
    gaps.push(gap)
    if (!json) console.log(`start ${i}: first picture after ${first.toFixed(0)} ms, longest gap ${gap.toFixed(0)} ms, ${frames.length} pictures in 5 s`)
  }
  firsts.sort((a, b) => a - b)
  const at = share => firsts[Math.min(firsts.length - 1, Math.ceil(share * firsts.length) - 1)]
  const result = {starts, median_ms: Math.round(at(0.5)), p95_ms: Math.round(at(0.95)), max_gap_ms: Math.round(Math.max(...gaps))}
  console.log(json ? JSON.stringify(result) : `${starts} starts, GOP ${gop} s: median ${result.median_ms} ms, p95 ${result.p95_ms} ms, longest gap ${result.max_gap_ms} ms`)
} finally {
  await browser?.close()
  await house.stop()
}
