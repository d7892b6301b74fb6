// Request targets and hosts: what is accepted can neither leave its folder nor name another path.
#include "base/assert.h"
#include "http/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto target = jalousie::http::parse_target(text)) {
    const std::string closed = target->path + "/";
    JAL_ASSERT(target->path.starts_with('/') && target->path.find("//") == std::string::npos);
    JAL_ASSERT(closed.find("/./") == std::string::npos && closed.find("/../") == std::string::npos);
    JAL_ASSERT(target->path.find_first_of(std::string_view("\0\\\r\n", 4)) == std::string::npos);
    JAL_ASSERT(jalousie::http::is_utf8(target->path));
  }
  if (const auto host = jalousie::http::parse_host(text)) {
    JAL_ASSERT(!host->empty() && host->find_first_of("/@ []ABCXYZ") == std::string::npos);
  }
  return 0;
}
