// node embed.mjs DIST OUT: writes OUT/assets.cpp, which includes every file below DIST as it is and gzipped (.incbin),
// as the table that assets.h declares. Compressed copies go to OUT/gz.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { extname, join, relative, resolve } from 'node:path';
import { gzipSync, constants } from 'node:zlib';

const kTypes = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
};
// Below this, and where it saves less than a tenth, the compressed form is not worth its header.
const kGzipBytes_min = 256;

function filesBelow(folder) {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? filesBelow(path) : [path];
    });
}

const quoted = (text) => JSON.stringify(text);

const [dist, out] = process.argv.slice(2).map((path) => resolve(path));
const gz = join(out, 'gz');
rmSync(gz, { recursive: true, force: true });
mkdirSync(gz, { recursive: true });

const blocks = [];
const entries = [];
filesBelow(dist).forEach((file, index) => {
  const bytes = readFileSync(file);
  const path = '/' + relative(dist, file).split('\\').join('/');
  const type = kTypes[extname(file)];
  if (!type) throw new Error(`no content type for ${path}`);
  const packed = gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION });
  const useful = bytes.length >= kGzipBytes_min && packed.length < bytes.length * 0.9;
  const packedFile = join(gz, `${index}.gz`);
  if (useful) writeFileSync(packedFile, packed);
  blocks.push(`INCLUDE_FILE(asset_${index}, ${quoted(file)})`);
  if (useful) blocks.push(`INCLUDE_FILE(asset_${index}_gzip, ${quoted(packedFile)})`);
  const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`;
  const immutable = path.startsWith('/assets/'); // their names carry a hash of their content
  entries.push(
    `    {${quoted(path)}, ${quoted(type)}, ${quoted(etag)}, ${immutable}, view(asset_${index}_begin, asset_${index}_end), ` +
      `${useful ? `view(asset_${index}_gzip_begin, asset_${index}_gzip_end)` : '{}'}},`,
  );
});

const source = `// Made by web/tools/embed.mjs; not to be edited.
#include "web/assets.h"

// clang-format off
#define INCLUDE_FILE(name, file)                                              \\
  __asm__(".section .rodata\\n.balign 16\\n"                                    \\
          ".global jalousie_" #name "_begin\\njalousie_" #name "_begin:\\n"     \\
          ".incbin \\"" file "\\"\\n"                                             \\
          ".global jalousie_" #name "_end\\njalousie_" #name "_end:\\n.byte 0\\n.text\\n"); \\
  extern "C" const std::uint8_t name##_begin[] __asm__("jalousie_" #name "_begin"); \\
  extern "C" const std::uint8_t name##_end[] __asm__("jalousie_" #name "_end");

${blocks.join('\n')}

namespace jalousie::web {

std::span<const Asset> assets() {
  constexpr auto view = [](const std::uint8_t* begin, const std::uint8_t* end) { return ByteView(begin, end); };
  static const Asset kAssets[] = {
${entries.join('\n')}
  };
  return kAssets;
}

}  // namespace jalousie::web
`;
writeFileSync(join(out, 'assets.cpp'), source);
