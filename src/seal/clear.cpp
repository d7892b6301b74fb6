#include <utility>

#include "seal/keys.h"
#include "seal/opener.h"

namespace jalousie::seal {

std::string_view to_string(Refusal refusal) {
  switch (refusal) {
    case Refusal::WrongLabel:
      return "wrong_label";
    case Refusal::WrongKey:
      return "wrong_key";
    case Refusal::Broken:
      return "broken";
    case Refusal::Replayed:
      break;
  }
  return "replayed";
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
