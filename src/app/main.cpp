// The command line: parses it into options and flags over the configuration (the only file that includes
// CLI11), and runs one command.
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <sstream>
#include <string>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

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

std::string default_config() {
  if (geteuid() == 0) return "/etc/jalousie/jalousie.toml";
  return environment("XDG_CONFIG_HOME", home_folder() + "/.config") + "/jalousie/jalousie.toml";
}

struct CommandLine {
  config::ConfigSources sources;
  CommonOptions common;  // as configured; known when run is called
  HomeOptions home;
  UserOptions user;
  CameraOptions camera;
  ImportOptions import_from;
  LedgerOptions ledger;
  std::function<Result<>()> run;
  bool without_cameras = false;
  bool reads_configuration = false;  // by itself, and tells what is wrong with it
};

/// The flag of a setting, over what the file and the environment say.
void add_flag(CLI::App& app, const config::Setting& setting, config::ConfigSources& sources) {
  const auto take = [&values = sources.flags, name = setting.name](const CLI::results_t& given) {
    values[name] = given;
    return true;
  };
  if (setting.kind == config::Setting::Kind::Flag) {
    app.add_flag_callback(setting.flag, [take] { take({"true"}); }, setting.help);
    return;
  }
  CLI::Option* option = app.add_option(setting.flag, take, setting.help);
  option->type_name(setting.placeholder)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  if (!setting.choices.empty()) option->type_name(fmt::format("{}", fmt::join(setting.choices, "|")));
  if (setting.kind == config::Setting::Kind::Number) option->type_name("NUMBER");
  if (setting.kind == config::Setting::Kind::List) {
    option->description(setting.help + "; may be repeated")->allow_extra_args(false);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    return;
  }
  const config::Value built_in = setting.get(sources.built_in);
  const auto* text = std::get_if<std::string>(&built_in);
  if (text == nullptr || !text->empty())
    option->default_str(text == nullptr ? config::in_toml(built_in) : *text);
}

void add_serve(CLI::App& app, CommandLine& line) {
  auto* serve = app.add_subcommand("serve", "Run the server; SIGHUP has it read its configuration again");
  for (const config::Setting& setting : config::settings())
    if (!setting.for_every_command && !setting.flag.empty()) add_flag(*serve, setting, line.sources);
  serve->callback([&line] {
    line.run = [&line] { return serve_until_stopped(line.sources); };
    line.reads_configuration = true;
  });
}

void add_config(CLI::App& app, CommandLine& line) {
  auto* config = app.add_subcommand("config", "The configuration: check, show, example");
  config->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, Result<> (*run)(const config::ConfigSources&)) {
    config->add_subcommand(name, help)->callback([&line, run] {
      line.run = [&line, run] { return run(line.sources); };
      line.reads_configuration = true;
    });
  };
  add("check", "Say what is wrong with it, or that nothing is; changes nothing", check_config);
  add("show", "Print what holds, and which layer says so: built in, the file, the environment, flags",
      show_config);
  add("example", "Print a file with every setting in it, commented out", show_config_example);
}

void add_doctor(CLI::App& app, CommandLine& line) {
  auto* doctor = app.add_subcommand(
      "doctor", "Look at all that a server needs: settings, clock, disk, data, ports, certificate, cameras");
  doctor->add_flag("--no-cameras", line.without_cameras, "Do not ask the cameras for a picture");
  doctor->callback([&line] {
    line.run = [&line] { return examine(line.sources, !line.without_cameras); };
    line.reads_configuration = true;
  });
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
  add->add_option("--base-url", line.user.base_url,
                  "Where the page is reached; else as the server had it when it started last");
  add->callback([&line] { line.run = [&line] { return add_user(line.common, line.user); }; });
  auto* link = user->add_subcommand("link", "Print a new one-time link that sets an account's password");
  link->add_option("NAME", line.user.name, "Account name")->required();
  link->add_option("--base-url", line.user.base_url,
                   "Where the page is reached; else as the server had it when it started last");
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

void add_import(CLI::App& app, CommandLine& line) {
  auto* taking = app.add_subcommand("import", "Take over the cameras of go2rtc, Frigate or MediaMTX");
  taking->add_option("SERVER", line.import_from.from, "go2rtc, frigate or mediamtx")
      ->required()
      ->check(CLI::IsMember({"go2rtc", "frigate", "mediamtx"}));
  taking
      ->add_option("FILE", line.import_from.file, "Its configuration: go2rtc.yaml, config.yml, mediamtx.yml")
      ->required();
  taking->add_option("--home", line.import_from.home, "Home that they go into: id or name");
  taking->add_flag("--first-home", line.import_from.first_home, "The home that was made first");
  taking->add_flag("--dry-run", line.import_from.dry_run, "Only say what would be done");
  taking->callback([&line] { line.run = [&line] { return import_cameras(line.common, line.import_from); }; });
}

void add_ledger(CLI::App& app, CommandLine& line) {
  auto* ledger = app.add_subcommand("ledger", "The record of who was given which pictures: verify");
  ledger->require_subcommand(1);
  auto* verify = ledger->add_subcommand(
      "verify", "Read the ledger through and check that nothing in it was altered, removed or cut off");
  verify->add_flag("--quiet", line.ledger.quiet, "Print nothing while it is as it should be");
  verify->callback([&line] { line.run = [&line] { return verify_ledger(line.common, line.ledger); }; });
}

Result<> run_configured(CommandLine& line) {
  if (line.reads_configuration) return line.run();
  const config::Configuration read = config::read_configuration(line.sources);
  TRY_VOID(read.valid());
  line.common = read.options.common;
  return line.run();
}

int run(int argc, char** argv) {
  CommandLine line;
  CLI::App app{
      "Jalousie: a camera cloud of your own. Pictures are shown to the people of the home they were taken "
      "in, and to nobody else."};
  app.set_version_flag("--version", JALOUSIE_VERSION);
  app.require_subcommand(1);
  app.fallthrough();  // --data and the like may also stand behind the command
  line.sources.built_in.common = {.data = default_data(), .root_key = default_root_key()};
  line.sources.file = default_config();
  line.sources.environment = config::jalousie_environment();
  auto* file = app.add_option("--config", line.sources.file, "Configuration file")
                   ->capture_default_str()
                   ->envname("JALOUSIE_CONFIG");
  for (const config::Setting& setting : config::settings())
    if (setting.for_every_command) add_flag(app, setting, line.sources);
  app.add_subcommand("init", "Make the data folder and the root key, or check those that are there")
      ->callback([&line] { line.run = [&line] { return initialise(line.common); }; });
  add_serve(app, line);
  add_config(app, line);
  add_doctor(app, line);
  add_home(app, line);
  add_user(app, line);
  add_camera(app, line);
  add_import(app, line);
  add_ledger(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& refused) {
    return app.exit(refused);
  }
  line.sources.file_must_exist = file->count() > 0;
  const auto done = run_configured(line);
  if (done) return 0;
  std::istringstream lines(done.error().message());
  for (std::string each; std::getline(lines, each);) std::fprintf(stderr, "jalousie: %s\n", each.c_str());
  return 1;
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
