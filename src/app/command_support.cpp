#include "app/command_support.h"

#include <fmt/format.h>

#include "base/log.h"

namespace jalousie::app {

Result<Opened> open(const CommonOptions& common) {
  log::configure({.from = log::Level::Warn}, log::Format::Text);
  Opened opened;
  TRY(opened.data, Data::open(common, *opened.metrics));
  return opened;
}

Result<registry::Home> find_home(registry::People& people, const std::string& wanted) {
  TRY(const auto homes, people.homes());
  const registry::Home* found = nullptr;
  for (const registry::Home& home : homes) {
    if (home.id.to_string() == wanted) return home;
    if (home.name != wanted) continue;
    if (found != nullptr)
      return fail(ErrorKind::InvalidArgument,
                  fmt::format("several homes are called {}: give the id (jalousie home list)", wanted));
    found = &home;
  }
  if (found == nullptr)
    return fail(ErrorKind::NotFound,
                fmt::format("there is no home {}: jalousie home list shows them", wanted));
  return *found;
}

Result<registry::Home> home_for_cameras(registry::People& people, const std::string& wanted,
                                        bool first_home) {
  if (!first_home) {
    if (wanted.empty()) return fail(ErrorKind::InvalidArgument, "give --home NAME or --first-home");
    return find_home(people, wanted);
  }
  TRY(const auto homes, people.homes());
  if (homes.empty())
    return fail(ErrorKind::NotFound, "there is no home yet: jalousie home add NAME --owner ACCOUNT");
  return homes.front();
}

Result<bool> is_known(Data& data, HomeId home, const std::string& url) {
  TRY(const auto known, data.store().cameras().cameras_of(home));
  for (const registry::Camera& one : known) {
    TRY(const auto source, data.keeper().camera_source(one.id, one.tenure));
    if (source.url == url) return true;
  }
  return false;
}

}  // namespace jalousie::app
