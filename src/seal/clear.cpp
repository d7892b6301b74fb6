#include <array>
#include <utility>

#include "seal/keys.h"
#include "seal/opener.h"

namespace jalousie::seal {

std::string_view to_string(Refusal refusal) {
  static constexpr std::array<std::string_view, 4> kNames = {"wrong_label", "wrong_key", "broken",
                                                             "replayed"};
  return kNames[static_cast<std::size_t>(refusal)];
}

Clear& Clear::operator=(Clear&& other) noexcept {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    other.bytes_.clear();
  }
  return *this;
}

Clear::~Clear() { wipe(bytes_); }

void OpenerKeysDeleter::operator()(OpenerKeys* keys) const noexcept { delete keys; }

}  // namespace jalousie::seal
