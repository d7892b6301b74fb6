#include "app/serve.h"

#include <cstdio>

#include <fmt/format.h>

#include "app/server.h"
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
  for (const registry::Home& home : homes) {
    TRY(const auto members, people.members_of(home.id));
    for (const registry::Membership& member : members) {
      TRY(const auto account, people.account(member.account));
      if (account.password_hash) {
        lines += fmt::format("  {:<14} sign in as {}\n", home.name, account.name);
        continue;
      }
      TRY(const auto token, server.data().keeper().sign_in().create_link(account.id, home.id));
      lines += fmt::format("  {:<14} {}  ({}: opens once, to set the first password)\n", home.name,
                           welcome_link(server.base_url(), token), account.name);
    }
  }
  return lines;
}

}  // namespace

Result<> serve_until_stopped(const CommonOptions& common, const ServeOptions& options) {
  log::configure(options.log_level, options.log_format);
  if (!options.log_file.empty()) TRY_VOID(log::configure_file(options.log_file));
  if (!seal::walls_are_up()) {
    log::alarm("app", "test build without walls: pictures are not kept apart; never show it real ones");
  }
  TRY(const auto server, Server::start(common, options));
  TRY(const std::string lines, invitations(*server));
  fmt::print("Jalousie is running.\n\n  {:<14} {}\n{}  {:<14} {} (root key: {})\n\n", "Open",
             server->base_url(), lines, "Data", common.data, common.root_key);
  std::fflush(stdout);
  log::info("app", "serving", {{"at", server->base_url()}, {"version", JALOUSIE_VERSION}});
  server->wait_for_signal();
  log::info("app", "ending");
  return {};
}

}  // namespace jalousie::app
