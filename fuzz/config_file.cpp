// A configuration file: whatever it says, every complaint says something, and what it set can be shown and
// read again.
#include <cstdlib>
#include <map>

#include "base/bytes.h"
#include "config/file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jalousie;
  using namespace jalousie::config;
  const auto entries = parse_config(as_text({data, size}), "f");
  if (!entries) {
    if (entries.error().message().empty()) std::abort();
    return 0;
  }
  Options options;
  for (const FileEntry& entry : *entries) {
    const Setting* setting = find_setting(entry.name);
    if (setting == nullptr) {
      static_cast<void>(nearest_setting(entry.name));
      continue;
    }
    if (!entry.value || !setting->accepts(*entry.value)) continue;
    setting->set(options, *entry.value);
    const auto again = parse_config(setting->name + " = " + in_toml(setting->get(options)), "f");
    if (!again || again->size() != 1 || !again->front().value ||
        *again->front().value != setting->get(options))
      std::abort();
  }
  return 0;
}
