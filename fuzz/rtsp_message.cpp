// RTSP byte streams: the same items whole and byte by byte, and a message that was written reads back.
#include <cstdlib>
#include <string>
#include <vector>

#include "rtsp/parser.h"
#include "rtsp/transport.h"
#include "rtsp/url.h"

namespace {
using namespace jalousie;

std::string shown(const rtsp::Item& item) {
  if (const auto* frame = std::get_if<rtsp::InterleavedFrame>(&item)) {
    return "$" + std::to_string(frame->channel) + std::string(as_text(frame->payload));
  }
  if (const auto* request = std::get_if<rtsp::Request>(&item)) return rtsp::write(*request);
  return rtsp::write(std::get<rtsp::Response>(item));
}

std::vector<std::string> items_of(ByteView bytes, std::size_t piece) {
  rtsp::Parser parser;
  std::vector<std::string> items;
  while (!bytes.empty()) {
    const auto count = std::min(piece, bytes.size());
    parser.feed(bytes.first(count));
    bytes = bytes.subspan(count);
    while (true) {
      const auto item = parser.next();
      if (!item) return items;
      if (!*item) break;
      items.push_back(shown(**item));
    }
  }
  return items;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{data, size};
  const auto whole = items_of(bytes, size);
  if (whole != items_of(bytes, 1) || whole != items_of(bytes, 7)) std::abort();
  const auto text = as_text(bytes);
  for (const auto& transport : rtsp::parse_transport(text)) static_cast<void>(rtsp::write(transport));
  static_cast<void>(rtsp::parse_session(text));
  static_cast<void>(rtsp::write(rtsp::parse_rtp_info(text)));
  if (const auto url = rtsp::parse_url(text)) {
    const auto again = rtsp::parse_url(url->url.to_string());
    if (url->url.to_string().size() < 2048 && (!again || again->url != url->url)) std::abort();
    for (const auto& resolved :
         {rtsp::resolve_control(url->url.to_string(), text), rtsp::control_base(url->url, text, text)}) {
      if (resolved.find_first_of("\r\n ") != std::string::npos) std::abort();
    }
  }
  return 0;
}
