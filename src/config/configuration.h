// What holds, from the layers that may say it: built in, the file, the environment, flags.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/settings.h"

namespace jalousie::config {

/// Where settings are read from, kept for reading them again.
struct ConfigSources {
  Options built_in;
  std::string file;
  bool file_must_exist = false;                           // somebody named it
  std::map<std::string, std::string> environment;         // variables that begin with JALOUSIE_
  std::map<std::string, std::vector<std::string>> flags;  // by the setting's name
};

/// Of this process: variables that begin with JALOUSIE_.
std::map<std::string, std::string> jalousie_environment();

struct Configuration {
  Options options;
  std::map<std::string, std::string> origins;  // by the setting's name: "jalousie.toml:12"; absent: built in
  std::vector<std::string> complaints;         // each a line that says where, what, and what was expected

  /// InvalidArgument with all complaints, a line each.
  Result<> valid() const;
};

/// Never fails as a whole: what is wrong is among the complaints, and has no effect.
Configuration read_configuration(const ConfigSources& sources);

/// What differs between two, by the settings' names.
struct ConfigChange {
  std::vector<std::string> taken;         // those that take effect on reload
  std::vector<std::string> need_restart;  // and those that do not
};
ConfigChange difference(const Options& before, const Options& after);

}  // namespace jalousie::config
