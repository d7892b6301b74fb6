// A WebSocket client (RFC 6455) that says what a refused handshake was answered, and sends any header: Node 18 has none of its own, and a page may not.
import crypto from 'node:crypto'
import http from 'node:http'

/**
 * The answer to a handshake: {status, text}, and with 101 {socket, next(), closed}. next() gives the next message, a string or a Buffer, or null after the last; closed
 * resolves to {code, reason}.
 */
export function connect(url, {cookie, protocol, headers = {}} = {}) {
  const request = http.get(url, {headers: {connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': crypto.randomBytes(16).toString('base64'),
    ...(protocol ? {'sec-websocket-protocol': protocol} : {}), ...(cookie ? {cookie} : {}), ...headers}})
  return new Promise((done, failed) => {
    request.once('error', failed)
    request.once('response', async answer => {
      let text = ''
      for await (const part of answer) text += part
      done({status: answer.statusCode, headers: answer.headers, text})
    })
    request.once('upgrade', (answer, socket, head) => done({status: 101, headers: answer.headers, ...client(socket, head)}))
  })
}

function client(socket, head) {
  const messages = [], waiting = []
  let rest = head, end
  const closed = new Promise(done => { end = done })
  const give = message => { const one = waiting.shift(); one ? one(message) : messages.push(message) }
  const read = () => {
    while (rest.length >= 2) {
      const short = rest[1] & 127
      const header = short === 126 ? 4 : short === 127 ? 10 : 2
      if (rest.length < header) return
      const size = short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short
      if (rest.length < header + size) return
      const payload = rest.subarray(header, header + size), opcode = rest[0] & 15
      rest = rest.subarray(header + size)
      if (opcode === 1) give(payload.toString())
      else if (opcode === 2) give(payload)
      else if (opcode === 8) end(payload.length < 2 ? {code: 1005, reason: ''} : {code: payload.readUInt16BE(0), reason: payload.subarray(2).toString()})
      else if (opcode === 9) socket.write(frame(0x8A, payload))
    }
  }
  socket.on('data', data => { rest = Buffer.concat([rest, data]); read() })
  socket.on('error', () => {})
  socket.on('close', () => { end({code: 1006, reason: ''}); give(null) })
  read()
  return {socket, closed, next: () => messages.length > 0 ? Promise.resolve(messages.shift()) : new Promise(done => waiting.push(done))}
}

/** A masked frame; the mask is 0, which is one as good as any here. */
export function frame(first, payload) {
  return Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), payload])
}

/** A message of jalousie.mse.v1 taken apart: {text: {...}} or {kind, isKey, isLive, time, capture, now, mp4}, times of day in milliseconds. */
export function readMse(message) {
  if (typeof message === 'string') return {text: JSON.parse(message)}
  return {kind: message[0], isKey: (message[1] & 1) !== 0, isLive: (message[1] & 2) !== 0, time: message.readUInt32BE(4), capture: Number(message.readBigUInt64BE(8)) / 1000,
    now: Number(message.readBigUInt64BE(16)) / 1000, mp4: message.subarray(24)}
}
