// Opens the published test vectors of the sealed block with node's crypto alone, after docs/ref/seal.md: every key is derived
// and unwrapped, every block sealed again and opened, every refusal refused by its name. Usage: node open_vectors.mjs vectors.json
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';

const vectors = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const hex = (text) => Buffer.from(text, 'hex');
const number = (bytes, value) => {
  const made = Buffer.alloc(bytes);
  let left = BigInt(value);
  for (let at = bytes - 1; at >= 0; --at, left >>= 8n) made[at] = Number(left & 0xffn);
  return made;
};
let checks = 0;
const same = (what, found, expected) => {
  ++checks;
  if (found === expected) return;
  console.error(`FAIL: ${what}\n  found    ${found}\n  expected ${expected}`);
  process.exitCode = 1;
};

// AES-256-GCM; null where the tag does not fit.
const gcmOpen = (key, iv, aad, ciphertext, tag) => {
  const cipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(aad).setAuthTag(tag);
  const clear = cipher.update(ciphertext);
  try {
    return Buffer.concat([clear, cipher.final()]);
  } catch {
    return null;
  }
};
const gcmSeal = (key, iv, aad, plaintext) => {
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
};
const hkdf = (key, info, size) => Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), info, size));

// --- keys
const nobody = '00'.repeat(16);
const keyIdentity = (kind, { home, camera = nobody, tenure = 0, day = 0 }) =>
  Buffer.concat([Buffer.from('JSK1'), number(1, kind), hex(home), hex(camera), number(8, tenure), number(4, day)]);
const unwrap = (above, kind, identity, wrapped) =>
  gcmOpen(above, wrapped.subarray(0, 12), keyIdentity(kind, identity), wrapped.subarray(12, 44), wrapped.subarray(44));

const { root, home, tenure, day, epochs } = vectors.keys;
same('check value of the root key', hkdf(hex(root.key), 'JSK1 check', 16).toString('hex'), root.check);
same('derived key', hkdf(hex(home.key), `JSK1 ${home.derived.purpose}`, 32).toString('hex'), home.derived.key);
let above = hex(root.key);
for (const [kind, below] of [[1, home], [2, tenure], [3, day]]) {
  const wrapped = hex(below.wrapped);
  const key = unwrap(above, kind, below, wrapped);
  same(`unwrapped key of kind ${kind}`, key?.toString('hex'), below.key);
  for (let at = 0; at < wrapped.length; ++at) {
    const altered = Buffer.from(wrapped);
    altered[at] ^= 1;
    same(`altered wrapped key of kind ${kind}, byte ${at}`, unwrap(above, kind, below, altered), null);
  }
  same('of another kind', unwrap(above, kind + 1, below, wrapped), null);
  same('of another home', unwrap(above, kind, { ...below, home: 'a2'.repeat(16) }, wrapped), null);
  above = key;
}
for (const { stream, epoch, key } of epochs) {
  const info = Buffer.concat([Buffer.from('JSB1 epoch'), hex(day.home), hex(day.camera), number(8, day.tenure), number(4, stream),
    number(4, epoch)]);
  same(`epoch key ${stream}/${epoch}`, hkdf(above, info, 32).toString('hex'), key);
}

// --- blocks
const zeroIv = Buffer.alloc(12);
const labelOf = (of) => Buffer.concat([hex(of.home), hex(of.camera), number(8, of.tenure), number(4, of.stream)]);
const deriveBlock = (key, header) => {
  const derived = createHmac('sha512', key).update(header).digest();
  return { blockKey: derived.subarray(0, 32), commitment: derived.subarray(32) };
};

for (const block of vectors.blocks) {
  const plaintext = hex(block.plaintext);
  const header = Buffer.concat([Buffer.from('JSB1'), number(1, 1), number(1, block.kind), number(2, block.flags), labelOf(block),
    number(4, block.epoch), number(8, block.sequence), number(8, block.capture_us), hex(block.salt), hex(block.previous),
    number(4, block.chunk), number(4, plaintext.length)]);
  const { blockKey, commitment } = deriveBlock(hex(block.epoch_key), header);
  const front = Buffer.concat([header, commitment]);
  same(`sealed: ${block.name}`, Buffer.concat([front, gcmSeal(blockKey, zeroIv, front, plaintext)]).toString('hex'), block.bytes);
}

// --- openings
const isBlock = (bytes) =>
  bytes.length >= 160 && bytes.toString('latin1', 0, 4) === 'JSB1' && bytes[4] === 1 && bytes[5] >= 1 && bytes[5] <= 5 &&
  bytes.readUInt32BE(108) <= 16 << 20 && bytes.length === 160 + bytes.readUInt32BE(108);

class Opener {
  constructor({ keys, ...label }) {
    this.label = labelOf(label);
    this.keys = new Map(keys.map(({ epoch, key }) => [epoch, hex(key)]));
    this.taken = new Set();
    this.newest = null;
  }
  open(bytes) {
    if (!isBlock(bytes)) return { outcome: 'malformed' };
    const header = bytes.subarray(0, 112);
    if (!header.subarray(8, 52).equals(this.label)) return { outcome: 'wrong_label' };
    const key = this.keys.get(header.readUInt32BE(52));
    if (!key) return { outcome: 'wrong_key' };
    const { blockKey, commitment } = deriveBlock(key, header);
    if (!bytes.subarray(112, 144).equals(commitment)) return { outcome: 'wrong_key' };
    const clear = gcmOpen(blockKey, zeroIv, bytes.subarray(0, 144), bytes.subarray(144, -16), bytes.subarray(-16));
    if (!clear) return { outcome: 'broken' };
    const sequence = header.readBigUInt64BE(56);
    const newest = this.newest;
    if (this.taken.has(sequence) || (newest && sequence + 4096n <= newest.sequence)) return { outcome: 'replayed' };
    if (newest && sequence === newest.sequence + 1n && !header.subarray(88, 104).equals(newest.commitment.subarray(0, 16))) {
      return { outcome: 'replayed' };
    }
    this.taken.add(sequence);
    if (!newest || sequence > newest.sequence) this.newest = { sequence, commitment };
    return { outcome: 'opened', plaintext: clear.toString('hex') };
  }
}

const seen = new Set();
for (const opening of vectors.openings) {
  const opener = new Opener(opening);
  opening.steps.forEach((step, index) => {
    const { outcome, plaintext } = opener.open(hex(step.bytes));
    same(`${opening.name}, step ${index}`, outcome, step.outcome);
    same(`${opening.name}, step ${index}: plaintext`, plaintext, step.plaintext);
    seen.add(outcome);
  });
}
for (const outcome of ['opened', 'malformed', 'wrong_label', 'wrong_key', 'broken', 'replayed']) {
  same(`some vector is ${outcome}`, seen.has(outcome), true);
}
console.log(`${checks} checks${process.exitCode ? ', failed' : ''}`);
