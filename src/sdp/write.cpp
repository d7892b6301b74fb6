#include <fmt/format.h>

#include "sdp/sdp.h"

namespace jalousie::sdp {

namespace {

class Writer {
 public:
  std::string run(const Session& session) {
    line('v', "0");
    const auto& o = session.origin;
    line('o', fmt::format("{} {} {} {} {} {}", o.username, o.session_id, o.session_version, o.network_type,
                          o.address_type, o.address));
    line('s', session.name);
    if (!session.information.empty()) line('i', session.information);
    common(session.connection, session.bandwidths);
    line('t', "0 0");
    attributes(session.attributes);
    for (const auto& media : session.media) section(media);
    return std::move(text_);
  }

 private:
  void section(const Media& media) {
    auto value = fmt::format("{} {}", media.kind, media.port);
    if (media.port_count != 1) value += fmt::format("/{}", media.port_count);
    value += fmt::format(" {}", media.protocol);
    for (const auto& format : media.formats) value += fmt::format(" {}", format);
    line('m', value);
    if (!media.title.empty()) line('i', media.title);
    common(media.connection, media.bandwidths);
    attributes(media.attributes);
  }

  void common(const std::optional<Connection>& connection, const std::vector<Bandwidth>& bandwidths) {
    if (connection) {
      line('c',
           fmt::format("{} {} {}", connection->network_type, connection->address_type, connection->address));
    }
    for (const auto& bandwidth : bandwidths) line('b', fmt::format("{}:{}", bandwidth.type, bandwidth.value));
  }

  void attributes(const Attributes& of) {
    for (const auto& [name, value] : of.list()) {
      line('a', value.empty() ? name : fmt::format("{}:{}", name, value));
    }
  }

  void line(char type, std::string_view value) {
    const auto end = value.find_first_of(std::string_view("\r\n\0", 3));
    text_ += type;
    text_ += '=';
    text_ += value.substr(0, end);
    text_ += "\r\n";
  }

  std::string text_;
};

}  // namespace

std::string write(const Session& session) { return Writer().run(session); }

}  // namespace jalousie::sdp
