// The server: wires the rooms together and runs until SIGINT or SIGTERM; SIGHUP has it read its configuration
// again.
#pragma once

#include "base/result.h"
#include "config/configuration.h"

namespace jalousie::app {

/// Prints where to open the browser, a one-time link per account that has no password yet, and where the data
/// is. An error says in one line what is wrong and what to do.
Result<> serve_until_stopped(const config::ConfigSources& sources);

}  // namespace jalousie::app
