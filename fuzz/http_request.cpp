// An HTTP/1.1 request, whole and in pieces: both must give the same answer, and what comes out keeps its
// promises.
#include <cstdlib>

#include "base/assert.h"
#include "base/limits.h"
#include "http/request_parser.h"
#include "http/target.h"

namespace {

using jalousie::ByteView;
using jalousie::http::Request;
using jalousie::http::RequestParser;

struct Outcome {
  int status = 0;
  std::size_t used = 0;
  Request request;
};

Outcome parse(ByteView input, std::size_t step) {
  RequestParser parser;
  Outcome outcome;
  while (!parser.done() && outcome.used < input.size()) {
    const ByteView rest = input.subspan(outcome.used);
    const auto used = parser.feed(rest.first(std::min(step, rest.size())));
    if (!used) {
      outcome.status = used.error().status;
      JAL_ASSERT(outcome.status >= 400 && outcome.status < 600 && !used.error().reason.empty());
      return outcome;
    }
    JAL_ASSERT(*used > 0);
    outcome.used += *used;
  }
  if (!parser.done()) return outcome;
  outcome.status = 200;
  const bool server_wide = parser.is_server_wide();
  outcome.request = parser.take();
  const Request& request = outcome.request;
  JAL_ASSERT(server_wide || request.path.starts_with('/'));
  JAL_ASSERT(request.path.find("//") == std::string::npos && request.path.find('\0') == std::string::npos);
  JAL_ASSERT((request.path + "/").find("/../") == std::string::npos &&
             (request.path + "/").find("/./") == std::string::npos);
  JAL_ASSERT(request.body.size() <= jalousie::limits::kHttpBodyBytes);
  for (const auto& [name, value] : request.headers) {
    JAL_ASSERT(!name.empty() && name.find_first_of("\r\n: ") == std::string::npos);
    JAL_ASSERT(value.find_first_of("\r\n") == std::string::npos);
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView input(data + 1, size - 1);
  const Outcome whole = parse(input, input.size());
  const Outcome pieces = parse(input, 1 + data[0] % 32);
  JAL_ASSERT(whole.status == pieces.status);
  if (whole.status != 200) return 0;
  JAL_ASSERT(whole.used == pieces.used && whole.request.path == pieces.request.path &&
             whole.request.body == pieces.request.body);
  return 0;
}
