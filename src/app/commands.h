// The commands other than serve: each opens the data, does one thing, prints what a person wants to know.
// They work beside a running server, which notices changes within a second.
#pragma once

#include "app/options.h"
#include "base/result.h"
#include "config/configuration.h"

namespace jalousie::app {

Result<> initialise(const CommonOptions& common);
Result<> add_home(const CommonOptions& common, const HomeOptions& options);
Result<> ensure_home(const CommonOptions& common, const HomeOptions& options);
Result<> list_homes(const CommonOptions& common, const HomeOptions& options);
Result<> add_user(const CommonOptions& common, const UserOptions& options);
Result<> link_user(const CommonOptions& common, const UserOptions& options);
Result<> list_users(const CommonOptions& common);
Result<> add_camera(const CommonOptions& common, const CameraOptions& options);
Result<> list_cameras(const CommonOptions& common);
Result<> remove_camera(const CommonOptions& common, const CameraOptions& options);
/// Takes over the cameras of another server's configuration, and says of each what came of it.
Result<> import_cameras(const CommonOptions& common, const ImportOptions& options);
/// Needs no root key, and changes nothing.
Result<> verify_ledger(const CommonOptions& common, const LedgerOptions& options);
/// All that is wrong with the configuration, or that nothing is.
Result<> check_config(const config::ConfigSources& sources);
/// What holds and which layer says so, as TOML; then what is wrong, as an error.
Result<> show_config(const config::ConfigSources& sources);
/// A file with every setting in it.
Result<> show_config_example(const config::ConfigSources& sources);

/// Looks at all that a server needs, and prints what it finds; FailedPrecondition when something is wrong.
Result<> examine(const config::ConfigSources& sources, bool with_cameras);

}  // namespace jalousie::app
