// digest.mjs PORT PATH ALGORITHM: asks a camera to DESCRIBE, answering its Digest challenge of that algorithm (RFC 7616) with
// the password in JALOUSIE_TEST_PASSWORD, and prints the status. Written from the RFC with Node's own hashes, so that it
// shares nothing with the server's code.
import {createHash} from 'node:crypto';
import {connect} from 'node:net';

const [port, path, algorithm] = process.argv.slice(2);
const password = process.env.JALOUSIE_TEST_PASSWORD;
const uri = `rtsp://127.0.0.1:${port}${path}`;
const hash = (text) => createHash(algorithm === 'MD5' ? 'md5' : 'sha256').update(text).digest('hex');

const socket = connect(Number(port), '127.0.0.1');
socket.setTimeout(20_000, () => socket.destroy(new Error('no answer')));
let cseq = 0;
async function describe(authorization) {
  const header = authorization ? `Authorization: ${authorization}\r\n` : '';
  socket.write(`DESCRIBE ${uri} RTSP/1.0\r\nCSeq: ${++cseq}\r\nAccept: application/sdp\r\n${header}\r\n`);
  let text = '';
  for await (const chunk of socket.iterator({destroyOnReturn: false})) {
    text += chunk;
    if (text.includes('\r\n\r\n')) break;
  }
  return {status: Number(text.split(' ')[1]), headers: text.split('\r\n\r\n')[0].split('\r\n').slice(1)};
}

const refused = await describe();
if (refused.status !== 401) throw new Error(`expected 401 without a password, got ${refused.status}`);
const challenges = refused.headers.filter((line) => /^www-authenticate: digest /i.test(line));
const named = (line, name) => line.match(new RegExp(`[ ,]${name}="?([^",]+)"?`, 'i'))?.[1];
const challenge = challenges.find((line) => (named(line, 'algorithm') ?? 'MD5') === algorithm);
if (!challenge) throw new Error(`no challenge of ${algorithm}: ${challenges.join(' | ')}`);
const realm = named(challenge, 'realm'), nonce = named(challenge, 'nonce'), qop = named(challenge, 'qop');
const a1 = hash(`admin:${realm}:${password}`), a2 = hash(`DESCRIBE:${uri}`);
const response = qop ? hash(`${a1}:${nonce}:00000001:0a4f113b:auth:${a2}`) : hash(`${a1}:${nonce}:${a2}`);
const answered = await describe(
  `Digest username="admin", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=${algorithm}` +
    (qop ? ', qop=auth, nc=00000001, cnonce="0a4f113b"' : ''));
console.log(answered.status);
socket.destroy();
