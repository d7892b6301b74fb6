// What of another camera server's configuration can be taken over, and what not, and why. Values; nothing is
// connected to or changed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace jalousie::migrate {

enum class From : std::uint8_t { Go2rtc, Frigate, MediaMtx };
/// "go2rtc", "frigate", "mediamtx".
std::optional<From> parse_from(std::string_view name);

struct PlannedCamera {
  std::string there;     // what it is called in the file
  std::string name;      // for people: "Front door" of "front_door"
  std::string url;       // rtsp[s]://, with its user and password
  std::string sub_url;   // of the small stream, at the same place; empty: none
  bool udp = false;      // it is asked for by UDP there
  std::string note;      // what of it is left out
  std::string left_out;  // why all of it is; empty: it is taken over
};

/// What a variable of the environment holds; the addresses may have some in them.
using Variables = std::function<std::optional<std::string>(const std::string& name)>;

inline constexpr std::size_t kFileBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMostCameras = 1000;

/// In the order of the file. InvalidArgument with line and column for what is not YAML, or has no cameras
/// where they should be; ResourceExhausted over a limit. No message repeats an address: there are passwords
/// in them.
Result<std::vector<PlannedCamera>> plan(From from, std::string_view yaml, const Variables& variables);

}  // namespace jalousie::migrate
