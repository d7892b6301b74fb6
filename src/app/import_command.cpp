// jalousie import.
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "app/command_support.h"
#include "app/commands.h"
#include "io/files.h"
#include "migrate/plan.h"
#include "rtsp/url.h"

namespace jalousie::app {

namespace {

std::optional<std::string> variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Result<std::vector<migrate::PlannedCamera>> plan_of(const ImportOptions& options) {
  const auto from = migrate::parse_from(options.from);
  if (!from) return fail(ErrorKind::InvalidArgument, "expected go2rtc, frigate or mediamtx");
  TRY(const Buffer text, io::read_file(options.file, migrate::kFileBytes));
  auto planned = migrate::plan(*from, as_text(text), variable);
  if (!planned) return std::unexpected(std::move(planned).error().within(options.file));
  return planned;
}

Result<keeper::NewCamera> camera_of(const migrate::PlannedCamera& planned) {
  TRY(auto main, rtsp::parse_url(planned.url));
  keeper::NewCamera camera;
  camera.name = planned.name;
  camera.url = main.url.to_string();
  camera.credentials = keeper::Credentials(std::move(main.username), std::move(main.password));
  camera.transport = planned.udp ? registry::Transport::Udp : registry::Transport::Tcp;
  if (!planned.sub_url.empty()) {
    TRY(const auto sub, rtsp::parse_url(planned.sub_url));
    camera.sub_url = sub.url.to_string();
  }
  return camera;
}

void tell(const migrate::PlannedCamera& planned, std::string_view what) {
  fmt::print("  {:<24} {}{}{}\n", planned.name, what,
             planned.sub_url.empty() || !planned.left_out.empty() ? "" : ", with its small stream",
             planned.note.empty() ? "" : ", " + planned.note);
}

/// What came of one camera, in words; whether it was added.
Result<bool> take_over(Data& data, HomeId home, const migrate::PlannedCamera& planned) {
  if (!planned.left_out.empty()) {
    tell(planned, "left out: " + planned.left_out);
    return false;
  }
  TRY(const keeper::NewCamera camera, camera_of(planned));
  TRY(const bool known, is_known(data, home, camera.url));
  if (known) {
    tell(planned, "is there already");
    return false;
  }
  const auto added = data.keeper().household().add_camera(keeper::kOperator, home, camera);
  tell(planned, added ? std::string("added") : "left out: " + added.error().message());
  return added.has_value();
}

}  // namespace

Result<> import_cameras(const CommonOptions& common, const ImportOptions& options) {
  TRY(const auto planned, plan_of(options));
  std::size_t added = 0;
  if (options.dry_run) {
    for (const auto& camera : planned)
      tell(camera, camera.left_out.empty() ? "would be added" : "would be left out: " + camera.left_out);
    return {};
  }
  TRY(const auto opened, open(common));
  TRY(const auto home, home_for_cameras(opened.data->store().people(), options.home, options.first_home));
  for (const auto& camera : planned) {
    TRY(const bool is_new, take_over(*opened.data, home.id, camera));
    added += is_new ? 1 : 0;
  }
  fmt::print("{} of {} cameras added to {}.\n", added, planned.size(), home.name);
  return {};
}

}  // namespace jalousie::app
