#include "config/configuration.h"

#include <algorithm>
#include <string_view>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/endpoint.h"
#include "config/file.h"

namespace jalousie::config {

namespace {

constexpr std::string_view kPrefix = "JALOUSIE_";
// Says which file to read, so no setting of the file.
constexpr std::string_view kFileVariable = "JALOUSIE_CONFIG";

class Reading {
 public:
  explicit Reading(const Options& built_in) { read_.options = built_in; }

  void take(const Setting& setting, const std::string& where, const Result<Value>& value) {
    Result<> accepted = value ? setting.accepts(*value) : std::unexpected(value.error());
    if (!accepted) return complain(where, fmt::format("{}: {}", setting.name, accepted.error().message()));
    setting.set(read_.options, *value);
    read_.origins[setting.name] = where;
  }
  void complain(const std::string& where, const std::string& what) {
    read_.complaints.push_back(fmt::format("{}: {}", where, what));
  }
  void unknown(const std::string& where, std::string_view what, const std::string& nearest) {
    complain(where, fmt::format("{}: there is no such setting{}; 'jalousie config example' shows all", what,
                                nearest.empty() ? "" : fmt::format(", did you mean {}?", nearest)));
  }
  Configuration& read() { return read_; }

 private:
  Configuration read_;
};

void read_file(const ConfigSources& sources, Reading& reading) {
  const auto entries = read_config(sources.file);
  if (!entries) {
    if (entries.error().kind() != ErrorKind::NotFound || sources.file_must_exist)
      reading.read().complaints.push_back(entries.error().message());
    return;
  }
  for (const FileEntry& entry : *entries) {
    if (const Setting* setting = find_setting(entry.name)) {
      reading.take(*setting, entry.where, entry.value);
    } else {
      reading.unknown(entry.where, entry.name, nearest_setting(entry.name));
    }
  }
}

// Other variables of this prefix may belong to whoever packs or starts us: a version, a build folder.
bool is_in_a_section(std::string_view variable) {
  return std::ranges::any_of(settings(), [&](const Setting& setting) {
    const std::string own = setting.variable();
    return !setting.section().empty() &&
           variable.starts_with(own.substr(0, own.size() - setting.key().size()));
  });
}

void read_environment(const ConfigSources& sources, Reading& reading) {
  std::map<std::string, const Setting*, std::less<>> by_variable;
  for (const Setting& setting : settings()) by_variable.emplace(setting.variable(), &setting);
  for (const auto& [variable, text] : sources.environment) {
    if (variable == kFileVariable || text.empty()) continue;
    if (const auto found = by_variable.find(variable); found != by_variable.end()) {
      reading.take(*found->second, variable, found->second->parse(text));
      continue;
    }
    std::string name = variable.substr(kPrefix.size());
    for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    const Setting* near = find_setting(nearest_setting(name));
    if (near == nullptr && !is_in_a_section(variable)) continue;
    reading.unknown("environment", variable, near == nullptr ? std::string() : near->variable());
  }
}

void read_flags(const ConfigSources& sources, Reading& reading) {
  for (const auto& [name, texts] : sources.flags) {
    const Setting& setting = *find_setting(name);
    if (setting.kind == Setting::Kind::List) {
      reading.take(setting, setting.flag, Value(texts));
    } else {
      reading.take(setting, setting.flag, setting.parse(texts.back()));
    }
  }
}

void check_together(Reading& reading) {
  Configuration& read = reading.read();
  const ServeOptions& serve = read.options.serve;
  if (serve.tls_certificate.empty() != serve.tls_key.empty()) {
    const std::string given = serve.tls_key.empty() ? "server.tls_certificate" : "server.tls_key";
    reading.complain(read.origins[given],
                     "server.tls_certificate and server.tls_key (--tls-certificate, --tls-key) belong "
                     "together: give both");
    return;
  }
  const auto listen = Endpoint::parse(serve.listen);
  if (!serve.tls_key.empty() || !listen || listen->is_loopback()) return;
  reading.complain(read.origins["server.listen"],
                   "server.listen: plain HTTP is served on loopback only; give server.tls_certificate and "
                   "server.tls_key (--tls-certificate, --tls-key), or listen on 127.0.0.1");
}

}  // namespace

std::map<std::string, std::string> jalousie_environment() {
  std::map<std::string, std::string> found;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (text.starts_with(kPrefix) && equals != text.npos)
      found.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return found;
}

Result<> Configuration::valid() const {
  if (complaints.empty()) return {};
  return fail(ErrorKind::InvalidArgument, fmt::format("{}", fmt::join(complaints, "\n")));
}

Configuration read_configuration(const ConfigSources& sources) {
  Reading reading(sources.built_in);
  read_file(sources, reading);
  read_environment(sources, reading);
  read_flags(sources, reading);
  check_together(reading);
  return std::move(reading.read());
}

ConfigChange difference(const Options& before, const Options& after) {
  ConfigChange change;
  for (const Setting& setting : settings()) {
    if (setting.get(before) == setting.get(after)) continue;
    (setting.takes == Setting::Takes::OnReload ? change.taken : change.need_restart).push_back(setting.name);
  }
  return change;
}

}  // namespace jalousie::config
