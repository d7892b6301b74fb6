// Debian's Chromium without a screen, by playwright-core: a new empty profile each, nothing of its own on the network.
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import {chromium} from 'playwright-core'

export const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required']

/** A browser with one context; close() ends it and removes its profile. */
export async function launch({viewport = {width: 1280, height: 800}, ...options} = {}) {
  const profile = await fs.mkdtemp(path.join(os.tmpdir(), 'jalousie-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags, viewport, ...options})
  return {
    context,
    async close() {
      await context.close()
      await fs.rm(profile, {recursive: true, force: true})
    },
  }
}

/** A page of the server's origin that is signed in as `who` (see House.signIn) and shows nothing by itself. */
export async function blankPage(context, house, who) {
  await context.clearCookies()
  if (who) {
    const [name, value] = who.cookie.split(/=(.*)/s)
    await context.addCookies([{name, value, url: house.baseUrl, httpOnly: true, secure: true, sameSite: 'Strict'}])
  }
  const page = await context.newPage()
  await page.goto(`${house.baseUrl}/healthz`)
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
