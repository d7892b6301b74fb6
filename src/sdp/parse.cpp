#include <fmt/format.h>

#include "base/limits.h"
#include "sdp/sdp.h"
#include "sdp/text.h"

namespace jalousie::sdp {

namespace {

class Parser {
 public:
  Result<Session> run(std::string_view text) {
    if (text.size() > limits::kSdpBytes) return fail(ErrorKind::ResourceExhausted, "SDP: too long");
    std::size_t number = 0;
    while (!text.empty()) {
      if (++number > limits::kSdpLines) return fail(ErrorKind::ResourceExhausted, "SDP: too many lines");
      const auto line = take_line(text);
      if (line.size() < 2 || line[1] != '=') continue;
      if (auto taken = take(line[0], trim(line.substr(2))); !taken) {
        return std::unexpected(std::move(taken).error().within(fmt::format("SDP line {}", number)));
      }
    }
    return std::move(session_);
  }

 private:
  static std::string_view take_line(std::string_view& text) {
    const auto end = text.find_first_of("\r\n");
    auto line = text.substr(0, end);
    // CRLF, LF or CR; the empty line that CRLF then makes is skipped as all empty lines are.
    if (end != std::string_view::npos && text.substr(end, 2) == "\r\n") {
      text.remove_prefix(end + 2);
    } else {
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    // Some cameras end their SDP with a NUL.
    return trim(line.substr(0, line.find('\0')));
  }

  Result<> take(char type, std::string_view value) {
    switch (type) {
      case 'v':
        return value == "0" || value.empty() ? Result<>{} : fail(ErrorKind::InvalidArgument, "v= is not 0");
      case 'o':
        session_.origin = origin(value);
        return {};
      case 's':
        if (!value.empty()) session_.name = value;
        return {};
      case 'i':
        (media() != nullptr ? media()->title : session_.information) = value;
        return {};
      case 'c':
        take_connection(value);
        return {};
      case 'b':
        take_bandwidth(value);
        return {};
      case 'a':
        take_attribute(value);
        return {};
      case 'm':
        return take_media(value);
      default:
        return {};
    }
  }

  static Origin origin(std::string_view value) {
    Origin origin;
    for (auto* field : {&origin.username, &origin.session_id, &origin.session_version, &origin.network_type,
                        &origin.address_type, &origin.address}) {
      if (const auto word = take_word(value); !word.empty()) *field = word;
    }
    return origin;
  }

  void take_connection(std::string_view value) {
    Connection connection;
    connection.network_type = take_word(value);
    connection.address_type = take_word(value);
    auto address = take_word(value);
    connection.address = take_until(address, '/');
    if (connection.address.empty()) return;
    (media() != nullptr ? media()->connection : session_.connection) = std::move(connection);
  }

  void take_bandwidth(std::string_view value) {
    const auto type = trim(take_until(value, ':'));
    const auto number = parse_number<std::uint64_t>(trim(value));
    if (type.empty() || !number) return;
    (media() != nullptr ? media()->bandwidths : session_.bandwidths).push_back({std::string(type), *number});
  }

  void take_attribute(std::string_view value) {
    const auto name = trim(take_until(value, ':'));
    if (name.empty()) return;
    (media() != nullptr ? media()->attributes : session_.attributes).add(name, trim(value));
  }

  Result<> take_media(std::string_view value) {
    if (session_.media.size() >= limits::kSdpMedia)
      return fail(ErrorKind::ResourceExhausted, "too many media");
    Media media;
    media.kind = take_word(value);
    auto ports = take_word(value);
    const auto port = parse_number<std::uint16_t>(take_until(ports, '/'));
    media.protocol = take_word(value);
    if (media.kind.empty() || !port || media.protocol.empty()) {
      return fail(ErrorKind::InvalidArgument, "m= is not <media> <port> <proto> <fmt>");
    }
    media.port = *port;
    media.port_count = parse_number<std::uint16_t>(ports).value_or(1);
    for (auto word = take_word(value); !word.empty(); word = take_word(value))
      media.formats.emplace_back(word);
    session_.media.push_back(std::move(media));
    return {};
  }

  Media* media() { return session_.media.empty() ? nullptr : &session_.media.back(); }

  Session session_;
};

}  // namespace

Result<Session> parse(std::string_view text) { return Parser().run(text); }

}  // namespace jalousie::sdp
