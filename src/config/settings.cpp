#include "config/settings.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/endpoint.h"

namespace jalousie::config {

namespace {

using Kind = Setting::Kind;
using Takes = Setting::Takes;

constexpr std::array<std::pair<std::string_view, log::Level>, 4> kLevels{{{"debug", log::Level::Debug},
                                                                          {"info", log::Level::Info},
                                                                          {"warn", log::Level::Warn},
                                                                          {"error", log::Level::Error}}};

log::Level level_of(const Value& value) {
  const auto& name = std::get<std::string>(value);
  return std::ranges::find(kLevels, name, &std::pair<std::string_view, log::Level>::first)->second;
}
std::string name_of(log::Level level) {
  return std::string(
      std::ranges::find(kLevels, level, &std::pair<std::string_view, log::Level>::second)->first);
}
std::vector<std::string> level_names() { return {"debug", "info", "warn", "error"}; }

template <class Of>
auto& part(auto& options) {
  if constexpr (std::is_same_v<Of, CommonOptions>) {
    return options.common;
  } else {
    return options.serve;
  }
}

/// A setting that is a member, as it is: a text, a flag or a list.
template <class Of, class Held>
Setting plain(Kind kind, std::string name, std::string flag, Held Of::* member, std::string help) {
  Setting setting;
  setting.kind = kind;
  setting.name = std::move(name);
  setting.flag = std::move(flag);
  setting.help = std::move(help);
  setting.get = [member](const Options& options) { return Value(part<Of>(options).*member); };
  setting.set = [member](Options& options, const Value& value) {
    part<Of>(options).*member = std::get<Held>(value);
  };
  return setting;
}

template <class Held>
Setting number(std::string name, std::string flag, Held ServeOptions::* member, std::int64_t most,
               std::string help) {
  Setting setting;
  setting.kind = Kind::Number;
  setting.name = std::move(name);
  setting.flag = std::move(flag);
  setting.help = std::move(help);
  setting.most = most;
  setting.get = [member](const Options& options) {
    return Value(static_cast<std::int64_t>(options.serve.*member));
  };
  setting.set = [member](Options& options, const Value& value) {
    options.serve.*member = static_cast<Held>(std::get<std::int64_t>(value));
  };
  return setting;
}

Setting shown_as(std::string placeholder, Setting setting) {
  setting.placeholder = std::move(placeholder);
  return setting;
}
Setting checked(std::function<Result<>(const std::string&)> check, Setting setting) {
  setting.check = [check = std::move(check)](const Value& value) {
    return check(std::get<std::string>(value));
  };
  return setting;
}
Setting reloadable(Setting setting) {
  setting.takes = Takes::OnReload;
  return setting;
}
Setting for_all(Setting setting) {
  setting.for_every_command = true;
  return setting;
}

Result<> expected(std::string what) {
  return fail(ErrorKind::InvalidArgument, "expected " + std::move(what));
}

Result<> check_path(const std::string& text) {
  if (text.empty()) return expected("a path");
  return {};
}
Result<> check_listen(const std::string& text) {
  if (!Endpoint::parse(text)) return expected("an address and a port, like 127.0.0.1:8480 or [::]:8443");
  return {};
}
Result<> check_public_url(const std::string& text) {
  if (text.empty()) return {};
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!text.starts_with(scheme)) continue;
    auto authority = std::string_view(text).substr(scheme.size());
    if (authority.ends_with('/')) authority.remove_suffix(1);
    if (!authority.empty() && authority.find_first_of("/?#@ ") == authority.npos) return {};
  }
  return expected("scheme, name and port alone, like https://cameras.example");
}
Result<> check_media_address(const std::string& text) {
  if (!text.empty() && !Endpoint::parse(text, 1)) return expected("an IP address");
  return {};
}

Setting log_level() {
  Setting setting;
  setting.name = "log.level";
  setting.flag = "--log-level";
  setting.choices = level_names();
  setting.help = "Lines from this level on; alarms are written at every level";
  setting.get = [](const Options& options) { return Value(name_of(options.serve.log_levels.from)); };
  setting.set = [](Options& options, const Value& value) { options.serve.log_levels.from = level_of(value); };
  return reloadable(setting);
}

Setting room_level(std::string_view room) {
  Setting setting;
  setting.name = fmt::format("log.rooms.{}", room);
  setting.choices = level_names();
  setting.help = fmt::format("The same, for what the room {} says", room);
  setting.get = [room = std::string(room)](const Options& options) {
    const auto& rooms = options.serve.log_levels.rooms;
    const auto found = rooms.find(room);
    return Value(found == rooms.end() ? std::string() : name_of(found->second));
  };
  setting.set = [room = std::string(room)](Options& options, const Value& value) {
    // Empty is what a room that follows the level of all is shown as.
    if (std::get<std::string>(value).empty()) {
      options.serve.log_levels.rooms.erase(room);
    } else {
      options.serve.log_levels.rooms[room] = level_of(value);
    }
  };
  return reloadable(setting);
}

Setting log_format() {
  Setting setting;
  setting.name = "log.format";
  setting.flag = "--log-format";
  setting.choices = {"text", "json"};
  setting.help = "How lines are written";
  setting.get = [](const Options& options) {
    return Value(std::string(options.serve.log_format == log::Format::Json ? "json" : "text"));
  };
  setting.set = [](Options& options, const Value& value) {
    options.serve.log_format = std::get<std::string>(value) == "json" ? log::Format::Json : log::Format::Text;
  };
  return reloadable(setting);
}

std::vector<Setting> places() {
  return {
      for_all(shown_as("DIR", checked(check_path, plain(Kind::Text, "data", "--data", &CommonOptions::data,
                                                        "Data folder")))),
      for_all(shown_as(
          "FILE",
          checked(check_path, plain(Kind::Text, "root_key", "--root-key", &CommonOptions::root_key,
                                    "File with the root key: keep its backup apart from the data's")))),
  };
}

std::vector<Setting> page() {
  return {
      shown_as("ADDR:PORT",
               checked(check_listen,
                       plain(Kind::Text, "server.listen", "--listen", &ServeOptions::listen,
                             "Address and port of the page; other than loopback needs a certificate"))),
      shown_as("URL",
               checked(check_public_url,
                       plain(Kind::Text, "server.public_url", "--public-url", &ServeOptions::public_url,
                             "How people reach the page, for the links that are printed: "
                             "https://cameras.example; empty: worked out from what it listens on"))),
      reloadable(
          shown_as("NAME", plain(Kind::List, "server.host_names", "--host-name", &ServeOptions::host_names,
                                 "Names that the page is also reached by, behind a proxy"))),
      reloadable(shown_as(
          "FILE", plain(Kind::Text, "server.tls_certificate", "--tls-certificate",
                        &ServeOptions::tls_certificate, "PEM file with the certificate and its chain"))),
      reloadable(shown_as("FILE", plain(Kind::Text, "server.tls_key", "--tls-key", &ServeOptions::tls_key,
                                        "PEM file with its key"))),
      number("server.loops", "--loops", &ServeOptions::loops, 1024, "Event loops; 0: one per core"),
      number("media.port", "--media-port", &ServeOptions::media_port, 65'535,
             "UDP port that pictures leave by"),
      shown_as("IP",
               checked(check_media_address,
                       plain(Kind::Text, "media.address", "--media-address", &ServeOptions::media_address,
                             "Address that viewers reach that port at, where it is not the page's "
                             "(NAT)"))),
      plain(Kind::Flag, "cameras.allow_loopback", "--allow-loopback-cameras",
            &ServeOptions::allow_loopback_cameras,
            "Let owners add cameras at this machine's own loopback addresses, like a bridge at 127.0.0.1; "
            "'camera add' here may do so always"),
  };
}

std::vector<Setting> make_settings() {
  std::vector<Setting> all = places();
  for (Setting& setting : page()) all.push_back(std::move(setting));
  all.push_back(log_level());
  all.push_back(log_format());
  all.push_back(
      reloadable(shown_as("FILE", plain(Kind::Text, "log.file", "--log-file", &ServeOptions::log_file,
                                        "Append log lines to this file; empty: standard error"))));
  for (const std::string_view room : log::kRooms) all.push_back(room_level(room));
  return all;
}

/// Insertions, deletions, changes and swaps of neighbours.
std::size_t edits_between(std::string_view one, std::string_view other) {
  std::vector<std::vector<std::size_t>> edits(one.size() + 1, std::vector<std::size_t>(other.size() + 1));
  for (std::size_t i = 0; i <= one.size(); ++i) {
    for (std::size_t j = 0; j <= other.size(); ++j) {
      if (i == 0 || j == 0) {
        edits[i][j] = i + j;
        continue;
      }
      const std::size_t change = edits[i - 1][j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
      edits[i][j] = std::min({change, edits[i - 1][j] + 1, edits[i][j - 1] + 1});
      if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
        edits[i][j] = std::min(edits[i][j], edits[i - 2][j - 2] + 1);
    }
  }
  return edits[one.size()][other.size()];
}

std::string in_quotes(std::string_view text) {
  std::string written = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      written += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      written += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      written += c;
    }
  }
  return written + "\"";
}

}  // namespace

std::string in_toml(const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return in_quotes(*text);
  std::vector<std::string> items;
  for (const std::string& item : std::get<std::vector<std::string>>(value)) items.push_back(in_quotes(item));
  return fmt::format("[{}]", fmt::join(items, ", "));
}

std::string Setting::section() const {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos ? std::string() : name.substr(0, dot);
}
std::string Setting::key() const { return name.substr(name.rfind('.') + 1); }

std::string Setting::variable() const {
  std::string made = "JALOUSIE_";
  for (const char c : name)
    made += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return made;
}

Result<> Setting::accepts(const Value& value) const {
  switch (kind) {
    case Kind::Flag:
      if (!std::holds_alternative<bool>(value)) return expected("true or false");
      break;
    case Kind::Number: {
      const auto* number = std::get_if<std::int64_t>(&value);
      if (number == nullptr || *number < least || *number > most)
        return expected(fmt::format("a number from {} to {}", least, most));
      break;
    }
    case Kind::Text: {
      const auto* text = std::get_if<std::string>(&value);
      if (!choices.empty() && (text == nullptr || std::ranges::find(choices, *text) == choices.end()))
        return expected(fmt::format("one of \"{}\"", fmt::join(choices, "\", \"")));
      if (text == nullptr) return expected("a text, in quotes");
      break;
    }
    case Kind::List:
      if (!std::holds_alternative<std::vector<std::string>>(value))
        return expected("a list of texts, like [\"a\", \"b\"]");
      break;
  }
  return check ? check(value) : Result<>();
}

Result<Value> Setting::parse(std::string_view text) const {
  Value value = std::string(text);
  if (kind == Kind::Flag && (text == "true" || text == "1")) value = true;
  if (kind == Kind::Flag && (text == "false" || text == "0")) value = false;
  if (kind == Kind::Number) {
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem == std::errc() && end == text.data() + text.size()) value = number;
  }
  if (kind == Kind::List) {
    std::vector<std::string> items;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t comma = std::min(text.find(',', at), text.size());
      if (comma > at) items.emplace_back(text.substr(at, comma - at));
      at = comma + 1;
    }
    value = std::move(items);
  }
  TRY_VOID(accepts(value));
  return value;
}

std::span<const Setting> settings() {
  static const std::vector<Setting> all = make_settings();
  return all;
}

const Setting* find_setting(std::string_view name) {
  const auto found = std::ranges::find(settings(), name, &Setting::name);
  return found == settings().end() ? nullptr : &*found;
}

std::string nearest_setting(std::string_view name) {
  if (name.size() > 100) return {};
  const Setting* nearest = nullptr;
  std::size_t fewest = std::max<std::size_t>(2, name.size() / 4) + 1;
  for (const Setting& setting : settings()) {
    // A right key in the wrong section, or in none, is near, too.
    const bool same_key = setting.key() == name.substr(name.rfind('.') + 1);
    const std::size_t edits = same_key ? 1 : edits_between(setting.name, name);
    if (edits < fewest) {
      fewest = edits;
      nearest = &setting;
    }
  }
  return nearest == nullptr ? std::string() : nearest->name;
}

std::string example_config(const Options& built_in) {
  std::string text;
  std::string section;
  for (const Setting& setting : settings()) {
    if (setting.section() != section) text += fmt::format("\n[{}]\n", section = setting.section());
    if (section == "log.rooms") {
      text += fmt::format("# {} = \"info\"\n", setting.key());
      continue;
    }
    text += fmt::format("# {}.{}\n# Also: {}{}\n# {} = {}\n", setting.help,
                        setting.takes == Takes::OnReload ? " Read again on SIGHUP." : "", setting.variable(),
                        setting.flag.empty() ? "" : ", " + setting.flag, setting.key(),
                        in_toml(setting.get(built_in)));
  }
  return text;
}

}  // namespace jalousie::config
