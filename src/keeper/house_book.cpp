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
  camera.url = without_secrets(camera.url);  // one of version 1 that could not be sealed
  camera.sealed_credentials.clear();
  camera.sealed_url.clear();
  camera.sealed_sub_url.clear();
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

// How often a change is tried again that others overtook: each time, one of them was done.
constexpr int kTurns = 8;

bool is_overtaken(const Error& error) { return error.kind() == ErrorKind::FailedPrecondition; }

registry::Membership in_order(registry::Membership membership) {
  std::ranges::sort(membership.guest_cameras);
  const auto twice = std::ranges::unique(membership.guest_cameras);
  membership.guest_cameras.erase(twice.begin(), twice.end());
  return membership;
}

std::string described(const registry::Membership& membership) {
  return fmt::format(
      "member {} is {} of {} cameras until {}", membership.account.to_string(), to_string(membership.role),
      membership.role == registry::Role::Guest ? std::to_string(membership.guest_cameras.size()) : "all",
      membership.guest_until ? to_rfc3339(*membership.guest_until) : "further notice");
}

std::string described(const CameraChange& change) {
  if (!change.privacy) return "camera changed";
  return *change.privacy ? "camera changed, privacy on" : "camera changed, privacy off";
}

// Elsewhere, the password of the one would be sent to the other, and the certificate of the one would be
// asked of the other.
bool goes_with(std::string_view sub_url, std::string_view url) {
  return sub_url.empty() || (is_same_place(url, sub_url) && is_same_place(sub_url, url));
}

std::optional<std::string> news(const std::string& said, const std::string& known) {
  std::string text = tidy(said);
  if (said.empty() || text == known) return std::nullopt;
  return text;
}

}  // namespace

Result<> check_sub_url(std::string_view sub_url, std::string_view url) {
  if (sub_url.empty()) return {};
  TRY_VOID(check_camera_url("sub_url", sub_url));
  if (goes_with(sub_url, url)) return {};
  return fail(
      ErrorKind::InvalidArgument,
      "The small stream has to be of the same camera: with the same scheme, host and port as its address.");
}

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
  parts_.late.append(change(kOperator, {}, fmt::format("suspended {} {}", to_string(kind), subject)));
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

Result<std::string> HouseBook::whole_sub_url(const registry::Camera& camera) {
  if (camera.sealed_sub_url.empty()) return camera.sub_url;
  return parts_.chest.open_address(label_of(camera), camera.sealed_sub_url);
}

// What may be shown stays readable; the whole is sealed where it is more.
Result<Buffer> HouseBook::sealed_rest(const seal::Label& label, const std::string& shown,
                                      const std::string& url) {
  if (shown == url) return Buffer();
  return parts_.chest.seal_address(label, url);
}

Result<> HouseBook::set_url(registry::CameraAccess& access, const seal::Label& label,
                            const std::string& url) {
  access.url = without_secrets(url);
  TRY(access.sealed_url, sealed_rest(label, access.url, url));
  return {};
}

Result<> HouseBook::set_sub_url(registry::CameraAccess& access, const seal::Label& label,
                                const std::string& url) {
  access.sub_url = without_secrets(url);
  TRY(access.sealed_sub_url, sealed_rest(label, access.sub_url, url));
  return {};
}

Result<> HouseBook::seal_addresses() {
  TRY(const auto cameras, parts_.store.cameras().cameras());
  for (const registry::Camera& camera : cameras) {
    if (!camera.sealed_url.empty() || without_secrets(camera.url) == camera.url) continue;
    registry::CameraUpdate update;
    update.access = registry::AccessChange{access_of(camera), access_of(camera)};
    auto sealed = set_url(update.access->to, label_of(camera), camera.url);
    if (sealed) {
      const auto updated = parts_.store.cameras().update_camera(camera.id, camera.tenure, update);
      // Another process removed it, or gave it another address, a moment ago.
      const bool is_gone =
          !updated && (updated.error().kind() == ErrorKind::NotFound || is_overtaken(updated.error()));
      if (!updated && !is_gone) sealed = std::unexpected(updated.error());
    }
    // One home whose key cannot be read keeps no other one dark.
    if (!sealed) {
      log::alarm("keeper", "a camera's address stays unsealed in the registry",
                 {{"home", camera.home.to_string()},
                  {"camera", camera.id.to_string()},
                  {"reason", sealed.error().message()}});
    }
  }
  return {};
}

// Who hands a camera over does not hand over its password with it, nor the operator's word that it may be
// anywhere. Its address goes along, without what may be a secret: where the camera is, its new owners know
// already, and without it they could not even see that it is there.
Result<registry::NextTenure> HouseBook::next_tenure(const registry::Camera& seen, HomeId home) {
  registry::NextTenure next{.camera = seen.id,
                            .number = static_cast<Tenure>(to_number(seen.tenure) + 1),
                            .home = home,
                            .access = {access_of(seen), access_of(seen)}};
  const seal::Label label{home, seen.id, next.number};
  Credentials credentials;
  std::string url = without_secrets(seen.url);
  std::string sub_url = without_secrets(seen.sub_url);
  if (home != seen.home) next.access.to.reach = registry::Reach::Network;
  if (home == seen.home) {
    TRY(credentials, parts_.chest.open_credentials(label_of(seen), seen.sealed_credentials));
    TRY(url, whole_url(seen));
    TRY(sub_url, whole_sub_url(seen));
  }
  next.access.to.certificate.clear();  // a camera that was reset makes itself a new one
  TRY_VOID(set_url(next.access.to, label, url));
  TRY_VOID(set_sub_url(next.access.to, label, sub_url));
  TRY(next.access.to.sealed_credentials, parts_.chest.seal_credentials(label, credentials));
  return next;
}

// In the same home it only takes away: the viewings and keys of before.
Result<Tenure> HouseBook::begin_tenure(CameraId camera, HomeId home) {
  TRY(registry::Camera seen, or_else(parts_.store.cameras().camera(camera), &no_such_camera));
  TRY_VOID(must_own(kOperator, home));
  TRY(registry::NextTenure next, next_tenure(seen, home));
  TRY(const seal::WrappedKey key, parts_.chest.new_tenure_key({home, camera, next.number}));
  ledger::Entry entry =
      change(kOperator, home, fmt::format("camera's tenure began; before: home {}", seen.home.to_string()));
  entry.camera = camera;
  entry.tenure = next.number;
  const bool gives = home != seen.home;
  if (gives) TRY_VOID(record(entry));
  auto begun = parts_.store.cameras().begin_tenure(next, key, parts_.clock.utc());
  for (int turn = 1; !begun && is_overtaken(begun.error()) && turn < kTurns; ++turn) {
    TRY(seen, or_else(parts_.store.cameras().camera(camera), &no_such_camera));
    if (to_number(seen.tenure) + 1 != to_number(next.number)) break;  // somebody else began it
    TRY(next, next_tenure(seen, home));
    begun = parts_.store.cameras().begin_tenure(next, key, parts_.clock.utc());
  }
  TRY_VOID(begun);
  const auto rechecked = recheck_camera(camera);
  if (!gives) parts_.late.append(entry);
  TRY_VOID(rechecked);
  return next.number;
}

// After its tenure ended.
Result<> HouseBook::recheck_camera(CameraId camera) {
  FirstError errors;
  errors.note(parts_.grants.recheck({.account = {}, .session = {}, .camera = camera}));
  errors.note(parts_.sealers.check(camera));
  return errors.result();
}

Result<> HouseBook::check_membership(const registry::Membership& membership) {
  if (membership.role != registry::Role::Guest && membership.guest_until)
    return fail(ErrorKind::InvalidArgument, "guest_until: only a guest's membership has a date.");
  if (membership.role != registry::Role::Guest && !membership.guest_cameras.empty())
    return fail(ErrorKind::InvalidArgument, "guest_cameras: only a guest's membership lists cameras.");
  if (membership.guest_cameras.size() > limits::kCamerasPerHome) {
    return fail(ErrorKind::InvalidArgument, "guest_cameras: too many.");
  }
  // The registry makes sure of it again; here, so that what it would refuse takes nothing away.
  for (const CameraId& id : membership.guest_cameras) {
    TRY(const auto camera, or_else(parts_.store.cameras().camera(id), &no_such_camera));
    if (camera.home != membership.home) return std::unexpected(no_such_camera());
  }
  return {};
}

// What it takes away is taken first; what it gives waits for the ledger. The registry decides which is which,
// and that an owner stays, at the moment of the change.
Result<> HouseBook::set_member(const Actor& actor, const registry::Membership& wanted) {
  TRY_VOID(must_own(actor, wanted.home));
  TRY_VOID(check_membership(wanted));
  const registry::Membership membership = in_order(wanted);
  const Concerned concerned{.account = membership.account, .session = {}, .camera = {}};
  TRY(const auto narrowed, parts_.store.people().narrow_membership(membership, last_owner_of(actor)));
  FirstError errors;
  errors.note(parts_.grants.recheck(concerned));
  const ledger::Entry entry = change(actor, membership.home, described(membership));
  if (narrowed == membership) {
    parts_.late.append(entry);
    return errors.result();
  }
  if (const auto recorded = record(entry); !recorded) {
    if (narrowed) parts_.late.append(change(actor, membership.home, described(*narrowed)));
    return recorded;
  }
  TRY_VOID(parts_.store.people().set_membership(membership, last_owner_of(actor)));
  errors.note(parts_.grants.recheck(concerned));
  return errors.result();
}

Result<> HouseBook::remove_member(const Actor& actor, HomeId home, AccountId account) {
  TRY_VOID(must_own(actor, home));
  TRY_VOID(parts_.store.people().remove_membership(home, account, last_owner_of(actor)));
  const auto rechecked = parts_.grants.recheck({.account = account, .session = {}, .camera = {}});
  parts_.late.append(change(actor, home, fmt::format("member {} removed", account.to_string())));
  return rechecked;
}

Result<registry::Camera> HouseBook::add_camera(const Actor& actor, HomeId home, const NewCamera& camera) {
  TRY_VOID(must_own(actor, home));
  TRY_VOID(check_name("name", camera.name));
  TRY_VOID(check_camera_url("url", camera.url));
  TRY_VOID(check_sub_url(camera.sub_url, camera.url));
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
  added.transport = camera.transport;
  registry::CameraAccess access;
  TRY_VOID(set_url(access, label_of(added), camera.url));
  TRY_VOID(set_sub_url(access, label_of(added), camera.sub_url));
  access.reach = actor ? registry::Reach::Network : registry::Reach::Anywhere;
  TRY(access.sealed_credentials, parts_.chest.seal_credentials(label_of(added), camera.credentials));
  set_access(added, std::move(access));
  TRY(const seal::WrappedKey key, parts_.chest.new_tenure_key(label_of(added)));
  ledger::Entry entry = change(actor, home, "camera added");
  entry.camera = added.id;
  entry.tenure = added.tenure;
  TRY_VOID(record(entry));
  TRY_VOID(parts_.store.cameras().add_camera(added, key, parts_.clock.utc()));
  return without_credentials(std::move(added));
}

// A password goes to the host that it was given for, and encrypted where it was: who may change the address
// must not get to see it that way.
Result<registry::CameraUpdate> HouseBook::update_of(const registry::Camera& seen, const Actor& actor,
                                                    const CameraChange& wanted) {
  registry::CameraUpdate update;
  if (wanted.name) TRY_VOID(check_name("name", *wanted.name));
  update.name = wanted.name;
  update.transport = wanted.transport;
  update.privacy = wanted.privacy;
  update.sound = wanted.sound;
  if (!wanted.url && !wanted.sub_url && !wanted.username && !wanted.password && !wanted.certificate)
    return update;
  const bool moves = wanted.url && !is_same_place(without_secrets(seen.url), *wanted.url);
  registry::AccessChange access{access_of(seen), access_of(seen)};
  if (wanted.url) {
    TRY_VOID(check_camera_url("url", *wanted.url));
    TRY_VOID(set_url(access.to, label_of(seen), *wanted.url));
    // At the very address that the operator led it to, it may stay. A name is whoever's who answers for it.
    if (!actor) access.to.reach = registry::Reach::Anywhere;
    if (actor && (moves || !has_literal_host(*wanted.url))) access.to.reach = registry::Reach::Network;
  }
  if (moves) access.to.certificate.clear();  // another device, for all we know
  if (wanted.sub_url) TRY_VOID(check_sub_url(*wanted.sub_url, access.to.url));
  if (wanted.sub_url || !goes_with(access.to.sub_url, access.to.url))
    TRY_VOID(set_sub_url(access.to, label_of(seen), wanted.sub_url.value_or(std::string())));
  if (wanted.certificate) {
    // With one to compare with, a connection says what is at the address that is no camera: so that one must
    // have been met there.
    if (actor && !wanted.certificate->empty() && access.to.certificate.empty())
      return fail(ErrorKind::InvalidArgument, "certificate: none was met at this address yet.");
    access.to.certificate = *wanted.certificate;
  }
  if (moves || wanted.username || wanted.password) {
    TRY(const Credentials before, parts_.chest.open_credentials(label_of(seen), seen.sealed_credentials));
    const Credentials kept = moves ? Credentials() : before;
    const Credentials after(wanted.username.value_or(kept.username()),
                            wanted.password.value_or(kept.password()));
    TRY(access.to.sealed_credentials, parts_.chest.seal_credentials(label_of(seen), after));
  }
  update.access = std::move(access);
  return update;
}

Result<registry::Camera> HouseBook::change_camera(const Actor& actor, CameraId camera,
                                                  const CameraChange& wanted) {
  TRY(registry::Camera seen, own_camera(actor, camera));
  TRY(registry::CameraUpdate update, update_of(seen, actor, wanted));
  // It may be on by the time of the change, whatever was seen.
  const bool privacy_ends = wanted.privacy && !*wanted.privacy;
  ledger::Entry entry = change(actor, seen.home, described(wanted));
  entry.camera = camera;
  entry.tenure = seen.tenure;
  if (privacy_ends) TRY_VOID(record(entry));
  auto changed = parts_.store.cameras().update_camera(camera, entry.tenure, update);
  for (int turn = 1; !changed && is_overtaken(changed.error()) && turn < kTurns; ++turn) {
    TRY(seen, own_camera(actor, camera));
    TRY(update, update_of(seen, actor, wanted));
    changed = parts_.store.cameras().update_camera(camera, entry.tenure, update);
  }
  TRY(registry::Camera present, or_else(std::move(changed), &no_such_camera));
  const auto rechecked = parts_.grants.recheck({.account = {}, .session = {}, .camera = camera});
  if (!privacy_ends) parts_.late.append(entry);
  TRY_VOID(rechecked);
  return without_credentials(std::move(present));
}

Result<> HouseBook::remove_camera(const Actor& actor, CameraId camera) {
  TRY(const registry::Camera removed, own_camera(actor, camera));
  TRY_VOID(or_else(parts_.store.cameras().remove_camera(camera, removed.tenure, parts_.clock.utc()),
                   &no_such_camera));
  const auto rechecked = recheck_camera(camera);
  ledger::Entry entry = change(actor, removed.home, "camera removed");
  entry.camera = camera;
  entry.tenure = removed.tenure;
  parts_.late.append(entry);
  return rechecked;
}

Result<> HouseBook::note_facts(CameraId camera, Tenure tenure, const CameraFacts& facts) {
  TRY(const registry::Camera seen, or_else(parts_.store.cameras().camera(camera), &no_such_camera));
  if (seen.tenure != tenure) return std::unexpected(no_such_camera());
  registry::CameraUpdate update;
  update.model = news(facts.model, seen.model);
  update.firmware = news(facts.firmware, seen.firmware);
  update.time_zone = news(facts.time_zone, seen.time_zone);
  if (!update.model && !update.firmware && !update.time_zone) return {};
  TRY_VOID(or_else(parts_.store.cameras().update_camera(camera, tenure, update), &no_such_camera));
  // Another model or firmware may be one that is suspended.
  return parts_.grants.recheck({.account = {}, .session = {}, .camera = camera});
}

}  // namespace jalousie::keeper
