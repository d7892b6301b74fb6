#include "keeper/house_book.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/redact.h"
#include "keeper/first_error.h"
#include "keeper/rights.h"
#include "keeper/text_rules.h"

namespace jalousie::keeper {

namespace {

registry::Camera without_credentials(registry::Camera camera) {
  camera.sealed_credentials.clear();
  camera.sealed_url.clear();
  return camera;
}

seal::Label label_of(const registry::Camera& camera) { return {camera.home, camera.id, camera.tenure}; }

// The operator may leave a home without an owner: they can give it another.
registry::LastOwner last_owner_of(const Actor& actor) {
  return actor ? registry::LastOwner::MustStay : registry::LastOwner::MayGo;
}

template <class T>
Result<T> or_else(Result<T> found, Error (*unknown)()) {
  if (!found && found.error().kind() == ErrorKind::NotFound) return std::unexpected(unknown());
  return found;
}

}  // namespace

Result<> HouseBook::must_be_signed_in(const Principal& principal) {
  const auto session = parts_.store.sessions().session(principal.session);
  if (!session && session.error().kind() != ErrorKind::NotFound) return std::unexpected(session.error());
  if (!session || session->account != principal.account || !session->is_valid(parts_.clock.utc())) {
    return std::unexpected(not_signed_in());
  }
  return {};
}

Result<std::vector<HomeView>> HouseBook::homes(const Principal& principal) {
  TRY_VOID(must_be_signed_in(principal));
  TRY(const auto memberships, parts_.store.people().memberships_of(principal.account));
  std::vector<HomeView> found;
  for (const registry::Membership& membership : memberships) {
    if (membership.guest_until && *membership.guest_until <= parts_.clock.utc()) continue;
    TRY(registry::Home home, parts_.store.people().home(membership.home));
    found.push_back({std::move(home), membership.role, membership.guest_until});
  }
  return found;
}

Result<std::vector<registry::Camera>> HouseBook::cameras(const Principal& principal, HomeId home) {
  TRY_VOID(must_be_signed_in(principal));
  TRY(const auto membership,
      or_else(parts_.store.people().membership(home, principal.account), &no_such_home));
  const UtcTime now = parts_.clock.utc();
  if (membership.guest_until && *membership.guest_until <= now) return std::unexpected(no_such_home());
  TRY(auto cameras, parts_.store.cameras().cameras_of(home));
  std::erase_if(cameras,
                [&](const registry::Camera& camera) { return !may_know(membership, camera.id, now); });
  for (registry::Camera& camera : cameras) camera = without_credentials(std::move(camera));
  return cameras;
}

Result<registry::Camera> HouseBook::camera(const Principal& principal, CameraId camera) {
  TRY(registry::Standing standing, parts_.store.standing(principal.session, camera, {}));
  const UtcTime now = parts_.clock.utc();
  if (!standing.session || standing.session->account != principal.account ||
      !standing.session->is_valid(now)) {
    return std::unexpected(not_signed_in());
  }
  if (!standing.camera || !standing.membership || !may_know(*standing.membership, camera, now)) {
    return std::unexpected(no_such_camera());
  }
  return without_credentials(*std::move(standing.camera));
}

Result<> HouseBook::must_own(const Actor& actor, HomeId home) {
  if (!actor) {
    TRY_VOID(or_else(parts_.store.people().home(home), &no_such_home));
    return {};
  }
  TRY_VOID(must_be_signed_in(*actor));
  TRY(const auto membership, or_else(parts_.store.people().membership(home, actor->account), &no_such_home));
  if (membership.guest_until && *membership.guest_until <= parts_.clock.utc())
    return std::unexpected(no_such_home());
  if (membership.role != registry::Role::Owner) {
    return fail(ErrorKind::PermissionDenied, "Only an owner of the home may do this.");
  }
  return {};
}

// A camera that the actor may change; NotFound for one that they may not know, before anything else is said.
Result<registry::Camera> HouseBook::own_camera(const Actor& actor, CameraId camera) {
  if (actor) TRY_VOID(this->camera(*actor, camera));
  TRY(registry::Camera found, or_else(parts_.store.cameras().camera(camera), &no_such_camera));
  TRY_VOID(must_own(actor, found.home));
  return found;
}

ledger::Entry HouseBook::change(const Actor& actor, HomeId home, std::string detail) const {
  ledger::Entry entry;
  entry.kind = ledger::EntryKind::RightsChange;
  entry.at = parts_.clock.utc();
  entry.home = home;
  if (actor) {
    entry.account = actor->account;
    entry.session = actor->session;
  }
  entry.detail = std::move(detail);
  return entry;
}

Result<> HouseBook::record(const ledger::Entry& entry) {
  TRY_VOID(parts_.ledger.append(entry));
  return {};
}

void HouseBook::record_done(const ledger::Entry& entry) {
  if (const auto recorded = record(entry); !recorded) {
    log::error(
        "keeper", "a change is missing from the ledger",
        {{"home", entry.home.to_string()}, {"change", entry.detail}, {"reason", recorded.error().message()}});
  }
}

Result<HomeId> HouseBook::create_home(std::string_view name, std::string_view colour) {
  TRY_VOID(check_name("name", name));
  TRY_VOID(check_colour("colour", colour));
  const HomeId id = HomeId::random(parts_.random);
  TRY_VOID(record(change(kOperator, id, "home created")));
  TRY(const seal::WrappedKey key, parts_.chest.new_home_key(id));
  TRY_VOID(parts_.store.people().add_home({id, std::string(name), std::string(colour)}, key));
  return id;
}

Result<AccountId> HouseBook::create_account(std::string_view name) {
  TRY_VOID(check_name("name", name));
  const AccountId id = AccountId::random(parts_.random);
  TRY_VOID(parts_.store.people().add_account({id, std::string(name), std::nullopt}));
  return id;
}

Result<> HouseBook::suspend(registry::SuspensionKind kind, std::string_view subject,
                            std::string_view reason) {
  TRY_VOID(check_name("subject", subject));
  TRY_VOID(check_name("reason", reason));
  if (kind == registry::SuspensionKind::Model || kind == registry::SuspensionKind::Firmware) {
    return fail(ErrorKind::Unsupported,
                "Cameras do not say yet which model and firmware they are: suspend the camera, its home or a "
                "door.");
  }
  TRY_VOID(parts_.store.suspensions().suspend(
      {kind, std::string(subject), std::string(reason), parts_.clock.utc()}));
  const auto rechecked = parts_.grants.recheck(Concerned{});
  record_done(change(kOperator, {}, fmt::format("suspended {} {}", to_string(kind), subject)));
  return rechecked;
}

Result<> HouseBook::lift(registry::SuspensionKind kind, std::string_view subject) {
  TRY_VOID(record(change(
      kOperator, {}, fmt::format("suspension lifted of {} {}", to_string(kind), subject.substr(0, 200)))));
  return parts_.store.suspensions().lift(kind, subject);
}

Result<std::string> HouseBook::whole_url(const registry::Camera& camera) {
  if (camera.sealed_url.empty()) return camera.url;
  return parts_.chest.open_address(label_of(camera), camera.sealed_url);
}

// What may be shown stays readable; the whole is sealed where it is more.
Result<> HouseBook::set_url(registry::Camera& camera, const std::string& url) {
  camera.url = without_secrets(url);
  camera.sealed_url.clear();
  if (camera.url == url) return {};
  TRY(camera.sealed_url, parts_.chest.seal_address(label_of(camera), url));
  return {};
}

Result<> HouseBook::seal_addresses() {
  TRY(const auto cameras, parts_.store.cameras().cameras());
  for (registry::Camera camera : cameras) {
    if (!camera.sealed_url.empty() || without_secrets(camera.url) == camera.url) continue;
    TRY_VOID(set_url(camera, std::string(camera.url)));
    const auto updated = parts_.store.cameras().update_camera(camera);
    // Another process removed it a moment ago.
    if (!updated && updated.error().kind() != ErrorKind::NotFound) return updated;
  }
  return {};
}

// Who handed a camera over does not hand over its password with it.
Result<Tenure> HouseBook::begin_tenure(CameraId camera, HomeId home) {
  TRY(registry::Camera next, or_else(parts_.store.cameras().camera(camera), &no_such_camera));
  TRY_VOID(must_own(kOperator, home));
  const seal::Label before = label_of(next);
  Credentials credentials;
  if (home == before.home) {
    TRY(credentials, parts_.chest.open_credentials(before, next.sealed_credentials));
  }
  std::string url = next.url;
  if (home == before.home) {
    TRY(url, whole_url(next));
  }
  next.home = home;
  next.tenure = static_cast<Tenure>(to_number(before.tenure) + 1);
  TRY_VOID(set_url(next, url));
  next.certificate.clear();  // a camera that was reset makes itself a new one
  TRY(next.sealed_credentials, parts_.chest.seal_credentials(label_of(next), credentials));
  TRY(const seal::WrappedKey key, parts_.chest.new_tenure_key(label_of(next)));
  ledger::Entry entry =
      change(kOperator, home, fmt::format("camera's tenure began; before: home {}", before.home.to_string()));
  entry.camera = camera;
  entry.tenure = next.tenure;
  TRY_VOID(record(entry));
  TRY_VOID(parts_.store.cameras().begin_tenure(next, key, parts_.clock.utc()));
  TRY_VOID(recheck_camera(camera));
  return next.tenure;
}

// After its tenure ended.
Result<> HouseBook::recheck_camera(CameraId camera) {
  FirstError errors;
  errors.note(parts_.grants.recheck({.account = {}, .session = {}, .camera = camera}));
  errors.note(parts_.sealers.check(camera));
  return errors.result();
}

// A home without an owner could never be changed again. The registry makes sure of it; asked here first, so
// that what it would refuse does not stand in the ledger.
Result<> HouseBook::must_leave_an_owner(HomeId home, AccountId leaving) {
  TRY(const auto members, parts_.store.people().members_of(home));
  const auto stays = [&](const registry::Membership& member) {
    return member.role == registry::Role::Owner && member.account != leaving;
  };
  if (std::ranges::any_of(members, stays)) return {};
  return fail(ErrorKind::FailedPrecondition, "The home needs an owner: make somebody else one first.");
}

Result<> HouseBook::set_member(const Actor& actor, const registry::Membership& membership) {
  TRY_VOID(must_own(actor, membership.home));
  if (membership.role != registry::Role::Guest && membership.guest_until)
    return fail(ErrorKind::InvalidArgument, "guest_until: only a guest's membership has a date.");
  if (membership.role != registry::Role::Guest && !membership.guest_cameras.empty())
    return fail(ErrorKind::InvalidArgument, "guest_cameras: only a guest's membership lists cameras.");
  if (membership.guest_cameras.size() > limits::kCamerasPerHome) {
    return fail(ErrorKind::InvalidArgument, "guest_cameras: too many.");
  }
  for (const CameraId& id : membership.guest_cameras) {
    TRY(const auto camera, or_else(parts_.store.cameras().camera(id), &no_such_camera));
    if (camera.home != membership.home) return std::unexpected(no_such_camera());
  }
  if (actor && membership.role != registry::Role::Owner)
    TRY_VOID(must_leave_an_owner(membership.home, membership.account));
  TRY_VOID(record(change(
      actor, membership.home,
      fmt::format(
          "member {} is {} of {} cameras until {}", membership.account.to_string(),
          to_string(membership.role),
          membership.role == registry::Role::Guest ? std::to_string(membership.guest_cameras.size()) : "all",
          membership.guest_until ? to_rfc3339(*membership.guest_until) : "further notice"))));
  TRY_VOID(parts_.store.people().set_membership(membership, last_owner_of(actor)));
  return parts_.grants.recheck({.account = membership.account, .session = {}, .camera = {}});
}

Result<> HouseBook::remove_member(const Actor& actor, HomeId home, AccountId account) {
  TRY_VOID(must_own(actor, home));
  if (actor) TRY_VOID(must_leave_an_owner(home, account));
  TRY_VOID(parts_.store.people().remove_membership(home, account, last_owner_of(actor)));
  const auto rechecked = parts_.grants.recheck({.account = account, .session = {}, .camera = {}});
  record_done(change(actor, home, fmt::format("member {} removed", account.to_string())));
  return rechecked;
}

Result<registry::Camera> HouseBook::add_camera(const Actor& actor, HomeId home, const NewCamera& camera) {
  TRY_VOID(must_own(actor, home));
  TRY_VOID(check_name("name", camera.name));
  TRY_VOID(check_camera_url("url", camera.url));
  TRY(const auto present, parts_.store.cameras().cameras_of(home));
  if (present.size() >= limits::kCamerasPerHome) {
    return fail(ErrorKind::ResourceExhausted,
                fmt::format("A home holds at most {} cameras.", limits::kCamerasPerHome));
  }
  registry::Camera added;
  added.id = CameraId::random(parts_.random);
  added.home = home;
  added.tenure = Tenure{1};
  added.name = camera.name;
  TRY_VOID(set_url(added, camera.url));
  added.reach = actor ? registry::Reach::Network : registry::Reach::Anywhere;
  added.transport = camera.transport;
  TRY(added.sealed_credentials, parts_.chest.seal_credentials(label_of(added), camera.credentials));
  TRY(const seal::WrappedKey key, parts_.chest.new_tenure_key(label_of(added)));
  ledger::Entry entry = change(actor, home, "camera added");
  entry.camera = added.id;
  entry.tenure = added.tenure;
  TRY_VOID(record(entry));
  TRY_VOID(parts_.store.cameras().add_camera(added, key, parts_.clock.utc()));
  return without_credentials(std::move(added));
}

Result<registry::Camera> HouseBook::change_camera(const Actor& actor, CameraId camera,
                                                  const CameraChange& wanted) {
  TRY(registry::Camera changed, own_camera(actor, camera));
  if (wanted.name) {
    TRY_VOID(check_name("name", *wanted.name));
    changed.name = *wanted.name;
  }
  const bool moves = wanted.url && host_of(*wanted.url) != host_of(changed.url);
  if (wanted.url) {
    TRY_VOID(check_camera_url("url", *wanted.url));
    TRY_VOID(set_url(changed, *wanted.url));
    // Where the operator led it, it may stay.
    if (!actor || moves) changed.reach = actor ? registry::Reach::Network : registry::Reach::Anywhere;
  }
  if (wanted.transport) changed.transport = *wanted.transport;
  if (moves) changed.certificate.clear();  // another device, for all we know
  if (wanted.certificate) {
    // With one to compare with, a connection says what is at the address that is no camera: so that one must
    // have been met there.
    if (actor && !wanted.certificate->empty() && changed.certificate.empty())
      return fail(ErrorKind::InvalidArgument, "certificate: none was met at this address yet.");
    changed.certificate = *wanted.certificate;
  }
  if (moves || wanted.username || wanted.password) {
    // A password goes to the host that it was given for: who may change the address must not get to see it
    // that way.
    TRY(const Credentials before,
        parts_.chest.open_credentials(label_of(changed), changed.sealed_credentials));
    const Credentials kept = moves ? Credentials() : before;
    const Credentials after(wanted.username.value_or(kept.username()),
                            wanted.password.value_or(kept.password()));
    TRY(changed.sealed_credentials, parts_.chest.seal_credentials(label_of(changed), after));
  }
  const bool privacy_ends = changed.privacy && !wanted.privacy.value_or(true);
  changed.privacy = wanted.privacy.value_or(changed.privacy);
  changed.sound = wanted.sound.value_or(changed.sound);
  ledger::Entry entry =
      change(actor, changed.home, changed.privacy ? "camera changed, privacy on" : "camera changed");
  entry.camera = camera;
  entry.tenure = changed.tenure;
  if (privacy_ends) TRY_VOID(record(entry));
  TRY_VOID(or_else(parts_.store.cameras().update_camera(changed), &no_such_camera));
  const auto rechecked = parts_.grants.recheck({.account = {}, .session = {}, .camera = camera});
  if (!privacy_ends) record_done(entry);
  TRY_VOID(rechecked);
  return without_credentials(std::move(changed));
}

Result<> HouseBook::remove_camera(const Actor& actor, CameraId camera) {
  TRY(const registry::Camera removed, own_camera(actor, camera));
  TRY_VOID(or_else(parts_.store.cameras().remove_camera(camera, parts_.clock.utc()), &no_such_camera));
  const auto rechecked = recheck_camera(camera);
  ledger::Entry entry = change(actor, removed.home, "camera removed");
  entry.camera = camera;
  entry.tenure = removed.tenure;
  record_done(entry);
  return rechecked;
}

Result<> HouseBook::note_facts(CameraId camera, Tenure tenure, const CameraFacts& facts) {
  TRY(registry::Camera noted, or_else(parts_.store.cameras().camera(camera), &no_such_camera));
  if (noted.tenure != tenure) return std::unexpected(no_such_camera());
  const registry::Camera before = noted;
  if (!facts.model.empty()) noted.model = tidy(facts.model);
  if (!facts.firmware.empty()) noted.firmware = tidy(facts.firmware);
  if (!facts.time_zone.empty()) noted.time_zone = tidy(facts.time_zone);
  if (noted == before) return {};
  TRY_VOID(or_else(parts_.store.cameras().update_camera(noted), &no_such_camera));
  // Another model or firmware may be one that is suspended.
  return parts_.grants.recheck({.account = {}, .session = {}, .camera = camera});
}

}  // namespace jalousie::keeper
