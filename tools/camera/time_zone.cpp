#include "camera/time_zone.h"

#include <cstdlib>
#include <ctime>
#include <filesystem>

#include <fmt/format.h>

namespace jalousie::camera {

Result<> set_time_zone(const std::string& name) {
  if (name.empty()) {
    tzset();
    return {};
  }
  std::error_code error;
  const auto file = std::filesystem::path("/usr/share/zoneinfo") / name;
  if (name.find("..") != std::string::npos || name.front() == '/' ||
      !std::filesystem::is_regular_file(file, error)) {
    return fail(
        ErrorKind::NotFound,
        fmt::format(
            "no time zone '{}' under /usr/share/zoneinfo; names are like Europe/Berlin (package tzdata)",
            name));
  }
  setenv("TZ", name.c_str(), 1);
  tzset();
  return {};
}

std::int8_t zone_quarters(UtcTime time) {
  const auto seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  const auto minutes = parts.tm_gmtoff / 60;
  return static_cast<std::int8_t>((minutes + (minutes < 0 ? -7 : 7)) / 15);
}

}  // namespace jalousie::camera
