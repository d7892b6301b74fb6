#include "base/log.h"

#include <atomic>
#include <memory>

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/time.h"

namespace jalousie::log {

namespace {

std::atomic<Level> from_level{Level::Info};
std::atomic<Format> line_format{Format::Text};

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made =
        std::make_shared<spdlog::logger>("jalousie", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::warn);
    return made;
  }();
  return *instance;
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

void configure(Level from, Format format) {
  from_level = from;
  line_format = format;
}

Result<> configure_file(const std::string& path) {
  try {
    logger().sinks() = {std::make_shared<spdlog::sinks::basic_file_sink_mt>(path)};
    logger().set_pattern("%v");
    logger().flush_on(spdlog::level::info);
  } catch (const spdlog::spdlog_ex& refused) {
    return fail(ErrorKind::Unavailable, fmt::format("log file {}: {}", path, refused.what()));
  }
  return {};
}

void write(Level level, std::string_view room, std::string_view event, Fields fields) {
  if (level < from_level.load(std::memory_order_relaxed)) return;
  const std::string line =
      line_format == Format::Json ? as_json(level, room, event, fields) : as_text(level, room, event, fields);
  logger().log(level >= Level::Warn ? spdlog::level::warn : spdlog::level::info,
               spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace jalousie::log
