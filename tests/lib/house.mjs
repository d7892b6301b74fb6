// A real server with real cameras for tests: makes a scratch data folder, homes and people by the command line, starts
// jalousie and jalousie-camera from the build, and ends all of it.
//
//   const house = await House.start({homes: [{name: 'Birch', owner: 'birch', cameras: [{number: 11}]}]})
//   const birch = await house.signIn('birch')          // {cookie, account, homes}
//   const answer = await house.api(birch, 'GET', '/session')
//   await house.stop()
import {spawn, execFile} from 'node:child_process'
import {once} from 'node:events'
import fs from 'node:fs/promises'
import {createWriteStream, existsSync} from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import {promisify} from 'node:util'

const run = promisify(execFile)
export const build = process.env.JALOUSIE_BUILD ?? path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../../build/dev')
const jalousie = path.join(build, 'src/app/jalousie')
const camera = path.join(build, 'tools/camera/jalousie-camera')
export const password = 'correct horse battery'

export const sleep = ms => new Promise(done => setTimeout(done, ms))

/** Polls `question` until it gives something true; its value. */
export async function until(question, {within = 10_000, every = 50, what = 'it'} = {}) {
  const deadline = Date.now() + within
  let last
  for (;;) {
    try {
      const value = await question()
      if (value) return value
      last = undefined
    } catch (problem) {
      last = problem
    }
    if (Date.now() > deadline) throw new Error(`${what} did not come within ${within} ms${last ? `: ${last.message}` : ''}`)
    await sleep(every)
  }
}

/** A port that is free for both TCP and UDP now, from a range of this process's own. */
let nextPort = 20_000 + (process.pid * 37) % 25_000
export async function freePort() {
  for (;;) {
    const port = nextPort++
    const server = net.createServer()
    const free = await new Promise(answer => {
      server.once('error', () => answer(false))
      server.listen(port, '127.0.0.1', () => answer(true))
    })
    if (free) {
      await new Promise(done => server.close(done))
      return port
    }
  }
}

class Process {
  constructor(name, command, args, log) {
    this.name = name
    this.child = spawn(command, args, {stdio: ['ignore', 'pipe', 'pipe']})
    this.output = ''
    this.child.stdout.on('data', data => { this.output += data; log.write(data) })
    this.child.stderr.on('data', data => { this.output += data; log.write(data) })
    this.ended = once(this.child, 'exit').then(([code, signal]) => { this.exit = {code, signal}; return this.exit })
    this.ended.catch(() => {})
  }
  async end(signal = 'SIGTERM', within = 10_000) {
    if (this.exit) return this.exit
    this.child.kill(signal)
    const late = setTimeout(() => this.child.kill('SIGKILL'), within)
    const exit = await this.ended
    clearTimeout(late)
    return exit
  }
}

export class House {
  /** homes: [{name, owner, members?: [], cameras: [{number, name?, gop?, auth?, fps?, extra?: [], transport?, stream?, sub?, scheme?}]}] */
  static async start({homes, serveArguments = [], config = ''}) {
    const house = new House()
    house.folder = await fs.mkdtemp(path.join(os.tmpdir(), 'jalousie-house-'))
    house.data = path.join(house.folder, 'data')
    house.rootKey = path.join(house.folder, 'key/root.key')
    await house.configure(config)
    house.log = createWriteStream(path.join(house.folder, 'log'))
    house.port = await freePort()
    house.mediaPort = await freePort()
    house.baseUrl = `http://127.0.0.1:${house.port}`
    house.serveArguments = serveArguments
    house.homes = homes
    house.cameras = new Map()
    house.passwordFile = path.join(house.folder, 'camera-password')
    await fs.writeFile(house.passwordFile, 'only-for-this-test\n', {mode: 0o600})
    try {
      for (const home of homes) {
        await house.command('home', 'add', home.name, '--owner', home.owner, '--quiet')
        for (const member of home.members ?? []) await house.command('user', 'add', member, '--home', home.name)
        for (const one of home.cameras) {
          one.home = home
          one.port = await freePort()
          await house.startCamera(one)
          await house.addCamera(one)
        }
      }
      await house.startServer()
    } catch (problem) {
      await house.stop()
      throw problem
    }
    return house
  }

  /** What the configuration file holds from now on; a server that runs reads it at SIGHUP. */
  configure(toml) {
    this.config = path.join(this.folder, 'jalousie.toml')
    return fs.writeFile(this.config, toml)
  }
  async command(...args) {
    const {stdout} = await run(jalousie, ['--config', this.config, '--data', this.data, '--root-key', this.rootKey, ...args])
    return stdout.trim()
  }

  /** Home number is the tens of the camera's number: 11 is camera 11 of home 1. */
  async startCamera(one) {
    const args = ['--listen', '127.0.0.1', '--port', String(one.port), '--user', 'viewer', '--password-file', this.passwordFile,
      '--home', String(Math.floor(one.number / 10)), '--camera', String(one.number), '--tenure', '1', '--name', one.name ?? `Camera ${one.number}`,
      '--gop', String(one.gop ?? 2), ...(one.auth ? ['--auth', one.auth] : []), ...(one.extra ?? [])]
    const process = new Process(`camera ${one.number}`, camera, args, this.log)
    this.cameras.set(one.number, process)
    await until(() => process.exit ? Promise.reject(new Error(process.output)) : canConnect(one.port), {what: `camera ${one.number}`})
    return process
  }
  async addCamera(one) {
    await this.command('camera', 'add', '--home', one.home.name, '--name', one.name ?? `Camera ${one.number}`, '--user', 'viewer', '--password-file',
      this.passwordFile, '--transport', one.transport ?? 'tcp', ...(one.sub ? ['--sub', `${one.scheme ?? 'rtsp'}://127.0.0.1:${one.port}/${one.sub}`] : []), '--quiet', `${one.scheme ?? 'rtsp'}://127.0.0.1:${one.port}/${one.stream ?? 'main'}`)
  }
  async stopCamera(number, signal) {
    await this.cameras.get(number).end(signal)
  }

  /** Milliseconds from the start of the process until it answers. */
  async startServer() {
    const began = performance.now()
    this.server = new Process('server', jalousie, ['--config', this.config, '--data', this.data, '--root-key', this.rootKey, 'serve', '--listen', `127.0.0.1:${this.port}`,
      '--media-port', String(this.mediaPort), ...this.serveArguments], this.log)
    await until(async () => {
      if (this.server.exit) throw new Error(`the server ended: ${this.server.output}`)
      return (await fetch(`${this.baseUrl}/healthz`)).ok
    }, {within: 20_000, every: 10, what: 'the server'})
    return performance.now() - began
  }

  /** The first time with the one-time link, later with the password. */
  async signIn(name) {
    let answer = await this.request('POST', '/api/v1/session', {json: {name, password}})
    if (answer.status === 401) {
      const token = (await this.command('user', 'link', name)).split('#')[1]
      answer = await this.request('POST', '/api/v1/welcome', {json: {token, password}})
    }
    if (!answer.ok) throw new Error(`signing in as ${name}: ${answer.status} ${await answer.text()}`)
    const cookie = answer.headers.get('set-cookie').split(';')[0]
    return {cookie, ...(await answer.json())}
  }
  request(method, target, {cookie, json, body, headers = {}} = {}) {
    if (json !== undefined) { body = JSON.stringify(json); headers = {'content-type': 'application/json', ...headers} }
    if (cookie) headers = {cookie, ...headers}
    return fetch(this.baseUrl + target, {method, headers, body, redirect: 'manual'})
  }
  async api(who, method, target, json) {
    const answer = await this.request(method, `/api/v1${target}`, {cookie: who.cookie, json})
    if (!answer.ok) throw new Error(`${method} ${target}: ${answer.status} ${await answer.text()}`)
    return answer.status === 204 ? undefined : answer.json()
  }
  async camerasOf(who, home = who.homes[0]) {
    return (await this.api(who, 'GET', `/homes/${home.id}/cameras`)).cameras
  }
  /** Waits until the person's first camera (or the one of that name) is live. */
  liveCamera(who, name) {
    return until(async () => (await this.camerasOf(who)).find(one => one.state === 'live' && (!name || one.name === name)), {within: 15_000, what: 'a live camera'})
  }

  async stop() {
    await this.server?.end()
    await Promise.all([...this.cameras.values()].map(one => one.end()))
    this.log.end()
    if (!process.env.JALOUSIE_KEEP && existsSync(this.folder)) await fs.rm(this.folder, {recursive: true, force: true})
    else console.error(`kept: ${this.folder}`)
  }
}

function canConnect(port) {
  return new Promise(answer => {
    const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); answer(true) })
    socket.once('error', () => answer(false))
  })
}
