// What a request brings: a flat JSON object (RFC 8259) of strings, with bounds on its size, depth and
// members, and errors that name the field. Values are wiped when it goes, since some are passwords.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace jalousie::api {

inline constexpr std::size_t kBodyBytes = 16 * 1024;
inline constexpr std::size_t kBodyMembers = 16;

class Body {
 public:
  /// InvalidArgument for what is no JSON, no object, too large, or holds anything but strings.
  static Result<Body> parse(std::string_view text);
  Body(Body&&) noexcept = default;
  Body& operator=(Body&&) noexcept = default;
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;
  ~Body();

  /// InvalidArgument for a member of another name.
  Result<> allow_only(std::initializer_list<std::string_view> names) const;
  /// InvalidArgument where it is missing.
  Result<std::string> required(std::string_view name) const;
  std::optional<std::string> optional(std::string_view name) const;
  bool has(std::string_view name) const { return members_.contains(name); }

 private:
  Body() = default;
  std::map<std::string, std::string, std::less<>> members_;
};

}  // namespace jalousie::api
