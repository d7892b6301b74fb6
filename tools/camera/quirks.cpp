#include "camera/quirks.h"

#include <algorithm>

#include <fmt/format.h>

namespace jalousie::camera {
namespace {

void cut(std::string& text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  if (at == std::string::npos) return;
  text.erase(at, std::min(text.find(to, at + from.size()), text.size()) - at);
}

void replace_all(std::string& text, std::string_view old, std::string_view by) {
  for (auto at = text.find(old); at != std::string::npos; at = text.find(old, at + by.size()))
    text.replace(at, old.size(), by);
}

}  // namespace

Result<Quirks> Quirks::parse(const std::vector<std::string>& names) {
  Quirks quirks;
  for (const auto& name : names) {
    const auto* const found =
        std::ranges::find(kQuirkNames, name, [](const auto& pair) { return pair.first; });
    if (found == kQuirkNames.end()) {
      std::string all;
      for (const auto& [known, quirk] : kQuirkNames) all += fmt::format(" {}", known);
      return fail(ErrorKind::InvalidArgument, fmt::format("--quirk {}: there are only{}", name, all));
    }
    quirks.bits_ |= 1U << static_cast<unsigned>(found->second);
  }
  return quirks;
}

std::string Quirks::write(rtsp::Response response) const {
  auto& list = response.headers.list();
  const auto drop = [&list](std::string_view name) {
    std::erase_if(list, [name](const auto& header) { return header.first == name; });
  };
  if (has(Quirk::NoRtpInfo)) drop("RTP-Info");
  if (has(Quirk::NoCseq)) drop("CSeq");
  for (auto& [name, value] : list) {
    if (has(Quirk::ContentBaseNoScheme) && name == "Content-Base")
      value.erase(0, value.find("://") == std::string::npos ? 0 : value.find("://") + 3);
    if (has(Quirk::NoServerPort) && name == "Transport") cut(value, ";server_port=", ";");
    if (has(Quirk::SessionBlanks) && name == "Session") replace_all(value, ";", " ; ");
    if (has(Quirk::LowerCaseNames))
      std::ranges::transform(name, name.begin(),
                             [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  }
  auto body = std::exchange(response.body, {});
  if (!body.empty()) response.headers.add("Content-Length", std::to_string(body.size()));
  auto text = rtsp::write(response);
  if (has(Quirk::LineFeeds)) replace_all(text, "\r\n", "\n");
  return text + body;
}

}  // namespace jalousie::camera
