// Reads the identity code of a test camera out of a picture, in a browser or in Node: the same as tools/identity/read.cpp,
// and held against it by tests/browser/identity_check.mjs. docs/design/identity-code.md says what the code is.
//
//   const context = canvas.getContext('2d', {willReadFrequently: true});
//   context.drawImage(video, 0, 0, canvas.width, canvas.height);
//   const {tiles, identities} = readIdentity(context.getImageData(0, 0, canvas.width, canvas.height));
//
// tiles: [{row, column, home, camera, tenure, frameLow, frame, time, zone} | {row, column, unreadable: true}, ...]
// identities: [{home, camera, tenure, tiles, frame, time, zone}, ...]; what could not be told is null.

const TILE_COLUMNS = 4, TILE_ROWS = 4, TILES = 16;
const PLACE_COLUMNS = 24, PLACE_ROWS = 15, FIRST_CELL_ROW = 4, CELL_ROWS = 6, CELLS = PLACE_COLUMNS * CELL_ROWS;
const STATIC_BYTES = 15, STATIC_PARITY = 4, SLOW_PARITY = 7, SLOW_REPAIR = 6;
const STATIC_MASK = [0x24, 0x3f, 0x6a, 0x88, 0x85, 0xa3, 0x08, 0xd3, 0x13, 0x19, 0x8a, 0x2e, 0x03, 0x70, 0x73];
const FRAME_MASK = 0x44a4;
const SLOW_MASK = [0x09, 0x38, 0x22, 0x29, 0x9f, 0x31, 0xd0, 0x08, 0x2e, 0xfa, 0x98, 0xec, 0x4e, 0x6c, 0x89, 0x45];
const STATIC_SEED = 0x4a01, SLOW_SEED = 0x4a02;
const FRAME_NUMBERS = 1 << 24;
const MARGIN = 0.25, LEAST_CONTRAST = 10, MOST_SPREAD = 0.27;

// --- Reed-Solomon over GF(256), as tools/identity/reed_solomon.cpp; polynomials have their lowest power first ---------

const POWER = new Uint8Array(512), LOGARITHM = new Uint8Array(256);
for (let i = 0, value = 1; i < 255; ++i) {
  POWER[i] = POWER[i + 255] = value;
  LOGARITHM[value] = i;
  value <<= 1;
  if (value & 0x100) value ^= 0x11d;
}
const times = (a, b) => (a === 0 || b === 0 ? 0 : POWER[LOGARITHM[a] + LOGARITHM[b]]);
const inverse = (a) => POWER[255 - LOGARITHM[a]];
const powerOfTwo = (exponent) => POWER[((exponent % 255) + 255) % 255];
const evaluate = (polynomial, at) => polynomial.reduceRight((value, coefficient) => times(value, at) ^ coefficient, 0);
const timesX = (polynomial) => [0, ...polynomial];
const scaled = (polynomial, factor) => polynomial.map((coefficient) => times(coefficient, factor));
const sum = (a, b) => Array.from({length: Math.max(a.length, b.length)}, (_, i) => (a[i] ?? 0) ^ (b[i] ?? 0));
const degree = (polynomial) => Math.max(0, polynomial.findLastIndex((coefficient) => coefficient !== 0));
const syndromesOf = (word, parity) =>
  Array.from({length: parity}, (_, j) => word.reduce((value, symbol) => times(value, powerOfTwo(j)) ^ symbol, 0));

function locatorOf(syndromes, parity, erasures, erased) {
  let locator = erasures, previous = erasures, length = erased;
  for (let r = erased + 1; r <= parity; ++r) {
    let discrepancy = 0;
    for (let i = 0; i < r; ++i) discrepancy ^= times(locator[i] ?? 0, syndromes[r - 1 - i]);
    if (discrepancy === 0) {
      previous = timesX(previous);
      continue;
    }
    const next = sum(locator, scaled(timesX(previous), discrepancy));
    if (2 * length <= r + erased - 1) {
      previous = scaled(locator, inverse(discrepancy));
      length = r + erased - length;
    } else {
      previous = timesX(previous);
    }
    locator = next;
  }
  return locator;
}

/** {word, errors}, or null where 2 * errors + erasures would exceed `parity`. */
function repair(word, parity, erased = []) {
  const syndromes = syndromesOf(word, parity);
  if (syndromes.every((syndrome) => syndrome === 0)) return {word, errors: 0};
  const exponentOf = (position) => word.length - 1 - position;
  let erasures = [1];
  for (const position of erased) erasures = sum(erasures, scaled(timesX(erasures), powerOfTwo(exponentOf(position))));
  const locator = locatorOf(syndromes, parity, erasures, erased.length);
  const found = degree(locator);
  if (found < erased.length || 2 * (found - erased.length) + erased.length > parity) return null;
  const evaluator = Array.from({length: parity}, (_, i) => {
    let value = 0;
    for (let j = 0; j <= i; ++j) value ^= times(syndromes[j], locator[i - j] ?? 0);
    return value;
  });
  const derivative = locator.map((_, i) => (i % 2 === 0 ? (locator[i + 1] ?? 0) : 0));
  const repaired = [...word];
  let roots = 0;
  for (let position = 0; position < word.length; ++position) {
    const exponent = exponentOf(position), at = powerOfTwo(-exponent);
    if (evaluate(locator, at) !== 0) continue;
    ++roots;
    const slope = evaluate(derivative, at);
    if (slope === 0) return null;
    repaired[position] ^= times(powerOfTwo(exponent), times(evaluate(evaluator, at), inverse(slope)));
  }
  if (roots !== found || syndromesOf(repaired, parity).some((syndrome) => syndrome !== 0)) return null;
  return {word: repaired, errors: found - erased.length};
}

// --- words -------------------------------------------------------------------------------------------------------------

function crc16(bytes, seed) {
  let crc = seed;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let i = 0; i < 8; ++i) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc;
}

const u16 = (bytes, at) => (bytes[at] << 8) | bytes[at + 1];
const u32 = (bytes, at) => u16(bytes, at) * 65536 + u16(bytes, at + 2);
const ones = (value) => value.toString(2).replaceAll('0', '').length;

const FRAME_CODE = Array.from({length: 256}, (_, low) => {
  const gray = low ^ (low >> 1);
  let check = 0;
  for (let i = 0; i < 8; ++i) if ((gray >> i) & 1) check ^= ((0x17 >> i) | (0x17 << (8 - i))) & 0xff;
  return (gray << 8) | check;
});

function readTile(cells, index) {
  const byteAt = (at) => cells.slice(at, at + 8).reduce((byte, cell) => (byte << 1) | cell, 0);
  const received = STATIC_MASK.map((mask, i) => byteAt(i * 8) ^ mask);
  const word = repair(received, STATIC_PARITY)?.word;
  if (!word || u16(word, 9) !== crc16(word.slice(0, 9), STATIC_SEED)) return null;
  const frame = ((byteAt(STATIC_BYTES * 8) << 8) | byteAt(STATIC_BYTES * 8 + 8)) ^ FRAME_MASK;
  const low = FRAME_CODE.findIndex((code) => ones(code ^ frame) <= 1);
  return {
    identity: {home: u32(word, 0), camera: u32(word, 4), tenure: word[8]},
    key: word.slice(0, 9).join(),
    bytes: word.slice(0, 9),
    low: low < 0 ? null : low,
    slice: byteAt(STATIC_BYTES * 8 + 16) ^ SLOW_MASK[index],
  };
}

/** From the slices of one identity's tiles, null for others. */
function readSlowWord(identityBytes, slices) {
  const erased = [...slices.keys()].filter((i) => slices[i] === null);
  if (erased.length > SLOW_REPAIR) return null;
  const repaired = repair(slices.map((slice) => slice ?? 0), SLOW_PARITY, erased);
  if (!repaired || 2 * repaired.errors + erased.length > SLOW_REPAIR) return null;
  const {word} = repaired;
  if (u16(word, 7) !== crc16(word.slice(0, 7), crc16(identityBytes, SLOW_SEED))) return null;
  return {
    high: u16(word, 0),
    seconds: u32(word, 2),
    quarters: (word[6] << 24) >> 24,
    agrees: slices.map((slice, i) => slice === word[i]),
  };
}

function zoneText(quarters) {
  const minutes = Math.abs(quarters) * 15;
  const two = (number) => String(Math.floor(number)).padStart(2, '0');
  return `${quarters < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

const timeText = (seconds, quarters) =>
  new Date((seconds + quarters * 900) * 1000).toISOString().slice(0, 19) + zoneText(quarters);

// --- pixels ------------------------------------------------------------------------------------------------------------

/** The mean brightness over a box with fractional edges. */
function meanOf({data, width, height}, fromX, toX, fromY, toY) {
  let total = 0, weight = 0;
  const lastX = Math.min(width, Math.floor(toX) + 1), lastY = Math.min(height, Math.floor(toY) + 1);
  for (let row = Math.floor(fromY); row < lastY; ++row) {
    const tall = Math.min(row + 1, toY) - Math.max(row, fromY);
    for (let column = Math.floor(fromX); column < lastX; ++column) {
      const area = tall * (Math.min(column + 1, toX) - Math.max(column, fromX));
      const at = (row * width + column) * 4;
      total += area * ((77 * data[at] + 150 * data[at + 1] + 29 * data[at + 2]) >> 8);
      weight += area;
    }
  }
  return weight > 0 ? total / weight : 0;
}

function levelsOf(picture, tileRow, tileColumn) {
  const levels = new Float64Array(CELLS);
  const width = picture.width / (TILE_COLUMNS * PLACE_COLUMNS), height = picture.height / (TILE_ROWS * PLACE_ROWS);
  for (let row = 0; row < CELL_ROWS; ++row) {
    const top = tileRow * PLACE_ROWS + FIRST_CELL_ROW + row;
    for (let column = 0; column < PLACE_COLUMNS; ++column) {
      const left = tileColumn * PLACE_COLUMNS + column;
      levels[row * PLACE_COLUMNS + column] = meanOf(picture, (left + MARGIN) * width, (left + 1 - MARGIN) * width,
                                                    (top + MARGIN) * height, (top + 1 - MARGIN) * height);
    }
  }
  return levels;
}

/** Light (1) and dark (0) cells; null where there are not two tones. */
function twoTones(levels) {
  const sorted = Float64Array.from(levels).sort();
  const all = sorted.reduce((total, level) => total + level, 0);
  let best = -1, split = 0, below = 0;
  for (let i = 1; i < sorted.length; ++i) {
    below += sorted[i - 1];
    const apart = (all - below) / (sorted.length - i) - below / i;
    const between = i * (sorted.length - i) * apart * apart;
    if (between > best) {
      best = between;
      split = i;
    }
  }
  const mean = (part) => part.reduce((total, level) => total + level, 0) / part.length;
  const dark = mean(sorted.subarray(0, split)), light = mean(sorted.subarray(split)), contrast = light - dark;
  const spread = sorted.reduce((total, level, i) => total + (level - (i < split ? dark : light)) ** 2, 0) / sorted.length;
  if (contrast < LEAST_CONTRAST || spread > MOST_SPREAD ** 2 * contrast ** 2) return null;
  const threshold = (sorted[split - 1] + sorted[split]) / 2;
  return Array.from(levels, (level) => (level > threshold ? 1 : 0));
}

function mostOften(values) {
  const votes = new Map();
  for (const value of values) votes.set(value, (votes.get(value) ?? 0) + 1);
  // Of equally many the smallest, as in C++; null is smallest.
  return [...votes].sort(([a, x], [b, y]) => y - x || (a === null ? -1 : b === null ? 1 : a < b ? -1 : 1))[0]?.[0] ?? null;
}

function tellFrameAndTime(bits, mine, tiles) {
  const slices = bits.map((tile) => (tile?.key === mine.key ? tile.slice : null));
  const slow = readSlowWord(mine.bytes, slices);
  if (!slow) return;
  const low = mostOften(bits.filter((tile, i) => slow.agrees[i] && tile.low !== null).map((tile) => tile.low));
  if (low === null) return;
  const frame = slow.high * 256 + low;
  bits.forEach((tile, i) => {
    if (slices[i] === null) return;
    if (tile.low !== null) {
      const step = ((tile.low - frame) << 24) >> 24;  // a tile that was not renewed is a few frames old
      tiles[i].frame = (frame + step + FRAME_NUMBERS) % FRAME_NUMBERS;
    }
    if (slow.agrees[i]) {
      tiles[i].time = timeText(slow.seconds, slow.quarters);
      tiles[i].zone = zoneText(slow.quarters);
    }
  });
}

/** `picture`: ImageData, or {data, width, height} with four bytes per pixel, the first three red, green and blue. */
export function readIdentity(picture) {
  const tiles = Array.from({length: TILES}, (_, i) => ({row: Math.floor(i / TILE_COLUMNS), column: i % TILE_COLUMNS, unreadable: true}));
  if (picture.width < 192 || picture.height < 90 || picture.data.length < picture.width * picture.height * 4) {
    return {tiles, identities: []};
  }
  const bits = tiles.map(({row, column}, i) => {
    const cells = twoTones(levelsOf(picture, row, column));
    return cells && readTile(cells, i);
  });
  const found = new Map();
  bits.forEach((tile, i) => {
    if (!tile) return;
    tiles[i] = {row: tiles[i].row, column: tiles[i].column, ...tile.identity, frameLow: tile.low, frame: null, time: null, zone: null};
    if (!found.has(tile.key)) found.set(tile.key, tile);
  });
  for (const tile of found.values()) tellFrameAndTime(bits, tile, tiles);
  const identities = [...found.values()].map((one) => {
    const own = tiles.filter((_, i) => bits[i]?.key === one.key);
    const time = mostOften(own.map((tile) => tile.time));
    return {...one.identity, tiles: own.length, frame: mostOften(own.map((tile) => tile.frame)), time, zone: time && time.slice(19)};
  });
  return {tiles, identities};
}
