// A Cookie field: what is found lies inside it, and follows the whole name and an equals sign.
#include "base/assert.h"
#include "http/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kName = "__Host-jalousie";
  const std::string_view field(reinterpret_cast<const char*>(data), size);
  const std::string_view found = jalousie::http::find_cookie(field, kName);
  if (found.empty()) return 0;
  JAL_ASSERT(found.data() >= field.data() && found.data() + found.size() <= field.data() + field.size());
  JAL_ASSERT(found.find(';') == std::string_view::npos);
  const auto at = static_cast<std::size_t>(found.data() - field.data());
  JAL_ASSERT(at > kName.size() && field[at - 1] == '=' &&
             field.substr(at - 1 - kName.size(), kName.size()) == kName);
  return 0;
}
