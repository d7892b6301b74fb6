// node chromium.mjs WEBRTC_SENDER: Debian's Chromium watches a stream of the webrtc room; with a part of the packets lost,
// retransmission has to make the picture whole. All that was sent must be decoded. How much of it is presented depends on how
// busy the machine is (drawing is by software), so half is enough here, and a machine that stalls gets two more attempts;
// bench/start measures smoothness.
import assert from 'node:assert/strict'
import {execFileSync, spawn} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {chromium} from 'playwright-core'

const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required']
const fps = 25
const seconds = 6

/** In the page: offers to receive a video and counts what is presented. `strip` takes lines out of the offer. */
async function offerInPage(strip) {
  const peer = new RTCPeerConnection()
  peer.addTransceiver('video', {direction: 'recvonly'})
  const video = Object.assign(document.createElement('video'), {muted: true, autoplay: true, playsInline: true})
  document.body.replaceChildren(video)
  const seen = {presented: [], answered: 0}
  const next = (now, frame) => {
    seen.presented.push({at: performance.now(), width: frame.width, height: frame.height})
    video.requestVideoFrameCallback(next)
  }
  video.requestVideoFrameCallback(next)
  peer.ontrack = event => { video.srcObject = new MediaStream([event.track]) }
  const offer = await peer.createOffer()
  if (strip) offer.sdp = offer.sdp.split('\r\n').filter(line => !new RegExp(strip).test(line)).join('\r\n')
  await peer.setLocalDescription(offer)
  window.watching = {peer, video, seen}
  return peer.localDescription.sdp
}

async function watchInPage({answer, seconds}) {
  const {peer, seen} = window.watching
  seen.answered = performance.now()
  await peer.setRemoteDescription({type: 'answer', sdp: answer})
  await new Promise(done => setTimeout(done, seconds * 1000))
  const stats = [...(await peer.getStats()).values()]
  const inbound = stats.find(one => one.type === 'inbound-rtp')
  const transport = stats.find(one => one.type === 'transport')
  peer.close()
  const gaps = seen.presented.slice(1).map((frame, i) => frame.at - seen.presented[i].at)
  return {
    presented: seen.presented.length,
    first_ms: seen.presented.length ? Math.round(seen.presented[0].at - seen.answered) : null,
    largest_gap_ms: Math.round(Math.max(...gaps)),
    size: seen.presented.length ? `${seen.presented.at(-1).width}x${seen.presented.at(-1).height}` : null,
    decoded: inbound?.framesDecoded, dropped: inbound?.framesDropped, lost: inbound?.packetsLost, freezes: inbound?.freezeCount,
    retransmitted: inbound?.retransmittedPacketsReceived, srtp: transport?.srtpCipher, dtls: transport?.tlsVersion,
  }
}

async function watch(page, sender, stream, {lose = 0, strip = ''} = {}) {
  const offer = await page.evaluate(offerInPage, strip)
  const process = spawn(sender, [stream, String(fps), String(lose)])
  let answer = '', report = ''
  process.stdout.on('data', data => { answer += data })
  process.stderr.on('data', data => { report += data })
  const ended = new Promise(done => process.on('exit', done))
  process.stdin.end(offer)
  await new Promise(done => process.stdout.on('end', done))
  const seen = await page.evaluate(watchInPage, {answer, seconds})
  const killer = setTimeout(() => process.kill(), 5000)
  await ended
  clearTimeout(killer)
  return {...seen, sender: JSON.parse(report)}
}

function judge(name, seen, options) {
  assert.equal(seen.size, '640x360')
  assert.ok(seen.decoded >= 0.95 * fps * (seconds - 0.5), `${name}: only ${seen.decoded} frames decoded`)
  assert.ok(seen.presented >= 0.5 * fps * (seconds - 0.5), `${name}: only ${seen.presented} frames presented`)
  assert.equal(seen.sender.end, 'closed by the peer')
  assert.equal(seen.sender.rtx, !options.strip)
  assert.ok(seen.sender.resent >= (options.lose ? 5 : 0), `${name}: only ${seen.sender.resent} packets were asked for`)
  assert.ok(seen.sender.pli <= 1, `${name}: ${seen.sender.pli} key frames asked for`)
}

const folder = mkdtempSync(join(tmpdir(), 'webrtc-'))
const browser = await chromium.launch({executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags})
try {
  const stream = join(folder, 'stream.h264')
  execFileSync('ffmpeg', ['-nostdin', '-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=${fps}`, '-t', '8', '-c:v', 'libx264', '-preset', 'veryfast',
    '-profile:v', 'high', '-bf', '0', '-g', '50', '-b:v', '1M', '-pix_fmt', 'yuv420p', '-f', 'h264', stream])
  const page = await browser.newPage()
  for (const [name, options] of [['clean', {}], ['3 % lost, RTX', {lose: 33}], ['3 % lost, no RTX', {lose: 33, strip: 'rtx/90000|apt='}]]) {
    for (let attempt = 1; ; ++attempt) {
      const seen = await watch(page, process.argv[2], stream, options)
      console.log(name, JSON.stringify(seen))
      try {
        judge(name, seen, options)
        break
      } catch (problem) {
        if (attempt === 3) throw problem
        console.log(`again: ${problem.message}`)
      }
    }
  }
} finally {
  await browser.close()
  rmSync(folder, {recursive: true})
}
