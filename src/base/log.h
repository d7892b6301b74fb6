// Structured logging: an event (a fixed phrase), and fields. Lines go to standard error as text or JSON.
// Nothing secret is ever a field: passwords, keys, tokens, cookies, SDP, URLs with credentials (use the
// host).
//
//   log::warn("rtsp", "camera refused the password", {{"camera", id.to_string()}, {"peer", peer}});
//
// The one process-wide state: where lines go and from which level, set once at the start by the composition
// root.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace jalousie::log {

enum class Level : std::uint8_t { Debug, Info, Warn, Error, Alarm };
enum class Format : std::uint8_t { Text, Json };

struct Field {
  std::string_view name;
  std::string value;
};
using Fields = std::initializer_list<Field>;

void configure(Level from, Format format);
/// To a file from now on, appended, instead of standard error.
Result<> configure_file(const std::string& path);

void write(Level level, std::string_view room, std::string_view event, Fields fields = {});

inline void debug(std::string_view room, std::string_view event, Fields fields = {}) {
  write(Level::Debug, room, event, fields);
}
inline void info(std::string_view room, std::string_view event, Fields fields = {}) {
  write(Level::Info, room, event, fields);
}
inline void warn(std::string_view room, std::string_view event, Fields fields = {}) {
  write(Level::Warn, room, event, fields);
}
inline void error(std::string_view room, std::string_view event, Fields fields = {}) {
  write(Level::Error, room, event, fields);
}
/// A security event: an opening was refused that no revocation explains. Somebody has to look.
inline void alarm(std::string_view room, std::string_view event, Fields fields = {}) {
  write(Level::Alarm, room, event, fields);
}

}  // namespace jalousie::log
