#include "migrate/source.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "rtsp/url.h"

namespace jalousie::migrate {

namespace {

// go2rtc serves its streams there, alone and inside Frigate.
constexpr std::uint16_t kBridgePort = 8554;

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

struct Placeholder {
  std::string name;
  std::optional<std::string> otherwise;
  std::size_t size = 0;  // in the text
};

/// At the start of `text`.
std::optional<Placeholder> placeholder_at(std::string_view text) {
  const bool dollar = text.starts_with("${");
  if (!dollar && !text.starts_with("{FRIGATE_")) return std::nullopt;
  const std::size_t end = text.find('}');
  if (end == text.npos) return std::nullopt;
  const std::string_view inside = text.substr(dollar ? 2 : 1, end - (dollar ? 2 : 1));
  const std::size_t colon = dollar ? inside.find(':') : inside.npos;
  Placeholder found{.name = std::string(inside.substr(0, colon)), .otherwise = {}, .size = end + 1};
  if (colon != inside.npos) found.otherwise = std::string(inside.substr(colon + 1));
  return is_name(found.name) ? std::optional(found) : std::nullopt;
}

/// "onvif" of "onvif://..." and of "onvif:...".
std::string_view kind_of(std::string_view source) {
  const std::size_t colon = source.find(':');
  const std::string_view kind = source.substr(0, colon);
  const bool is_word = colon != source.npos && !kind.empty() && std::ranges::all_of(kind, [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                c == '+' || c == '-';
                       });
  return is_word ? kind : std::string_view();
}

}  // namespace

std::string name_for_people(std::string_view name) {
  std::string text(name);
  if (text.find(' ') == text.npos)
    std::ranges::replace_if(text, [](char c) { return c == '_' || c == '-'; }, ' ');
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

Result<std::string> fill_in(std::string_view text, const Variables& variables) {
  std::string filled;
  for (std::size_t at = 0; at < text.size();) {
    const auto placeholder = placeholder_at(text.substr(at));
    if (!placeholder) {
      filled += text[at++];
      continue;
    }
    const auto value = variables(placeholder->name);
    if (!value && !placeholder->otherwise)
      return fail(
          ErrorKind::NotFound,
          fmt::format("its address holds the variable {0}: run this again with {0} set", placeholder->name));
    filled += value ? *value : *placeholder->otherwise;
    at += placeholder->size;
  }
  return filled;
}

Result<std::string> rtsp_address(std::string_view source) {
  if (source.starts_with("ffmpeg:") && source.substr(7).starts_with("rtsp")) source.remove_prefix(7);
  source = source.substr(0, source.find('#'));
  std::string address(source);
  if (address.starts_with("rtspx://")) address.replace(0, 5, "rtsps");
  if (!address.starts_with("rtsp://") && !address.starts_with("rtsps://")) {
    const std::string_view kind = kind_of(source);
    if (kind.empty()) return fail(ErrorKind::Unsupported, "it has no address of a camera");
    return fail(
        ErrorKind::Unsupported,
        fmt::format("it is reached by {}, which is not taken in: add it by its RTSP address if it has one",
                    kind));
  }
  TRY_VOID(rtsp::parse_url(address));
  return address;
}

bool is_same_place(const std::string& one, const std::string& other) {
  const auto first = rtsp::parse_url(one);
  const auto second = rtsp::parse_url(other);
  return first && second && first->url.origin() == second->url.origin();
}

std::string stream_of_bridge(std::string_view address) {
  const auto parsed = rtsp::parse_url(address);
  if (!parsed || parsed->url.port != kBridgePort || parsed->url.path.size() < 2) return {};
  if (parsed->url.host != "127.0.0.1" && parsed->url.host != "localhost") return {};
  const std::string_view path = std::string_view(parsed->url.path).substr(1);
  return std::string(path.substr(0, path.find('?')));
}

}  // namespace jalousie::migrate
