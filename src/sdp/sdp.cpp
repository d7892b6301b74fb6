#include "sdp/sdp.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/limits.h"
#include "sdp/text.h"

namespace jalousie::sdp {

std::optional<std::string_view> Attributes::find(std::string_view name) const {
  for (const auto& attribute : list_) {
    if (equal_ignoring_case(attribute.name, name)) return attribute.value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Attributes::find_all(std::string_view name) const {
  std::vector<std::string_view> found;
  for (const auto& attribute : list_) {
    if (equal_ignoring_case(attribute.name, name)) found.push_back(attribute.value);
  }
  return found;
}

std::string_view to_string(Direction direction) {
  switch (direction) {
    case Direction::SendRecv:
      return "sendrecv";
    case Direction::SendOnly:
      return "sendonly";
    case Direction::RecvOnly:
      return "recvonly";
    case Direction::Inactive:
      return "inactive";
  }
  return "";
}

namespace {

struct StaticType {
  std::uint8_t payload_type;
  std::string_view encoding;
  std::uint32_t clock_rate;
};
// RFC 3551 tables 4 and 5; cameras leave the rtpmap of these out.
constexpr std::array kStaticTypes{
    StaticType{0, "PCMU", 8000},   StaticType{3, "GSM", 8000},   StaticType{4, "G723", 8000},
    StaticType{8, "PCMA", 8000},   StaticType{9, "G722", 8000},  StaticType{14, "MPA", 90000},
    StaticType{15, "G728", 8000},  StaticType{18, "G729", 8000}, StaticType{26, "JPEG", 90000},
    StaticType{31, "H261", 90000}, StaticType{32, "MPV", 90000}, StaticType{33, "MP2T", 90000},
    StaticType{34, "H263", 90000},
};

/// "96 rest" when the number in front is `payload_type`: the rest.
std::optional<std::string_view> after_payload_type(std::string_view value, std::uint8_t payload_type) {
  const auto number = take_word(value);
  if (parse_number<std::uint8_t>(number) != payload_type) return std::nullopt;
  return trim(value);
}

std::optional<RtpMap> parse_rtpmap(std::uint8_t payload_type, std::string_view text) {
  RtpMap map;
  map.payload_type = payload_type;
  map.encoding = trim(take_until(text, '/'));
  const auto rate = parse_number<std::uint32_t>(trim(take_until(text, '/')));
  if (map.encoding.empty() || !rate || *rate == 0) return std::nullopt;
  map.clock_rate = *rate;
  map.channels = parse_number<std::uint32_t>(trim(text)).value_or(1);
  return map;
}

}  // namespace

std::optional<RtpMap> Media::rtpmap(std::uint8_t payload_type) const {
  for (const auto& value : attributes.find_all("rtpmap")) {
    if (const auto rest = after_payload_type(value, payload_type)) return parse_rtpmap(payload_type, *rest);
  }
  for (const auto& type : kStaticTypes) {
    if (type.payload_type == payload_type)
      return RtpMap{payload_type, std::string(type.encoding), type.clock_rate, 1};
  }
  return std::nullopt;
}

std::vector<RtpMap> Media::rtpmaps() const {
  std::vector<RtpMap> maps;
  for (const auto& format : formats) {
    const auto payload_type = parse_number<std::uint8_t>(format);
    if (!payload_type || *payload_type > 127) continue;
    if (auto map = rtpmap(*payload_type)) maps.push_back(*std::move(map));
  }
  return maps;
}

std::optional<std::string_view> Media::fmtp(std::uint8_t payload_type) const {
  for (const auto& value : attributes.find_all("fmtp")) {
    if (const auto rest = after_payload_type(value, payload_type)) return rest;
  }
  return std::nullopt;
}

FormatParameters Media::format_parameters(std::uint8_t payload_type) const {
  const auto text = fmtp(payload_type);
  return text ? parse_format_parameters(*text) : FormatParameters{};
}

Direction Session::direction(const Media& of) const {
  const auto in = [](const Attributes& attributes) -> std::optional<Direction> {
    for (const auto direction :
         {Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive}) {
      if (attributes.has(to_string(direction))) return direction;
    }
    return std::nullopt;
  };
  if (const auto own = in(of.attributes)) return *own;
  return in(attributes).value_or(Direction::SendRecv);
}

std::optional<std::string_view> find(const FormatParameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

FormatParameters parse_format_parameters(std::string_view text) {
  FormatParameters parameters;
  while (!text.empty()) {
    auto item = trim(take_until(text, ';'));
    if (item.empty()) continue;
    const auto name = trim(take_until(item, '='));
    parameters.emplace_back(name, trim(item));
  }
  return parameters;
}

}  // namespace jalousie::sdp
