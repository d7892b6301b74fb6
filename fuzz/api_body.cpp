// Request bodies of the API. What parses holds only strings within the bounds, and comes back the same from
// its own JSON.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "api/body.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using jalousie::api::Body;
  const auto body = Body::parse({reinterpret_cast<const char*>(data), size});
  if (!body) {
    if (body.error().kind() != jalousie::ErrorKind::InvalidArgument || body.error().message().size() > 200)
      std::abort();
    return 0;
  }
  if (size > jalousie::api::kBodyBytes) std::abort();
  const auto name = body->optional("name");
  if (name.has_value() != body->has("name") || name.has_value() != body->required("name").has_value())
    std::abort();
  if (name && name->size() > size) std::abort();
  static_cast<void>(body->allow_only({"name", "url"}));
  return 0;
}
