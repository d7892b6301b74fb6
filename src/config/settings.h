// Everything that can be set, a row each: its name in the file, its flag, what it may be, when a change of it
// takes effect, and where it lands. See docs/design/configuration.md.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "config/options.h"

namespace jalousie::config {

/// As the file has it: `true`, `8480`, `"text"`, `["a", "b"]`.
using Value = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;
/// As TOML writes it.
std::string in_toml(const Value& value);

struct Setting {
  enum class Kind : std::uint8_t { Flag, Number, Text, List };
  enum class Takes : std::uint8_t { AtStart, OnReload };

  std::string name;         // "server.listen": the file's [server] listen
  std::string flag;         // "--listen" of serve, or of every command; empty: none
  std::string placeholder;  // of the flag's value: "ADDR:PORT"
  std::string help;
  Kind kind = Kind::Text;
  Takes takes = Takes::AtStart;
  bool for_every_command = false;  // else for serve alone
  std::int64_t least = 0;          // of a Number
  std::int64_t most = 0;
  std::vector<std::string> choices;  // of a Text; empty: any
  /// Says what was expected of a value of the right kind and bounds; may be empty.
  std::function<Result<>(const Value&)> check;
  std::function<Value(const Options&)> get;
  std::function<void(Options&, const Value&)> set;

  std::string section() const;  // "server"; empty at the top
  std::string key() const;      // "listen"
  /// "JALOUSIE_SERVER_LISTEN"
  std::string variable() const;
  /// The value that a text from the environment or a flag means; a List is separated by commas.
  /// InvalidArgument says what was expected, without repeating `text`.
  Result<Value> parse(std::string_view text) const;
  /// InvalidArgument says what was expected.
  Result<> accepts(const Value& value) const;
};

/// In the order in which they are shown.
std::span<const Setting> settings();
/// Null when there is none of this name.
const Setting* find_setting(std::string_view name);
/// The nearest name among the settings, for a mistyped one; empty when none is near.
std::string nearest_setting(std::string_view name);

/// A file with every setting as it is built in, commented out, and what it is.
std::string example_config(const Options& built_in);

}  // namespace jalousie::config
