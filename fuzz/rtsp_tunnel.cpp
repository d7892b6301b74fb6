// The heads and the body of RTSP over HTTP: the first byte chooses how the rest is cut. Whatever the cut, the
// same bytes come out, up to where it ends.
#include <cstdlib>

#include "rtsp/auth.h"
#include "rtsp/tunnel.h"

namespace {
using namespace jalousie;

/// As far as it can be read, in pieces of `step`.
Buffer decode(ByteView body, std::size_t step) {
  rtsp::TunnelDecoder decoder;
  Buffer all;
  while (!body.empty()) {
    const auto piece = body.first(std::min(step, body.size()));
    const auto bytes = decoder.feed(piece);
    if (!bytes) break;
    all.insert(all.end(), bytes->begin(), bytes->end());
    body = body.subspan(piece.size());
  }
  return all;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView input(data + 1, size - 1);
  const std::size_t step = 1 + data[0] % 16;
  if (const auto reply = rtsp::parse_tunnel_reply(input); reply && *reply) {
    if ((*reply)->size > input.size()) std::abort();
    for (const auto line : (*reply)->headers.find_all("WWW-Authenticate"))
      for (const auto challenge : rtsp::split_challenges(line))
        static_cast<void>(rtsp::parse_challenge(challenge));
  }
  if (const auto request = rtsp::parse_tunnel_request(input); request && *request) {
    if ((*request)->size > input.size() || (*request)->path.empty()) std::abort();
    static_cast<void>(decode(input.subspan((*request)->size), step));
  }
  const auto by_byte = decode(input, 1);
  const auto by_step = decode(input, step);
  if (by_step.size() > by_byte.size() || !std::equal(by_step.begin(), by_step.end(), by_byte.begin()))
    std::abort();
  const auto coded = rtsp::encode_tunnelled(input);
  const auto back = decode(as_bytes(coded), step);
  if (!std::equal(back.begin(), back.end(), input.begin(), input.end())) std::abort();
  return 0;
}
