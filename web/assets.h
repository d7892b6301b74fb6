// The built page, embedded: every file of the page with what HTTP has to say of it. The bytes live as long as
// the process.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace jalousie::web {

struct Asset {
  std::string_view path;  // "/index.html", "/assets/index-Bx3k.js"; begins with '/'
  std::string_view content_type;
  std::string_view etag;  // strong, with its quotes (RFC 9110, 8.8.3)
  bool immutable;         // the name carries a hash of the content: cache for ever; otherwise no-cache
  ByteView bytes;
  ByteView gzip;  // the same, gzipped; empty where that saves nothing
};

/// All files. "/index.html" is the answer to every address of the page ("/", "/camera/…", "/sign-in",
/// "/welcome").
std::span<const Asset> assets();

}  // namespace jalousie::web
