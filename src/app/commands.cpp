#include "app/commands.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>

#include <fmt/format.h>

#include "app/api_doors.h"
#include "app/command_support.h"
#include "app/data.h"
#include "app/welcome.h"
#include "base/limits.h"
#include "io/files.h"
#include "io/loop_thread.h"
#include "rtsp/url.h"

namespace jalousie::app {

namespace {

constexpr std::string_view kAddressFile = "/address";

template <class... T>
void say(fmt::format_string<T...> format, T&&... values) {
  fmt::print(format, std::forward<T>(values)...);
  std::fputc('\n', stdout);
}

Result<AccountId> account_of(Data& data, const std::string& name) {
  const auto found = data.store().people().account_by_name(name);
  if (found) return found->id;
  if (found.error().kind() != ErrorKind::NotFound) return std::unexpected(found.error());
  return data.keeper().household().create_account(name);
}

Result<> make_home(Data& data, const HomeOptions& options) {
  TRY(const auto homes, data.store().people().homes());
  TRY(const AccountId owner, account_of(data, options.owner));
  TRY(const HomeId home, data.keeper().household().create_home(options.name, next_colour(homes.size())));
  return data.keeper().household().set_member(keeper::kOperator, {.home = home,
                                                                  .account = owner,
                                                                  .role = registry::Role::Owner,
                                                                  .guest_cameras = {},
                                                                  .guest_until = {}});
}

Result<std::string> first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!file || !std::getline(file, line))
    return fail(ErrorKind::NotFound, fmt::format("the password file {} cannot be read or is empty", path));
  return line;
}

/// Says on standard error, in one line, why a camera gives no picture; the camera stays added, it may only be
/// off.
void say_what_is_wrong(const keeper::NewCamera& camera, Data& data) {
  IngestProber prober(data.clock(), data.random(), ingest::Reach::Anywhere);
  io::LoopThread thread;
  const api::ProbeOutcome outcome = io::run_and_wait(thread.loop(), prober.probe(camera));
  if (outcome.video) return;
  fmt::print(stderr, "jalousie: {}: {} {} It is added all the same, and tried again and again.\n",
             camera.name, outcome.reason, outcome.advice);
}

}  // namespace

Result<> keep_address(const CommonOptions& common, const std::string& base_url) {
  return io::write_file_atomic(common.data + std::string(kAddressFile), as_bytes(base_url), 0600);
}

std::string kept_address(const CommonOptions& common) {
  const auto kept = io::read_file(common.data + std::string(kAddressFile), limits::kUrlBytes);
  return kept && !kept->empty() ? std::string(as_text(*kept)) : "http://127.0.0.1:8480";
}

std::string next_colour(std::size_t homes) {
  // Far enough apart to tell homes by, dark enough for white text on them (WCAG 4.5:1).
  constexpr std::array kColours{"#2f6f4f", "#2b5c94", "#8a4b16", "#7a3d7c",
                                "#8c2f39", "#4d5d1e", "#0f6674", "#5b4a9c"};
  return kColours[homes % kColours.size()];
}

Result<> initialise(const CommonOptions& common) {
  TRY_VOID(open(common));
  return {};
}

Result<> add_home(const CommonOptions& common, const HomeOptions& options) {
  TRY(const auto opened, open(common));
  TRY_VOID(make_home(*opened.data, options));
  if (!options.quiet)
    say("{} is there; its owner is {}. 'jalousie user link {}' prints the link that sets the password.",
        options.name, options.owner, options.owner);
  return {};
}

Result<> ensure_home(const CommonOptions& common, const HomeOptions& options) {
  TRY(const auto opened, open(common));
  TRY(const auto homes, opened.data->store().people().homes());
  if (std::ranges::find(homes, options.name, &registry::Home::name) != homes.end()) return {};
  return make_home(*opened.data, options);
}

Result<> list_homes(const CommonOptions& common, const HomeOptions& options) {
  TRY(const auto opened, open(common));
  TRY(const auto homes, opened.data->store().people().homes());
  for (const registry::Home& home : homes) {
    if (options.quiet) {
      say("{}", home.id.to_string());
      continue;
    }
    TRY(const auto cameras, opened.data->store().cameras().cameras_of(home.id));
    TRY(const auto members, opened.data->store().people().members_of(home.id));
    say("{}  {}  ({} cameras, {} people)", home.id.to_string(), home.name, cameras.size(), members.size());
  }
  return {};
}

Result<> add_user(const CommonOptions& common, const UserOptions& options) {
  TRY(const auto opened, open(common));
  Data& data = *opened.data;
  TRY(const auto home, find_home(data.store().people(), options.home));
  TRY(const AccountId account, account_of(data, options.name));
  const auto role = registry::parse_role(options.role);
  if (!role) return fail(ErrorKind::InvalidArgument, "--role: expected owner or member");
  TRY_VOID(data.keeper().household().set_member(
      keeper::kOperator,
      {.home = home.id, .account = account, .role = *role, .guest_cameras = {}, .guest_until = {}}));
  TRY(const auto record, data.store().people().account(account));
  if (record.password_hash) {
    say("{} belongs to {} now, and signs in as before.", options.name, home.name);
    return {};
  }
  TRY(const auto token, data.keeper().sign_in().create_link(account, home.id));
  say("{}", welcome_link(options.base_url.empty() ? kept_address(common) : options.base_url, token));
  return {};
}

Result<> link_user(const CommonOptions& common, const UserOptions& options) {
  TRY(const auto opened, open(common));
  Data& data = *opened.data;
  const auto account = data.store().people().account_by_name(options.name);
  if (!account)
    return fail(ErrorKind::NotFound,
                fmt::format("there is no account {}: jalousie user list shows them", options.name));
  TRY(const auto memberships, data.store().people().memberships_of(account->id));
  if (memberships.empty())
    return fail(ErrorKind::FailedPrecondition, fmt::format("{} belongs to no home", options.name));
  TRY(const auto token, data.keeper().sign_in().create_link(account->id, memberships.front().home));
  say("{}", welcome_link(options.base_url.empty() ? kept_address(common) : options.base_url, token));
  return {};
}

Result<> list_users(const CommonOptions& common) {
  TRY(const auto opened, open(common));
  auto& people = opened.data->store().people();
  TRY(const auto homes, people.homes());
  for (const registry::Home& home : homes) {
    say("{}", home.name);
    TRY(const auto members, people.members_of(home.id));
    for (const registry::Membership& member : members) {
      TRY(const auto account, people.account(member.account));
      say("  {}  {}{}", account.name, registry::to_string(member.role),
          account.password_hash ? "" : "  (no password yet)");
    }
  }
  return {};
}

Result<> add_camera(const CommonOptions& common, const CameraOptions& options) {
  std::string text = options.url;
  if (options.url_from_stdin) std::getline(std::cin, text);
  if (text.empty())
    return fail(ErrorKind::InvalidArgument, "give the camera's URL: rtsp[s]://user:password@host/path");
  TRY(auto parsed, rtsp::parse_url(text));
  keeper::NewCamera camera;
  camera.url = parsed.url.to_string();
  camera.name = options.name.empty() ? parsed.url.host : options.name;
  std::string user = options.user.empty() ? parsed.username : options.user;
  std::string password = std::move(parsed.password);
  if (!options.password_file.empty()) {
    TRY(password, first_line(options.password_file));
  }
  camera.credentials = keeper::Credentials(std::move(user), std::move(password));
  if (!options.sub_url.empty()) {
    TRY(const auto sub, rtsp::parse_url(options.sub_url));
    camera.sub_url = sub.url.to_string();
  }
  camera.transport = registry::parse_transport(options.transport).value_or(registry::Transport::Tcp);

  TRY(const auto opened, open(common));
  Data& data = *opened.data;
  TRY(const auto home, home_for_cameras(data.store().people(), options.home, options.first_home));
  if (options.skip_known) {
    TRY(const bool known, is_known(data, home.id, camera.url));
    if (known) return {};
  }
  TRY(const auto added, data.keeper().household().add_camera(keeper::kOperator, home.id, camera));
  if (options.probe) say_what_is_wrong(camera, data);
  if (!options.quiet) say("{} is in {} now, as {}.", added.name, home.name, added.id.to_string());
  return {};
}

Result<> list_cameras(const CommonOptions& common) {
  TRY(const auto opened, open(common));
  TRY(const auto homes, opened.data->store().people().homes());
  for (const registry::Home& home : homes) {
    say("{}", home.name);
    TRY(const auto cameras, opened.data->store().cameras().cameras_of(home.id));
    for (const registry::Camera& camera : cameras)
      say("  {}  {}  {}", camera.id.to_string(), camera.name, camera.url);
  }
  return {};
}

Result<> remove_camera(const CommonOptions& common, const CameraOptions& options) {
  TRY(const auto id, CameraId::parse(options.id));
  TRY(const auto opened, open(common));
  TRY_VOID(opened.data->keeper().household().remove_camera(keeper::kOperator, id));
  say("The camera is gone, and with its keys every picture of it.");
  return {};
}

}  // namespace jalousie::app
