// What tests do on the page and read from it.
import assert from 'node:assert/strict'
import {launch} from '../lib/chromium.mjs'
import {password} from '../lib/house.mjs'

/**
 * A browser with one page. `problems` collects what no test may end with: errors of the page, refusals by its content security policy, and requests to
 * anywhere but `base`. close() ends the browser and fails where there are some.
 */
export async function openPage(base, {width = 1280, height = 800, ...context} = {}) {
  const browser = await launch()
  const opened = await browser.newContext({viewport: {width, height}, locale: 'en-GB', baseURL: base, ...context})
  const page = await opened.newPage()
  page.setDefaultTimeout(10_000)
  const problems = []
  page.on('pageerror', error => problems.push(`page error: ${error.message}`))
  page.on('console', message => { if (/content security policy/i.test(message.text())) problems.push(message.text()) })
  page.on('request', request => {
    const {protocol, origin} = new URL(request.url())
    if (protocol.startsWith('http') && origin !== base) problems.push(`foreign request: ${request.url()}`)
  })
  const close = async () => {
    await browser.close()
    assert.deepEqual(problems, [])
  }
  return {browser, context: opened, page, close}
}

/** A page of the house on which its owner has signed in. */
export async function openHome(house, name, size) {
  const opened = await openPage(house.baseUrl, size)
  await signIn(opened.page, name, password)
  return opened
}

/** The pictures of the screen: camera, pill and its kind, whether a picture is shown, whether it is dimmed, what is said instead of it. */
export function pictures(page) {
  return page.$$eval('.picture', all => all.map(picture => ({
    name: picture.querySelector('.name')?.textContent ?? document.querySelector('.camera-name')?.textContent ?? '',
    pill: picture.querySelector('.pill')?.textContent ?? '',
    kind: picture.querySelector('.pill')?.getAttribute('data-kind') ?? '',
    shown: picture.getAttribute('data-shown') === 'true',
    dimmed: picture.getAttribute('data-dimmed') === 'true',
    why: picture.querySelector('.why')?.textContent ?? '',
  })))
}

const isLive = ({kind, shown, dimmed}) => kind === 'live' && shown && !dimmed

/** Until `count` pictures say LIVE and are shown; how many milliseconds that took. */
export async function untilLive(page, count, within = 10_000) {
  const began = performance.now()
  let now = []
  while (performance.now() - began < within) {
    now = await pictures(page)
    if (now.filter(isLive).length >= count) return Math.round(performance.now() - began)
    await new Promise(done => setTimeout(done, 30))
  }
  assert.fail(`${count} live pictures did not come within ${within} ms: ${JSON.stringify(now)}`)
}

/** How many new pictures the first video presents within `span` milliseconds. */
export function presented(page, span) {
  return page.evaluate(milliseconds => new Promise(done => {
    const video = document.querySelector('video')
    let count = 0
    const next = () => { count += 1; video.requestVideoFrameCallback(next) }
    video.requestVideoFrameCallback(next)
    setTimeout(() => done(count), milliseconds)
  }), span)
}

/** The picture that the video of the camera's tile shows, as it was decoded: {width, height, data: RGBA}. */
export async function decoded(page, camera) {
  const {width, height, rgba} = await page.evaluate(id => {
    const video = document.querySelector(`[data-camera="${id}"] video`)
    const canvas = document.createElement('canvas')
    canvas.width = video.videoWidth
    canvas.height = video.videoHeight
    const context = canvas.getContext('2d', {willReadFrequently: true})
    context.drawImage(video, 0, 0)
    const {data} = context.getImageData(0, 0, canvas.width, canvas.height)
    let text = ''
    for (let at = 0; at < data.length; at += 32768) text += String.fromCharCode(...data.subarray(at, at + 32768))
    return {width: canvas.width, height: canvas.height, rgba: btoa(text)}
  }, camera)
  return {width, height, data: new Uint8ClampedArray(Buffer.from(rgba, 'base64'))}
}

/** Fills in the form of a one-time link and ends on the wall. */
export async function acceptWelcome(page, link, password) {
  await page.goto(link)
  await page.getByLabel('Password', {exact: true}).fill(password)
  await page.getByRole('button', {name: 'Set password and sign in'}).click()
  await page.locator('header.bar').waitFor()
}

export async function signIn(page, name, password) {
  await page.goto('/sign-in')
  await page.getByLabel('Name', {exact: true}).fill(name)
  await page.getByLabel('Password', {exact: true}).fill(password)
  await page.getByRole('button', {name: 'Sign in', exact: true}).click()
  await page.locator('header.bar').waitFor()
}

export async function signOut(page, item = 'Sign out') {
  await page.getByRole('button', {name: /^Account /}).click()
  await page.getByRole('menuitem', {name: item, exact: true}).click()
  await page.waitForURL('**/sign-in')
}
