// The page, screen by screen, in a real browser against a real server with real cameras. In order: the first tests use the one-time links.
import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {after, before, describe, it} from 'node:test'
import {freePort, House, password, until} from '../lib/house.mjs'
import {readIdentity} from './identity.mjs'
import {acceptWelcome, decoded, openPage, pictures, presented, signIn, signOut, untilLive} from './page.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const nowhere = '0'.repeat(32)
let house, another

before(async () => {
  // The page adds test cameras, which are on this machine.
  house = await House.start({serveArguments: ['--allow-loopback-cameras'], homes: [
    {name: 'Birch', owner: 'birch', members: ['bo'], cameras: [{number: 11, name: 'Front door', stream: 'sub'}, {number: 12, name: 'Garden', stream: 'sub'}]},
    {name: 'Harbour', owner: 'harbour', cameras: [{number: 21, name: 'Quay', stream: 'sub'}]}]})
  another = {number: 13, port: await freePort(), home: house.homes[0]}
  await house.startCamera(another)
  another.url = `rtsp://127.0.0.1:${another.port}/sub`
  another.password = readFileSync(house.passwordFile, 'utf8').trim()
})
after(() => house?.stop())

const linkOf = async name => `${house.baseUrl}/welcome#${(await house.command('user', 'link', name)).split('#')[1]}`

/** A browser for the tests of one block; whatever went wrong in its page fails the block. */
function inBrowser(options) {
  const held = {}
  before(async () => Object.assign(held, await openPage(house.baseUrl, options)))
  after(() => held.close?.())
  return held
}
const eventually = (what, question, within = 10_000) => until(question, {what, within, every: 30})

describe('a one-time link', () => {
  const held = inBrowser()
  let link

  it('refuses a short password and says why', async () => {
    link = await linkOf('birch')
    await held.page.goto(link)
    await held.page.getByRole('heading', {name: 'Welcome to Birch'}).waitFor()
    await held.page.getByLabel('Password', {exact: true}).fill('short')
    await held.page.keyboard.press('Enter')
    await held.page.getByRole('alert').getByText(/shorter than 10/).waitFor()
  })

  it('refuses a well-known password in the server\'s words', async () => {
    await held.page.getByLabel('Password', {exact: true}).fill('1234567890')
    await held.page.keyboard.press('Enter')
    await eventually('the refusal', async () => /known|common|guess/i.test(await held.page.getByRole('alert').innerText()))
  })

  it('sets the password and shows the home\'s own cameras, live', async () => {
    await acceptWelcome(held.page, link, password)
    assert.equal(new URL(held.page.url()).hash, '')
    await held.page.getByText('Birch').first().waitFor()
    await untilLive(held.page, 2)
    assert.deepEqual((await pictures(held.page)).map(({name}) => name), ['Front door', 'Garden'])
    assert.ok(await presented(held.page, 2000) >= 25, 'the picture moves')
  })

  it('and the pictures that are shown are of the cameras that they are said to be', async () => {
    for (const [name, number] of [['Front door', 11], ['Garden', 12]]) {
      const id = await held.page.locator('.tile', {hasText: name}).getAttribute('data-camera')
      const {identities} = readIdentity(await decoded(held.page, id))
      assert.deepEqual(identities.map(({home, camera}) => [home, camera]), [[1, number]], name)
    }
  })

  it('works once', async () => {
    await held.page.goto('about:blank')
    await held.page.goto(link)
    await held.page.getByRole('heading', {name: /does not work any more/}).waitFor()
  })

  it('of the other home leads to the other home alone', async () => {
    await held.context.clearCookies()
    await held.page.goto('about:blank')
    await acceptWelcome(held.page, await linkOf('harbour'), password)
    await untilLive(held.page, 1)
    assert.deepEqual((await pictures(held.page)).map(({name}) => name), ['Quay'])
  })
})

describe('signing in', () => {
  const held = inBrowser()

  it('is asked of whoever comes without a session', async () => {
    await held.page.goto(`/camera/${nowhere}`)
    await held.page.waitForURL('**/sign-in?next=*')
  })

  it('says that something is wrong without saying what', async () => {
    await held.page.getByLabel('Name', {exact: true}).fill('birch')
    await held.page.getByLabel('Password', {exact: true}).fill('not the password')
    await held.page.keyboard.press('Enter')
    await held.page.getByRole('alert').getByText('The name or the password is wrong').waitFor()
    assert.equal(await held.page.getByLabel('Password', {exact: true}).inputValue(), '')
  })

  it('leads on to where one was going; what is not there is said', async () => {
    await held.page.getByLabel('Password', {exact: true}).fill(password)
    await held.page.keyboard.press('Enter')
    await held.page.waitForURL(`**/camera/${nowhere}`)
    await held.page.getByText('This camera is not here').last().waitFor()
  })

  it('out: the pictures go, and the address leads to signing in', async () => {
    await held.page.goto('/')
    await untilLive(held.page, 2)
    await signOut(held.page)
    assert.equal(await held.page.locator('video').count(), 0)
    await held.page.goto('/')
    await held.page.waitForURL('**/sign-in')
  })

  it('out everywhere: other browsers show nothing any more, and why', async () => {
    const second = await openPage(house.baseUrl)
    try {
      await signIn(held.page, 'birch', password)
      await signIn(second.page, 'birch', password)
      await untilLive(second.page, 2)
      const began = performance.now()
      await signOut(held.page, 'Sign out everywhere')
      await eventually('the other page to be out', async () => await second.page.locator('video').count() === 0, 5000)
      assert.ok(performance.now() - began < 2500, `${performance.now() - began} ms`)
      await second.page.getByText('Your session ended').waitFor()
    } finally {
      await second.close()
    }
  })

  it('as a member: what owners alone may do is not offered', async () => {
    await acceptWelcome(held.page, await linkOf('bo'), password)
    await untilLive(held.page, 2)
    assert.equal(await held.page.getByRole('link', {name: 'Add a camera'}).count(), 0)
    await held.page.goto('/add')
    await held.page.getByText('Only owners add cameras').waitFor()
  })
})

describe('by keyboard', () => {
  const held = inBrowser()
  const focused = () => held.page.evaluate(() => document.activeElement?.querySelector('.name')?.textContent ?? document.activeElement?.textContent)

  it('arrows go to a picture, Enter opens it, Escape leads back to it', async () => {
    await signIn(held.page, 'birch', password)
    await held.page.locator('.tile').first().waitFor()
    await held.page.keyboard.press('ArrowRight')
    await held.page.keyboard.press('ArrowRight')
    assert.equal(await focused(), 'Garden')
    await held.page.keyboard.press('Enter')
    await held.page.waitForURL('**/camera/*')
    await held.page.getByRole('heading', {name: 'Garden'}).waitFor()
    await held.page.keyboard.press('Escape')
    await held.page.waitForURL(`${house.baseUrl}/`)
    await eventually('focus on the picture', async () => await focused() === 'Garden')
  })

  it('f fills the screen and leaves it', async () => {
    await held.page.keyboard.press('Enter')
    await held.page.waitForURL('**/camera/*')
    await untilLive(held.page, 1)
    await held.page.keyboard.press('f')
    await eventually('full screen', () => held.page.evaluate(() => document.fullscreenElement !== null))
    await held.page.keyboard.press('f')
    await eventually('no full screen', () => held.page.evaluate(() => document.fullscreenElement === null))
  })

  it('menus open, move and close', async () => {
    await held.page.getByRole('button', {name: /^Account /}).focus()
    await held.page.keyboard.press('Enter')
    await eventually('the menu', async () => /^Sign out$/.test(await focused()))
    await held.page.keyboard.press('ArrowDown')
    assert.match(await focused(), /everywhere/)
    await held.page.keyboard.press('Escape')
    assert.equal(await held.page.getByRole('menu').count(), 0)
    assert.equal(await held.page.evaluate(() => document.activeElement?.getAttribute('aria-haspopup')), 'menu')
  })

  it('whatever has the focus shows it', async () => {
    await held.page.goto('/')
    await held.page.locator('.tile').first().waitFor()
    let stops = 0
    for (let step = 0; step < 6; ++step) {
      await held.page.keyboard.press('Tab')
      const {outline, html} = await held.page.evaluate(() => {
        const {outlineStyle, outlineWidth} = getComputedStyle(document.activeElement)
        return {outline: outlineStyle === 'none' ? 0 : parseFloat(outlineWidth), html: document.activeElement.outerHTML.slice(0, 200)}
      })
      if (html.startsWith('<body')) continue
      stops += 1
      assert.ok(outline >= 2, html)
    }
    assert.ok(stops >= 4, `${stops} stops`)
  })
})

describe('a camera', () => {
  const held = inBrowser()
  const pill = kind => async () => (await pictures(held.page)).find(one => one.kind === kind)

  it('that does not answer is said to, by the test', async () => {
    await signIn(held.page, 'birch', password)
    await held.page.getByRole('link', {name: 'Add a camera'}).first().click()
    await held.page.getByLabel('Name', {exact: true}).fill('Shed')
    await held.page.getByLabel('Address').fill('rtsp://127.0.0.1:1/nothing')
    await held.page.getByRole('button', {name: 'Test connection'}).click()
    await eventually('a reason', async () => (await held.page.getByRole('alert').allInnerTexts()).join('').length > 20, 12_000)
  })

  it('is tested and added; credentials leave the address', async () => {
    const {page} = held
    await page.getByLabel('Address').fill(another.url.replace('://', `://viewer:${another.password}@`))
    await page.getByRole('button', {name: 'Test connection'}).click()
    await page.getByText(/The camera answers: H\.264[^,]*, 640 × 360, 25 pictures a second/).waitFor({timeout: 12_000})
    assert.equal(await page.getByLabel('Address').inputValue(), another.url)
    await page.getByRole('button', {name: 'Add camera'}).click()
    await page.waitForURL('**/camera/*')
    await untilLive(page, 1, 15_000)
    assert.ok(!(await page.content()).includes(another.password))
  })

  it('is renamed', async () => {
    await held.page.locator('summary', {hasText: 'Name'}).click()
    await held.page.getByLabel('Name', {exact: true}).fill('Garden shed')
    await held.page.locator('details[open]').getByRole('button', {name: 'Save'}).click()
    await held.page.getByRole('heading', {name: 'Garden shed'}).waitFor()
  })

  it('with a wrong password says so, without a picture', async () => {
    const part = held.page.locator('details', {hasText: 'Address and password'})
    await part.locator('summary').click()
    await part.getByLabel('New user name').fill('viewer')
    await part.getByLabel('New password').fill('certainly not')
    await part.getByRole('button', {name: 'Save'}).click()
    const {pill: text, shown} = await eventually('the pill', pill('wrong_password'), 15_000)
    assert.equal(text, 'wrong password')
    assert.equal(shown, false)
  })

  it('is removed after one has said so twice', async () => {
    const {page} = held
    const remove = page.locator('details').getByRole('button', {name: 'Remove camera'})
    await page.locator('summary', {hasText: 'Remove camera'}).click()
    await remove.click()
    await page.getByRole('dialog').getByRole('button', {name: 'Cancel'}).click()
    await remove.click()
    await page.getByRole('dialog').getByRole('button', {name: 'Remove for good'}).click()
    await page.waitForURL(`${house.baseUrl}/`)
    await eventually('the wall without it', async () => (await pictures(page)).map(({name}) => name).join() === 'Front door,Garden')
  })

  it('that went away is said to be within 5 s, and comes back by itself', async () => {
    const {page} = held
    const garden = async () => (await pictures(page)).find(({name}) => name === 'Garden')
    await untilLive(page, 2)
    await house.stopCamera(12, 'SIGKILL')
    await eventually('the page noticing', async () => {
      const {kind, shown, dimmed} = await garden()
      return kind !== 'live' && (!shown || dimmed)
    }, 5000)
    await eventually('the reason', async () => /^offline since/.test((await garden()).pill), 15_000)
    assert.equal((await garden()).shown, false)
    await house.startCamera(house.homes[0].cameras[1])
    await untilLive(page, 2, 35_000)
  })
})

describe('when the server is killed', () => {
  const held = inBrowser()

  it('the page says so, and is back by itself within 5 s of the server', async t => {
    await signIn(held.page, 'birch', password)
    await untilLive(held.page, 2)
    await house.server.end('SIGKILL')
    await held.page.getByText('The server does not answer').waitFor({timeout: 5000})
    await eventually('no picture that looks live', async () => (await pictures(held.page)).every(({kind, dimmed}) => kind !== 'live' && dimmed), 5000)
    await house.startServer()
    const took = await untilLive(held.page, 2, 5000)
    t.diagnostic(`back after ${took} ms`)
    assert.equal(await held.page.getByText('The server does not answer').count(), 0)
  })
})

for (const colorScheme of ['light', 'dark']) {
  describe(`to everybody, ${colorScheme}`, () => {
    const held = inBrowser({colorScheme, reducedMotion: 'reduce'})
    const violations = async () => {
      await held.page.evaluate(axe)
      const found = await held.page.evaluate(() => globalThis.axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}))
      assert.ok(found.passes.length > 10, 'axe looked at something')
      return found.violations.map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html.slice(0, 160)).join(' | ')}`)
    }

    it('signing in', async () => {
      await held.page.goto('/sign-in')
      await held.page.getByRole('button', {name: 'Sign in', exact: true}).click()
      await held.page.getByRole('alert').getByText('Fill in').waitFor()
      assert.deepEqual(await violations(), [])
    })

    it('the wall', async () => {
      await signIn(held.page, 'birch', password)
      await untilLive(held.page, 2)
      assert.deepEqual(await violations(), [])
    })

    it('a camera and its settings', async () => {
      await held.page.locator('.tile').first().click()
      await held.page.waitForURL('**/camera/*')
      for (const summary of await held.page.locator('summary').all()) await summary.click()
      assert.deepEqual(await violations(), [])
    })

    it('adding a camera', async () => {
      await held.page.goto('/add')
      await held.page.getByLabel('Address').waitFor()
      assert.deepEqual(await violations(), [])
    })
  })
}

for (const [width, height] of [[320, 640], [768, 1024], [1920, 1080]]) {
  describe(`at ${width} x ${height}`, () => {
    const held = inBrowser({width, height})

    it('nothing is wider than the screen, and nothing moves when pictures come', async () => {
      const {page} = held
      await signIn(page, 'birch', password)
      const boxes = () => page.$$eval('.tile', tiles => tiles.map(tile => JSON.stringify(tile.getBoundingClientRect())))
      await eventually('the tiles', async () => (await boxes()).length === 2)
      const first = await boxes()
      await untilLive(page, 1)
      assert.deepEqual(await boxes(), first)
      for (const path of ['/', '/add', await page.locator('.tile').first().getAttribute('href')]) {
        await page.goto(path)
        await page.locator('h1').waitFor()
        const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
        assert.ok(content <= screen, `${path} is ${content} px wide`)
      }
    })
  })
}
