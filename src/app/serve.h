// The server: wires the rooms together and runs until SIGINT or SIGTERM.
#pragma once

#include "app/options.h"
#include "base/result.h"

namespace jalousie::app {

/// Prints where to open the browser, a one-time link per account that has no password yet, and where the data
/// is. An error says in one line what is wrong and what to do.
Result<> serve_until_stopped(const CommonOptions& common, const ServeOptions& options);

}  // namespace jalousie::app
