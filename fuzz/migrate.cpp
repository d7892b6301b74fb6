// Another server's configuration: whatever it says, each camera of it is planned or says why not.
#include <cstdlib>

#include "base/bytes.h"
#include "migrate/plan.h"

// The first byte says whose it is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jalousie;
  if (size == 0) return 0;
  const auto variables = [](const std::string& name) {
    return name.size() % 2 == 0 ? std::optional<std::string>("x") : std::nullopt;
  };
  const auto planned =
      migrate::plan(static_cast<migrate::From>(data[0] % 3), as_text({data + 1, size - 1}), variables);
  if (!planned) {
    if (planned.error().message().empty()) std::abort();
    return 0;
  }
  if (planned->size() > migrate::kMostCameras) std::abort();
  for (const migrate::PlannedCamera& camera : *planned)
    if (camera.url.empty() == camera.left_out.empty()) std::abort();
  return 0;
}
