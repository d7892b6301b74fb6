#include "app/serve.h"

#include <csignal>
#include <cstdio>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/server.h"
#include "app/service_manager.h"
#include "app/welcome.h"
#include "base/log.h"
#include "seal/walls.h"

namespace jalousie::app {

namespace {

/// A line per home: how its owner gets in.
Result<std::string> invitations(Server& server) {
  auto& people = server.data().store().people();
  std::string lines;
  TRY(const auto homes, people.homes());
  if (homes.empty()) lines = "  No home yet: jalousie home add 'My home' --owner NAME\n";
  for (const registry::Home& home : homes) {
    TRY(const auto members, people.members_of(home.id));
    for (const registry::Membership& member : members) {
      TRY(const auto account, people.account(member.account));
      if (account.password_hash) {
        lines += fmt::format("  {:<14} sign in as {}\n", home.name, account.name);
        continue;
      }
      // A link that was sent to somebody goes on opening; and none goes into a journal.
      TRY(const bool was_invited, server.data().keeper().sign_in().has_open_link(account.id));
      if (was_invited || is_output_kept()) {
        lines += fmt::format("  {:<14} {}: {}'jalousie user link {}' prints one to set the first password\n",
                             home.name, account.name, was_invited ? "has a link that still opens; " : "",
                             account.name);
        continue;
      }
      TRY(const auto token, server.data().keeper().sign_in().create_link(account.id, home.id));
      lines += fmt::format("  {:<14} {}  ({}: opens once, to set the first password)\n", home.name,
                           welcome_link(server.base_url(), token), account.name);
    }
  }
  return lines;
}

Result<> apply_log(const ServeOptions& options) {
  TRY_VOID(log::configure_file(options.log_file));
  log::configure(options.log_levels, options.log_format);
  return {};
}

/// The settings in force, and reading them again.
class Settings {
 public:
  Settings(const config::ConfigSources& sources, config::Options options, Server& server)
      : sources_(sources),
        options_(std::move(options)),
        server_(server),
        is_ok_(server.metrics().gauge("jalousie_app_config_reload_ok",
                                      "Whether the configuration that was read last is in force")) {
    is_ok_.set(1);
  }

  void read_again() {
    const config::Configuration read = config::read_configuration(sources_);
    if (!read.complaints.empty()) return refuse(read.complaints);
    if (const auto done = apply(read.options.serve); !done) return refuse({done.error().message()});
    is_ok_.set(1);
    const config::ConfigChange change = config::difference(options_, read.options);
    log::info("app", "the configuration was read again",
              {{"changed", fmt::format("{}", fmt::join(change.taken, " "))},
               {"needs_restart", fmt::format("{}", fmt::join(change.need_restart, " "))}});
    for (const std::string& name : change.taken) {
      const config::Setting* setting = config::find_setting(name);
      setting->set(options_, setting->get(read.options));
    }
  }

 private:
  Result<> apply(const ServeOptions& options) {
    TRY_VOID(apply_log(options));
    auto reloaded = server_.reload(options);
    if (!reloaded) TRY_VOID(apply_log(options_.serve));
    return reloaded;
  }
  void refuse(const std::vector<std::string>& complaints) {
    is_ok_.set(0);
    for (const std::string& complaint : complaints)
      log::error("app", "the configuration was not taken: what held, holds", {{"why", complaint}});
  }

  const config::ConfigSources& sources_;
  config::Options options_;
  Server& server_;
  Gauge& is_ok_;
};

}  // namespace

Result<> serve_until_stopped(const config::ConfigSources& sources) {
  const config::Configuration read = config::read_configuration(sources);
  TRY_VOID(read.valid());
  const config::Options& options = read.options;
  TRY_VOID(apply_log(options.serve));
  if (!seal::walls_are_up()) {
    log::alarm("app", "test build without walls: pictures are not kept apart; never show it real ones");
  }
  TRY(const auto server, Server::start(options.common, options.serve));
  if (const auto kept = keep_address(options.common, server->base_url()); !kept)
    log::warn("app", "links that commands print may lead elsewhere", {{"why", kept.error().message()}});
  Settings settings(sources, options, *server);
  TRY(const std::string lines, invitations(*server));
  fmt::print("Jalousie is running.\n\n  {:<14} {}\n{}  {:<14} {} (root key: {})\n\n", "Open",
             server->base_url(), lines, "Data", options.common.data, options.common.root_key);
  std::fflush(stdout);
  log::info("app", "serving", {{"at", server->base_url()}, {"version", JALOUSIE_VERSION}});
  const std::string status = fmt::format("Serving at {}", server->base_url());
  tell_ready(status);
  while (server->wait_for_signal() == SIGHUP) {
    tell_reloading();
    settings.read_again();
    tell_ready(status);
  }
  tell_stopping();
  log::info("app", "ending");
  return {};
}

}  // namespace jalousie::app
