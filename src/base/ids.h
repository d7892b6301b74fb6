// Strong identities: 128 random bits each, never a bare string or integer across a boundary. In text they are
// 32 lower case hex digits.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"

namespace jalousie {

namespace ids_detail {
Result<std::array<std::uint8_t, 16>> parse_hex(std::string_view text, std::string_view what);
std::string to_hex(const std::array<std::uint8_t, 16>& bytes);
}  // namespace ids_detail

template <class Tag>
struct Id {
  std::array<std::uint8_t, 16> bytes{};

  static Id random(RandomSource& source) {
    Id id;
    source.fill(id.bytes);
    return id;
  }
  static Result<Id> parse(std::string_view text) {
    TRY(const auto found, ids_detail::parse_hex(text, Tag::kName));
    return Id{found};
  }
  std::string to_string() const { return ids_detail::to_hex(bytes); }
  bool is_nil() const { return *this == Id{}; }
  ByteView view() const { return bytes; }

  friend auto operator<=>(const Id&, const Id&) = default;
};

struct HomeTag {
  static constexpr std::string_view kName = "home id";
};
struct CameraTag {
  static constexpr std::string_view kName = "camera id";
};
struct AccountTag {
  static constexpr std::string_view kName = "account id";
};
struct SessionTag {
  static constexpr std::string_view kName = "session id";
};
struct ViewingTag {
  static constexpr std::string_view kName = "viewing id";
};

using HomeId = Id<HomeTag>;
using CameraId = Id<CameraTag>;
using AccountId = Id<AccountTag>;
using SessionId = Id<SessionTag>;  // of a signed-in session; not the secret in its cookie
using ViewingId = Id<ViewingTag>;

/// One stretch of time in which a camera belongs to a home: counted from 1, per camera.
enum class Tenure : std::uint64_t {};
constexpr std::uint64_t to_number(Tenure tenure) { return static_cast<std::uint64_t>(tenure); }

/// Which of a camera's streams.
enum class StreamId : std::uint32_t { Main = 0, Sub = 1 };
constexpr std::uint32_t to_number(StreamId stream) { return static_cast<std::uint32_t>(stream); }

}  // namespace jalousie

template <class Tag>
struct std::hash<jalousie::Id<Tag>> {
  std::size_t operator()(const jalousie::Id<Tag>& id) const noexcept {
    std::size_t value;  // ids are random, so any of their bytes hash as well as all
    std::memcpy(&value, id.bytes.data(), sizeof value);
    return value;
  }
};
