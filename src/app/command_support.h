// What several commands need. Private to app.
#pragma once

#include <memory>
#include <string>

#include "app/data.h"
#include "app/options.h"

namespace jalousie::app {

struct Opened {
  std::unique_ptr<Metrics> metrics = std::make_unique<Metrics>();
  std::unique_ptr<Data> data;
};
/// For a command beside which people read: nothing below a warning is logged.
Result<Opened> open(const CommonOptions& common);

/// By its id or its name. The error says how to list them.
Result<registry::Home> find_home(registry::People& people, const std::string& wanted);
Result<registry::Home> home_for_cameras(registry::People& people, const std::string& wanted, bool first_home);

/// Whether the home has a camera with this address already.
Result<bool> is_known(Data& data, HomeId home, const std::string& url);

}  // namespace jalousie::app
