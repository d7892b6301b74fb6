#include "api/body.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/bytes.h"

namespace jalousie::api {

namespace {

namespace json = boost::json;

Error not_understood(std::string_view why) {
  return {ErrorKind::InvalidArgument, fmt::format("The request's body: {}.", why)};
}

}  // namespace

Result<Body> Body::parse(std::string_view text) {
  if (text.size() > kBodyBytes) return std::unexpected(not_understood("is too long"));
  json::parse_options options;
  options.max_depth = 4;
  json::error_code error;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
  if (error) return std::unexpected(not_understood("is not JSON"));
  const json::object* object = value.if_object();
  if (object == nullptr) return std::unexpected(not_understood("is not a JSON object"));
  if (object->size() > kBodyMembers) return std::unexpected(not_understood("has too many members"));
  Body body;
  for (const auto& [name, member] : *object) {
    const json::string* string = member.if_string();
    if (string == nullptr) {
      return fail(ErrorKind::InvalidArgument,
                  fmt::format("{}: must be a string.",
                              std::string_view(name.data(), std::min<std::size_t>(name.size(), 40))));
    }
    body.members_.emplace(std::string_view(name.data(), name.size()),
                          std::string_view(string->data(), string->size()));
  }
  return body;
}

Body::~Body() {
  for (auto& [name, value] : members_) wipe({reinterpret_cast<std::uint8_t*>(value.data()), value.size()});
}

Result<> Body::allow_only(std::initializer_list<std::string_view> names) const {
  for (const auto& [name, value] : members_) {
    if (std::ranges::find(names, name) == names.end()) {
      return fail(ErrorKind::InvalidArgument,
                  fmt::format("{}: there is no such field.", std::string_view(name).substr(0, 40)));
    }
  }
  return {};
}

Result<std::string> Body::required(std::string_view name) const {
  const auto found = members_.find(name);
  if (found == members_.end()) return fail(ErrorKind::InvalidArgument, fmt::format("{}: is missing.", name));
  return found->second;
}

std::optional<std::string> Body::optional(std::string_view name) const {
  const auto found = members_.find(name);
  if (found == members_.end()) return std::nullopt;
  return found->second;
}

}  // namespace jalousie::api
