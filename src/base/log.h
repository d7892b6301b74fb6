// Structured logging: an event (a fixed phrase), and fields. Lines go to standard error as text or JSON.
// Nothing secret is ever a field: passwords, keys, tokens, cookies, SDP, URLs with credentials (use the
// host).
//
//   log::warn("rtsp", "camera refused the password", {{"camera", id.to_string()}, {"peer", peer}});
//
// The one process-wide state: where lines go and from which level, set by the composition root, at the start
// and when the configuration is read again.
#pragma once

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <span>
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

/// Who may say something. A program's own name stands for it where it is not the server.
inline constexpr std::array<std::string_view, 11> kRooms{
    "app", "decode", "deliver", "http", "ingest", "io", "keeper", "ledger", "registry", "rtsp", "stream"};
inline constexpr std::string_view kTestCamera = "camera";

/// A name of kRooms, or kTestCamera; anything else does not compile.
class Room {
 public:
  template <std::size_t N>
  consteval Room(const char (&name)[N])  // NOLINT(google-explicit-constructor): rooms are written as texts
      : index_(std::ranges::find(kRooms, std::string_view(name)) - kRooms.begin()) {
    if (index_ == kRooms.size() && name != kTestCamera) throw "no room of this name in kRooms";
  }
  std::string_view name() const { return index_ < kRooms.size() ? kRooms[index_] : kTestCamera; }
  std::size_t index() const { return index_; }

 private:
  std::size_t index_;
};

struct Levels {
  Level from = Level::Info;
  std::map<std::string, Level, std::less<>> rooms = {};  // by names of kRooms: over `from`

  friend bool operator==(const Levels&, const Levels&) = default;
};
/// From any thread, also while others write. Alarms are written at every level.
void configure(const Levels& levels, Format format);
/// From now on to a file, appended and opened anew also when it is the one before; empty: to standard error.
/// An error says why it cannot be opened, and lines go where they went. From any thread.
Result<> configure_file(const std::string& path);

void write(Level level, Room room, std::string_view event, Fields fields = {});

inline void debug(Room room, std::string_view event, Fields fields = {}) {
  write(Level::Debug, room, event, fields);
}
inline void info(Room room, std::string_view event, Fields fields = {}) {
  write(Level::Info, room, event, fields);
}
inline void warn(Room room, std::string_view event, Fields fields = {}) {
  write(Level::Warn, room, event, fields);
}
inline void error(Room room, std::string_view event, Fields fields = {}) {
  write(Level::Error, room, event, fields);
}
/// A security event: an opening was refused that no revocation explains. Somebody has to look.
inline void alarm(Room room, std::string_view event, Fields fields = {}) {
  write(Level::Alarm, room, event, fields);
}

}  // namespace jalousie::log
