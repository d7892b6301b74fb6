// The configuration: what a file, the environment and flags say together; what is wrong, said before anything starts; and reading
// it again while somebody watches.
import assert from 'node:assert/strict'
import {execFile, spawn} from 'node:child_process'
import fs from 'node:fs/promises'
import https from 'node:https'
import path from 'node:path'
import {after, before, test} from 'node:test'
import {promisify} from 'node:util'
import {House, build, freePort, until} from '../lib/house.mjs'
import {connect} from '../lib/web_socket.mjs'

const run = promisify(execFile)
const jalousie = path.join(build, 'src/app/jalousie')
const openssl = (...args) => run('openssl', args)

let house, owner, camera
before(async () => {
  house = await House.start({homes: [{name: 'Birch', owner: 'birch', cameras: [{number: 11}]}], config: '[log]\nlevel = "warn"\n'})
  owner = await house.signIn('birch')
  camera = await house.liveCamera(owner)
})
after(() => house?.stop())

const logged = text => house.server.output.includes(text)
const reloaded = async config => {
  const before = house.server.output.length
  await house.configure(config)
  house.server.child.kill('SIGHUP')
  return until(() => /configuration was (read again|not taken)/.exec(house.server.output.slice(before)), {what: 'a word about the configuration'})
}
const reloadOk = async () => /^jalousie_app_config_reload_ok (\S+)/m.exec(await house.request('GET', '/metrics').then(answer => answer.text()))[1]

/** A viewing by WebSocket that counts what comes. */
async function watch() {
  const {socket, next} = await connect(`${house.baseUrl}/api/v1/cameras/${camera.id}/mse`, {cookie: owner.cookie, protocol: 'jalousie.mse.v1'})
  const seen = {messages: 0, ended: false, close: () => socket.destroy()}
  void (async () => {
    while (await next() !== null) seen.messages++
    seen.ended = true
  })()
  return seen
}

test('what is wrong is said all at once, with its places, and nothing starts', async () => {
  const file = path.join(house.folder, 'wrong.toml')
  await fs.writeFile(file, '[server]\nlistn = "127.0.0.1:1"\n[media]\nport = "high"\n')
  const data = path.join(house.folder, 'never')
  const environment = {...process.env, JALOUSIE_LOG_LEVEL: 'loud'}
  for (const command of [['config', 'check'], ['serve']]) {
    const failed = await run(jalousie, ['--config', file, '--data', data, ...command], {env: environment}).then(() => assert.fail('it started'), problem => problem)
    assert.equal(failed.code, 1)
    assert.match(failed.stderr, /wrong\.toml:2: server\.listn: .*did you mean server\.listen\?/)
    assert.match(failed.stderr, /wrong\.toml:4: media\.port: expected a number from 0 to 65535/)
    assert.match(failed.stderr, /JALOUSIE_LOG_LEVEL: log\.level: expected one of/)
  }
  await assert.rejects(fs.stat(data), 'nothing was made')
})

test('show says what holds, and who said so; what it prints is a configuration', async () => {
  const file = path.join(house.folder, 'right.toml')
  await fs.writeFile(file, '[server]\nlisten = "127.0.0.1:9999"\nhost_names = ["a.example"]\n')
  const environment = {...process.env, JALOUSIE_MEDIA_PORT: '9001'}
  const {stdout} = await run(jalousie, ['--config', file, 'config', 'show'], {env: environment})
  assert.match(stdout, /^listen = "127\.0\.0\.1:9999" +# .*right\.toml:2$/m)
  assert.match(stdout, /^port = 9001 +# JALOUSIE_MEDIA_PORT$/m)
  assert.match(stdout, /^loops = 0 +# built in$/m)
  await fs.writeFile(file, stdout)
  const {stdout: checked} = await run(jalousie, ['--config', file, 'config', 'check'])
  assert.match(checked, /all understood/)
})

test('the file that the Debian package brings is understood', async () => {
  const file = new URL('../../packaging/debian/jalousie.toml', import.meta.url).pathname
  const {stdout} = await run(jalousie, ['--config', file, 'config', 'check'])
  assert.match(stdout, /all understood/)
})

test('a file that somebody named has to be there', async () => {
  const failed = await run(jalousie, ['--config', '/nowhere/jalousie.toml', 'config', 'check']).then(() => assert.fail('no complaint'), problem => problem)
  assert.equal(failed.stderr, 'jalousie: /nowhere/jalousie.toml: there is no such file\n')
})

test('levels change while somebody watches, and a mistake changes nothing', async () => {
  const viewing = await watch()
  await until(() => viewing.messages > 10, {what: 'pictures'})
  assert.ok(!logged('a viewing began'), 'level warn leaves that out')

  assert.match((await reloaded('[log]\nlevel = "info"\n'))[0], /read again/)
  assert.equal(await reloadOk(), '1')
  assert.match((await reloaded('[log]\nlevel = "warn"\n[media]\nprot = 1\n'))[0], /not taken/)
  assert.ok(logged('did you mean media.port?'))
  assert.equal(await reloadOk(), '0')
  assert.match((await reloaded(`[log]\nlevel = "info"\n[log.rooms]\nkeeper = "debug"\n[server]\nloops = 7\n`))[0], /read again/)
  assert.ok(logged('needs_restart="server.loops"'))
  assert.equal(await reloadOk(), '1')

  const count = viewing.messages
  await until(() => viewing.messages > count + 25, {what: 'pictures after it'})
  assert.equal(viewing.ended, false)
  viewing.close()
})

test('a log file that was moved away is opened anew', async () => {
  const file = path.join(house.folder, 'own.log')
  const says = () => until(async () => (await fs.readFile(file, 'utf8')).includes('configuration was read again'), {what: 'the log file'})
  await house.configure(`[log]\nfile = "${file}"\n`)
  house.server.child.kill('SIGHUP')
  await says()
  await fs.rename(file, `${file}.1`)
  house.server.child.kill('SIGHUP')
  await says()
})

test('a renewed certificate is shown to who comes, and who is there stays', async () => {
  const at = name => path.join(house.folder, name)
  const make = name => openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1', '-subj', `/CN=${name}`,
    '-keyout', at('key.pem'), '-out', at('cert.pem'))
  await make('first')
  const port = await freePort()
  const server = spawn(jalousie, ['--config', '/dev/null', '--data', at('tls-data'), '--root-key', at('tls.key'), 'serve', '--listen', `127.0.0.1:${port}`, '--media-port', String(await freePort()),
    '--tls-certificate', at('cert.pem'), '--tls-key', at('key.pem')], {stdio: ['ignore', 'ignore', 'pipe']})
  let said = ''
  server.stderr.on('data', data => { said += data })
  try {
    const ask = agent => new Promise((done, failed) => {
      https.get({host: '127.0.0.1', port, path: '/healthz', agent, rejectUnauthorized: false}, answer => {
        const name = answer.socket.getPeerCertificate().subject.CN
        answer.resume()
        answer.on('end', () => done(name))
      }).on('error', failed)
    })
    const kept = new https.Agent({keepAlive: true, maxSockets: 1})
    const once = () => ask(new https.Agent({keepAlive: false, maxCachedSessions: 0}))
    await until(once, {what: 'the server'})
    assert.equal(await ask(kept), 'first')
    await make('second')
    server.kill('SIGHUP')
    assert.equal(await until(async () => (await once()) === 'second' && 'second', {what: 'the new certificate'}), 'second')
    assert.equal(await ask(kept), 'first')
    await fs.writeFile(at('cert.pem'), 'damaged')
    server.kill('SIGHUP')
    await until(() => said.includes('was not taken'), {what: 'a complaint'})
    assert.equal(await once(), 'second')
    kept.destroy()
  } finally {
    server.kill()
    await new Promise(done => server.once('exit', done))
  }
})
