// Debian's Chromium without a screen, by playwright-core: a new empty profile each, nothing of its own on the network.
import {chromium} from 'playwright-core'
import {password} from './house.mjs'

export const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required']

/** A browser of its own, with a new empty profile that goes with it. */
export const launch = () => chromium.launch({executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags})

/**
 * A page of the server's origin that shows nothing by itself, in a context of its own, signed in as `name` (or nobody). page.person is what House.signIn()
 * gives, for this page's session; closing the page closes the context.
 */
export async function blankPage(browser, house, name) {
  const context = await browser.newContext({viewport: {width: 1280, height: 800}})
  const page = await context.newPage()
  page.once('close', () => context.close().catch(() => {}))  // where its browser closes, the context is gone already
  await page.goto(`${house.baseUrl}/healthz`)
  if (name) {
    const body = await page.evaluate(async json => {
      const answer = await fetch('/api/v1/session', {method: 'POST', headers: {'content-type': 'application/json'}, body: json})
      return answer.json()
    }, JSON.stringify({name, password}))
    const [cookie] = (await context.cookies()).filter(one => one.name === '__Host-jalousie')
    page.person = {...body, cookie: `${cookie.name}=${cookie.value}`}
  }
  return page
}

/**
 * Runs in a page: watches a camera by WHEP. Leaves window.viewer = {ok, status, frames: [{at, rtp, width, height}], video, grab(), stop()}; times are
 * milliseconds from the request. Resolves when the first picture was presented, or with the status when the offer was refused.
 */
export async function watchInPage(camera) {
  const peer = new RTCPeerConnection()
  const transceiver = peer.addTransceiver('video', {direction: 'recvonly'})
  if ('jitterBufferTarget' in transceiver.receiver) transceiver.receiver.jitterBufferTarget = 0
  const video = document.createElement('video')
  video.muted = true
  video.playsInline = true
  video.autoplay = true
  video.style.cssText = 'position:fixed;inset:0;width:1280px;height:720px'
  document.body.replaceChildren(video)
  const viewer = {frames: [], video, peer, ended: null}
  window.viewer?.stop()
  window.viewer = viewer
  await peer.setLocalDescription(await peer.createOffer())
  const began = performance.now()
  const answer = await fetch(`/api/v1/cameras/${camera}/whep`, {method: 'POST', headers: {'content-type': 'application/sdp'}, body: peer.localDescription.sdp})
  viewer.status = answer.status
  viewer.stop = () => { peer.close(); if (viewer.location) fetch(viewer.location, {method: 'DELETE', keepalive: true}) }
  if (answer.status !== 201) { viewer.problem = await answer.text(); peer.close(); return {status: answer.status, problem: viewer.problem} }
  viewer.location = answer.headers.get('location')
  viewer.answered = performance.now() - began
  const first = new Promise(done => {
    const onFrame = (now, data) => {
      viewer.frames.push({at: now - began, rtp: data.rtpTimestamp, width: data.width, height: data.height})
      if (viewer.frames.length === 1) done()
      video.requestVideoFrameCallback(onFrame)
    }
    video.requestVideoFrameCallback(onFrame)
  })
  peer.ontrack = event => { video.srcObject = event.streams[0] ?? new MediaStream([event.track]) }
  await peer.setRemoteDescription({type: 'answer', sdp: await answer.text()})
  viewer.grab = () => {
    const canvas = document.createElement('canvas')
    canvas.width = video.videoWidth
    canvas.height = video.videoHeight
    const context = canvas.getContext('2d', {willReadFrequently: true})
    context.drawImage(video, 0, 0)
    const picture = context.getImageData(0, 0, canvas.width, canvas.height)
    let text = ''
    for (let i = 0; i < picture.data.length; i += 32768) text += String.fromCharCode(...picture.data.subarray(i, i + 32768))
    return {width: canvas.width, height: canvas.height, rgba: btoa(text)}
  }
  await Promise.race([first, new Promise((_, late) => setTimeout(() => late(new Error(`no picture within 20 s; ICE ${peer.iceConnectionState}, peer ${peer.connectionState}`)), 20_000))])
  return {status: 201, first: viewer.frames[0].at, answered: viewer.answered}
}

/** The picture that is on the screen now, as {width, height, data: Uint8ClampedArray RGBA}. */
export async function grab(page) {
  const {width, height, rgba} = await page.evaluate(() => window.viewer.grab())
  return {width, height, data: new Uint8ClampedArray(Buffer.from(rgba, 'base64'))}
}
