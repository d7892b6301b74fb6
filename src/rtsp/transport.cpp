#include "rtsp/transport.h"

#include <algorithm>

#include <fmt/format.h>

#include "rtsp/text.h"

namespace jalousie::rtsp {

namespace {

// Alternatives of one header beyond this are not looked at; clients write one to three.
constexpr std::size_t kAlternatives = 16;

std::string_view unquote(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  return text;
}

std::optional<Pair> parse_pair(std::string_view text, std::uint16_t highest) {
  const auto first = parse_number<std::uint16_t>(trim(take_until(text, '-')));
  if (!first || *first > highest) return std::nullopt;
  if (const auto second = parse_number<std::uint16_t>(trim(text)); second && *second <= highest)
    return Pair{*first, *second};
  if (*first == highest) return std::nullopt;
  return Pair{*first, static_cast<std::uint16_t>(*first + 1)};
}

void take_parameter(Transport& transport, std::string_view item) {
  const auto name = trim(take_until(item, '='));
  const auto value = trim(item);
  if (equal_ignoring_case(name, "multicast"))
    transport.unicast = false;
  else if (equal_ignoring_case(name, "interleaved"))
    transport.interleaved = parse_pair(value, 255);
  else if (equal_ignoring_case(name, "client_port"))
    transport.client_port = parse_pair(value, 65535);
  else if (equal_ignoring_case(name, "server_port"))
    transport.server_port = parse_pair(value, 65535);
  else if (equal_ignoring_case(name, "source"))
    transport.source = value;
  else if (equal_ignoring_case(name, "destination"))
    transport.destination = value;
  else if (equal_ignoring_case(name, "ssrc"))
    transport.ssrc = parse_number<std::uint32_t>(value, 16);
  else if (equal_ignoring_case(name, "mode"))
    transport.mode = unquote(value);
}

}  // namespace

std::vector<Transport> parse_transport(std::string_view value) {
  std::vector<Transport> alternatives;
  while (!value.empty() && alternatives.size() < kAlternatives) {
    auto text = take_until(value, ',');
    const auto specifier = trim(take_until(text, ';'));
    Transport transport;
    transport.tcp = equal_ignoring_case(specifier, "RTP/AVP/TCP");
    if (!transport.tcp && !equal_ignoring_case(specifier, "RTP/AVP") &&
        !equal_ignoring_case(specifier, "RTP/AVP/UDP"))
      continue;
    while (!text.empty()) take_parameter(transport, take_until(text, ';'));
    alternatives.push_back(std::move(transport));
  }
  return alternatives;
}

std::string write(const Transport& transport) {
  std::string text = transport.tcp ? "RTP/AVP/TCP" : "RTP/AVP";
  text += transport.unicast ? ";unicast" : ";multicast";
  const auto pair = [&text](std::string_view name, const std::optional<Pair>& of) {
    if (of) text += fmt::format(";{}={}-{}", name, of->rtp, of->rtcp);
  };
  if (!transport.destination.empty()) text += fmt::format(";destination={}", transport.destination);
  if (!transport.source.empty()) text += fmt::format(";source={}", transport.source);
  pair("interleaved", transport.interleaved);
  pair("client_port", transport.client_port);
  pair("server_port", transport.server_port);
  if (transport.ssrc) text += fmt::format(";ssrc={:08X}", *transport.ssrc);
  if (!transport.mode.empty()) text += fmt::format(";mode=\"{}\"", transport.mode);
  return text;
}

std::optional<SessionHeader> parse_session(std::string_view value) {
  SessionHeader session;
  session.id = trim(take_until(value, ';'));
  if (session.id.empty()) return std::nullopt;
  while (!value.empty()) {
    auto item = take_until(value, ';');
    if (!equal_ignoring_case(trim(take_until(item, '=')), "timeout")) continue;
    // Bounded, since it sets a timer: some firmware writes 0, others a day.
    if (const auto seconds = parse_number<std::uint32_t>(trim(item))) {
      session.timeout = Seconds(std::clamp<std::uint32_t>(*seconds, 1, 24 * 3600));
    }
  }
  return session;
}

std::string write(const SessionHeader& session) {
  return fmt::format("{};timeout={}", session.id, session.timeout.count());
}

std::vector<RtpInfo> parse_rtp_info(std::string_view value) {
  std::vector<RtpInfo> streams;
  while (!value.empty() && streams.size() < kAlternatives) {
    auto text = take_until(value, ',');
    RtpInfo info;
    while (!text.empty()) {
      auto item = take_until(text, ';');
      const auto name = trim(take_until(item, '='));
      if (equal_ignoring_case(name, "url"))
        info.url = unquote(item);
      else if (equal_ignoring_case(name, "seq"))
        info.sequence = parse_number<std::uint16_t>(trim(item));
      else if (equal_ignoring_case(name, "rtptime"))
        info.rtp_time = parse_number<std::uint32_t>(trim(item));
    }
    if (!info.url.empty()) streams.push_back(std::move(info));
  }
  return streams;
}

std::string write(const std::vector<RtpInfo>& streams) {
  std::string text;
  for (const auto& stream : streams) {
    if (!text.empty()) text += ',';
    text += fmt::format("url={}", stream.url);
    if (stream.sequence) text += fmt::format(";seq={}", *stream.sequence);
    if (stream.rtp_time) text += fmt::format(";rtptime={}", *stream.rtp_time);
  }
  return text;
}

}  // namespace jalousie::rtsp
