#include "base/log.h"

#include <array>
#include <atomic>
#include <memory>
#include <mutex>

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/time.h"

namespace jalousie::log {

namespace {

struct Threshold {
  std::atomic<Level> from{Level::Info};
};
// By Room::index(); the last is the test camera's.
std::array<Threshold, kRooms.size() + 1> thresholds;
std::atomic<Format> line_format{Format::Text};

std::shared_ptr<spdlog::logger> make_logger(std::shared_ptr<spdlog::sinks::sink> sink,
                                            spdlog::level::level_enum flush_on) {
  auto made = std::make_shared<spdlog::logger>("jalousie", std::move(sink));
  made->set_pattern("%v");
  made->set_level(spdlog::level::trace);
  made->flush_on(flush_on);
  return made;
}

/// Where lines go. Who writes a line holds on to the file it began with.
class Output {
 public:
  std::shared_ptr<spdlog::logger> get() {
    const std::lock_guard lock(mutex_);
    return logger_;
  }
  void set(std::shared_ptr<spdlog::logger> logger) {
    const std::lock_guard lock(mutex_);
    logger_ = std::move(logger);
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<spdlog::logger> logger_ =
      make_logger(std::make_shared<spdlog::sinks::stderr_sink_mt>(), spdlog::level::warn);
};
Output& output() {
  static Output instance;
  return instance;
}

constexpr std::string_view name_of(Level level) {
  switch (level) {
    case Level::Debug:
      return "debug";
    case Level::Info:
      return "info";
    case Level::Warn:
      return "warn";
    case Level::Error:
      return "error";
    case Level::Alarm:
      return "ALARM";
  }
  return "?";
}

// A peer's bytes must not forge a second line or an escape sequence in somebody's terminal.
void append_escaped(std::string& line, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line.push_back('\\');
      line.push_back(c);
    } else if (byte < 0x20 || byte == 0x7f) {
      line += fmt::format("\\u{:04x}", byte);
    } else {
      line.push_back(c);
    }
  }
}

std::string as_json(Level level, std::string_view room, std::string_view event, Fields fields) {
  std::string line = fmt::format(R"({{"time":"{}","level":"{}","room":"{}","event":")",
                                 to_rfc3339(SystemClock().utc()), name_of(level), room);
  append_escaped(line, event);
  line.push_back('"');
  for (const Field& field : fields) {
    line += fmt::format(R"(,"{}":")", field.name);
    append_escaped(line, field.value);
    line.push_back('"');
  }
  line.push_back('}');
  return line;
}

std::string as_text(Level level, std::string_view room, std::string_view event, Fields fields) {
  std::string line = fmt::format("{} {:5} {:8} ", to_rfc3339(SystemClock().utc()), name_of(level), room);
  append_escaped(line, event);
  for (const Field& field : fields) {
    line += fmt::format(" {}=\"", field.name);
    append_escaped(line, field.value);
    line.push_back('"');
  }
  return line;
}

}  // namespace

void configure(const Levels& levels, Format format) {
  for (std::size_t i = 0; i < thresholds.size(); ++i) {
    const auto own = i < kRooms.size() ? levels.rooms.find(kRooms[i]) : levels.rooms.end();
    thresholds[i].from = own == levels.rooms.end() ? levels.from : own->second;
  }
  line_format = format;
}

Result<> configure_file(const std::string& path) {
  if (path.empty()) {
    output().set(make_logger(std::make_shared<spdlog::sinks::stderr_sink_mt>(), spdlog::level::warn));
    return {};
  }
  try {
    output().set(make_logger(std::make_shared<spdlog::sinks::basic_file_sink_mt>(path), spdlog::level::info));
  } catch (const spdlog::spdlog_ex& refused) {
    return fail(ErrorKind::Unavailable, fmt::format("log file {}: {}", path, refused.what()));
  }
  return {};
}

void write(Level level, Room room, std::string_view event, Fields fields) {
  if (level < thresholds[room.index()].from.load(std::memory_order_relaxed)) return;
  const std::string line = line_format == Format::Json ? as_json(level, room.name(), event, fields)
                                                       : as_text(level, room.name(), event, fields);
  output().get()->log(level >= Level::Warn ? spdlog::level::warn : spdlog::level::info,
                      spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace jalousie::log
