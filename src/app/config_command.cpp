#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "app/commands.h"

namespace jalousie::app {

Result<> check_config(const config::ConfigSources& sources) {
  const config::Configuration read = config::read_configuration(sources);
  TRY_VOID(read.valid());
  std::error_code problem;
  if (std::filesystem::exists(sources.file, problem)) {
    fmt::print("{}: {} settings, all understood\n", sources.file, read.origins.size());
  } else {
    fmt::print("{}: there is no such file; what is built in holds\n", sources.file);
  }
  return {};
}

Result<> show_config(const config::ConfigSources& sources) {
  const config::Configuration read = config::read_configuration(sources);
  std::string section;
  for (const config::Setting& setting : config::settings()) {
    const auto origin = read.origins.find(setting.name);
    const bool is_built_in = origin == read.origins.end();
    // Rooms that follow the level of all.
    if (is_built_in && setting.section() == "log.rooms") continue;
    if (setting.section() != section) fmt::print("\n[{}]\n", section = setting.section());
    fmt::print("{:<48} # {}\n",
               fmt::format("{} = {}", setting.key(), config::in_toml(setting.get(read.options))),
               is_built_in ? "built in" : origin->second);
  }
  std::fflush(stdout);
  return read.valid();
}

Result<> show_config_example(const config::ConfigSources& sources) {
  fmt::print("{}", config::example_config(sources.built_in));
  return {};
}

}  // namespace jalousie::app
