// The command line: parses it into options (the only file that includes CLI11) and runs one command.
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/serve.h"

namespace {

using namespace jalousie;
using namespace jalousie::app;

std::string home_folder() {
  const char* home = std::getenv("HOME");
  return home != nullptr ? home : "/";
}

std::string environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

std::string default_data() {
  if (geteuid() == 0) return "/var/lib/jalousie";
  return environment("XDG_DATA_HOME", home_folder() + "/.local/share") + "/jalousie";
}

std::string default_root_key() {
  if (geteuid() == 0) return "/etc/jalousie/root.key";
  return environment("XDG_CONFIG_HOME", home_folder() + "/.config") + "/jalousie/root.key";
}

struct CommandLine {
  CommonOptions common{default_data(), {}};
  ServeOptions serve;
  HomeOptions home;
  UserOptions user;
  CameraOptions camera;
  LedgerOptions ledger;
  std::function<Result<>()> run;
};

void add_serve(CLI::App& app, CommandLine& line) {
  auto* serve = app.add_subcommand("serve", "Run the server");
  ServeOptions& options = line.serve;
  serve
      ->add_option("--listen", options.listen,
                   "Address and port of the page; other than loopback needs a certificate")
      ->capture_default_str();
  serve->add_option("--media-port", options.media_port, "UDP port that pictures leave by")
      ->capture_default_str();
  serve->add_option("--media-address", options.media_address,
                    "IP address that viewers reach that port at, where it is not the page's (NAT)");
  serve->add_option("--tls-certificate", options.tls_certificate,
                    "PEM file with the certificate and its chain");
  serve->add_option("--tls-key", options.tls_key, "PEM file with its key");
  serve->add_option("--host-name", options.host_names,
                    "Name that the page is also reached by, behind a proxy; may be repeated");
  serve->add_option("--public-url", options.public_url,
                    "How people reach the page, for the links that are printed: https://cameras.example");
  serve->add_flag(
      "--allow-loopback-cameras", options.allow_loopback_cameras,
      "Let owners add cameras at this machine's own loopback addresses, like a bridge at 127.0.0.1; "
      "'camera add' here may do so always");
  serve->add_option("--loops", options.loops, "Event loops; 0: one per core")->capture_default_str();
  serve->add_option("--log-file", options.log_file,
                    "Append log lines to this file instead of standard error");
  serve->add_option("--log-level", options.log_level, "debug, info, warn, error")
      ->transform(CLI::CheckedTransformer(std::map<std::string, log::Level>{{"debug", log::Level::Debug},
                                                                            {"info", log::Level::Info},
                                                                            {"warn", log::Level::Warn},
                                                                            {"error", log::Level::Error}}));
  serve->add_option("--log-format", options.log_format, "text, json")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, log::Format>{{"text", log::Format::Text}, {"json", log::Format::Json}}));
  serve->callback([&line] { line.run = [&line] { return serve_until_stopped(line.common, line.serve); }; });
}

void add_home(CLI::App& app, CommandLine& line) {
  auto* home = app.add_subcommand("home", "Homes: add, list");
  home->require_subcommand(1);
  auto* add = home->add_subcommand("add", "Make a home");
  add->add_option("NAME", line.home.name, "What it is called")->required();
  add->add_option("--owner", line.home.owner, "Account that owns it; made when there is none of this name")
      ->required();
  add->add_flag("--quiet", line.home.quiet, "Print nothing");
  add->callback([&line] { line.run = [&line] { return add_home(line.common, line.home); }; });
  auto* ensure = home->add_subcommand("ensure", "Make a home unless there is one of this name");
  ensure->add_option("NAME", line.home.name, "What it is called")->required();
  ensure->add_option("--owner", line.home.owner, "Account that owns it")->required();
  ensure->callback([&line] { line.run = [&line] { return ensure_home(line.common, line.home); }; });
  auto* list = home->add_subcommand("list", "List the homes");
  list->add_flag("--quiet", line.home.quiet, "Ids only");
  list->callback([&line] { line.run = [&line] { return list_homes(line.common, line.home); }; });
}

void add_user(CLI::App& app, CommandLine& line) {
  auto* user = app.add_subcommand("user", "People: add, link, list");
  user->require_subcommand(1);
  auto* add = user->add_subcommand(
      "add", "Add an account to a home, and print the link that sets its first password");
  add->add_option("NAME", line.user.name, "Account name")->required();
  add->add_option("--home", line.user.home, "Home: id or name")->required();
  add->add_option("--role", line.user.role, "owner or member")
      ->check(CLI::IsMember({"owner", "member"}))
      ->capture_default_str();
  add->add_option("--base-url", line.user.base_url, "Where the page is reached")->capture_default_str();
  add->callback([&line] { line.run = [&line] { return add_user(line.common, line.user); }; });
  auto* link = user->add_subcommand("link", "Print a new one-time link that sets an account's password");
  link->add_option("NAME", line.user.name, "Account name")->required();
  link->add_option("--base-url", line.user.base_url, "Where the page is reached")->capture_default_str();
  link->callback([&line] { line.run = [&line] { return link_user(line.common, line.user); }; });
  auto* list = user->add_subcommand("list", "List the accounts of every home");
  list->callback([&line] { line.run = [&line] { return list_users(line.common); }; });
}

void add_camera(CLI::App& app, CommandLine& line) {
  auto* camera = app.add_subcommand("camera", "Cameras: add, list, remove");
  camera->require_subcommand(1);
  CameraOptions& options = line.camera;
  auto* add = camera->add_subcommand("add", "Add a camera to a home");
  add->add_option("URL", options.url,
                  "rtsp[s]://host[:port]/path; a user and password in it are kept apart, sealed");
  add->add_flag("--url-from-stdin", options.url_from_stdin,
                "Read the URL from standard input, so that its password is in no process list");
  add->add_option("--home", options.home, "Home: id or name");
  add->add_flag("--first-home", options.first_home, "The home that was made first");
  add->add_option("--name", options.name, "What it is called; default: its host");
  add->add_option("--user", options.user, "User that the camera asks for");
  add->add_option("--password-file", options.password_file, "File whose first line is the password");
  add->add_option("--sub", options.sub_url, "URL of the camera's small stream, at the same host and port");
  add->add_option("--transport", options.transport, "tcp, udp or http")
      ->check(CLI::IsMember({"tcp", "udp", "http"}))
      ->capture_default_str();
  add->add_flag("--skip-known", options.skip_known,
                "Do nothing when the home has a camera with this address already");
  add->add_flag("--probe", options.probe,
                "Ask the camera for a picture, and say what is wrong when none comes");
  add->add_flag("--quiet", options.quiet, "Print nothing");
  add->callback([&line] { line.run = [&line] { return add_camera(line.common, line.camera); }; });
  auto* list = camera->add_subcommand("list", "List the cameras of every home");
  list->callback([&line] { line.run = [&line] { return list_cameras(line.common); }; });
  auto* remove =
      camera->add_subcommand("remove", "Remove a camera: its tenure ends and its keys are destroyed");
  remove->add_option("ID", options.id, "Camera id")->required();
  remove->callback([&line] { line.run = [&line] { return remove_camera(line.common, line.camera); }; });
}

void add_ledger(CLI::App& app, CommandLine& line) {
  auto* ledger = app.add_subcommand("ledger", "The record of who was given which pictures: verify");
  ledger->require_subcommand(1);
  auto* verify = ledger->add_subcommand(
      "verify", "Read the ledger through and check that nothing in it was altered, removed or cut off");
  verify->add_flag("--quiet", line.ledger.quiet, "Print nothing while it is as it should be");
  verify->callback([&line] { line.run = [&line] { return verify_ledger(line.common, line.ledger); }; });
}

int run(int argc, char** argv) {
  CommandLine line;
  CLI::App app{
      "Jalousie: a camera cloud of your own. Pictures are shown to the people of the home they were taken "
      "in, and to nobody else."};
  app.set_version_flag("--version", JALOUSIE_VERSION);
  app.require_subcommand(1);
  app.add_option("--data", line.common.data, "Data folder")->capture_default_str()->envname("JALOUSIE_DATA");
  app.add_option("--root-key", line.common.root_key,
                 "File with the root key: keep its backup apart from the data's (default: " +
                     default_root_key() + ")")
      ->envname("JALOUSIE_ROOT_KEY");
  app.add_subcommand("init", "Make the data folder and the root key, or check those that are there")
      ->callback([&line] { line.run = [&line] { return initialise(line.common); }; });
  add_serve(app, line);
  add_home(app, line);
  add_user(app, line);
  add_camera(app, line);
  add_ledger(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& refused) {
    return app.exit(refused);
  }
  if (line.common.root_key.empty()) line.common.root_key = default_root_key();
  if (const auto done = line.run(); !done) {
    std::fprintf(stderr, "jalousie: %s\n", done.error().message().c_str());
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& thrown) {
    std::fprintf(stderr, "jalousie: %s\n", thrown.what());
    return 1;
  }
}
