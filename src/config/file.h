// The configuration file (TOML 1.0) as a flat list of assignments, each with its place. Knows no settings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/settings.h"

namespace jalousie::config {

inline constexpr std::size_t kConfigFileBytes = std::size_t{1} << 20;
// A key's dots nest tables, and a table's depth is the stack's: no key is longer than its line.
inline constexpr std::size_t kConfigLineBytes = 4096;

struct FileEntry {
  std::string name;   // "log.rooms.rtsp"
  std::string where;  // "jalousie.toml:12"
  unsigned line = 0;
  /// InvalidArgument for what no setting is: a date, a float, an array of other than texts.
  Result<Value> value;
};

/// In the order of the file. `name` is what places are called by. InvalidArgument for what is not TOML, with
/// its place and what was expected.
Result<std::vector<FileEntry>> parse_config(std::string_view text, std::string_view name);

/// NotFound when there is no such file; else as above. ResourceExhausted above either bound.
Result<std::vector<FileEntry>> read_config(const std::string& path);

}  // namespace jalousie::config
