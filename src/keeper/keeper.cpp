#include "keeper/keeper.h"

#include <algorithm>
#include <mutex>

#include "base/log.h"
#include "keeper/first_error.h"
#include "keeper/grants.h"
#include "keeper/house_book.h"
#include "keeper/key_chest.h"
#include "keeper/late_entries.h"
#include "keeper/rights.h"
#include "keeper/sealers.h"
#include "keeper/sign_in_desk.h"

namespace jalousie::keeper {

namespace {

// Sessions that ended or expired are kept this long, for who asks why.
constexpr Microseconds kSessionsKept = std::chrono::days(30);

}  // namespace

struct Keeper::Impl {
  Impl(Parts all, std::unique_ptr<KeyChest> opened)
      : parts(all),
        chest(std::move(opened)),
        late(all.ledger, all.metrics),
        sealers(*chest, all.store, all.clock, all.random),
        grants({all.store, all.ledger, late, all.clock, all.random, all.metrics, *chest}),
        book({all.store, all.ledger, late, all.clock, all.random, *chest, grants, sealers}),
        desk({all.store, all.ledger, all.clock, all.random, all.metrics, grants, all.verify_password},
             all.password_cost) {}

  Result<> follow_changes();
  Result<> turn_of_day();

  Parts parts;
  std::unique_ptr<KeyChest> chest;
  LateEntries late;
  Sealers sealers;
  Grants grants;
  HouseBook book;
  SignInDesk desk;
  std::mutex tick_mutex;
  std::optional<std::uint64_t> checked_changes;
  std::optional<std::uint32_t> day;
};

// The counter is read first: what changes while we look is looked at again.
Result<> Keeper::Impl::follow_changes() {
  TRY(const std::uint64_t changes, parts.store.change_counter());
  if (checked_changes == changes) return {};
  FirstError errors;
  errors.note(sealers.check());
  errors.note(grants.recheck(Concerned{}));
  if (errors.result()) checked_changes = changes;
  return errors.result();
}

Result<> Keeper::Impl::turn_of_day() {
  const std::uint32_t today = seal::day_of(parts.clock.utc());
  if (day == today) return {};
  FirstError errors;
  errors.note(sealers.prepare_days());
  // Live pictures outlive the epoch change by seconds. Nothing older is kept sealed, so its key goes; but
  // what is sealed by a clock that is behind keeps its own.
  const std::uint32_t sealed = chest->oldest_day_sealed().value_or(today);
  errors.note(
      parts.store.keys().remove_day_keys_before(registry::UtcDay{std::int64_t{std::min(sealed, today)} - 1}));
  errors.note(parts.store.sessions().remove_sessions_before(parts.clock.utc() - kSessionsKept));
  if (errors.result()) day = today;
  return errors.result();
}

Result<std::unique_ptr<Keeper>> Keeper::create(Parts parts, RootKey root) {
  TRY(auto chest, KeyChest::open(parts.store, parts.random, root));
  std::unique_ptr<Keeper> made(new Keeper(std::make_unique<Impl>(parts, std::move(chest))));
  TRY_VOID(made->impl_->book.seal_addresses());
  return made;
}

Keeper::Keeper(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Keeper::~Keeper() = default;

Result<seal::Sealer> Keeper::sealer(CameraId camera, Tenure tenure, StreamId stream) {
  auto made = impl_->sealers.make(camera, tenure, stream);
  if (!made && made.error().kind() == ErrorKind::NotFound) return std::unexpected(no_such_camera());
  return made;
}

Result<CameraSource> Keeper::camera_source(CameraId camera, Tenure tenure) {
  const auto found = impl_->parts.store.cameras().camera(camera);
  if (!found && found.error().kind() != ErrorKind::NotFound) return std::unexpected(found.error());
  if (!found || found->tenure != tenure) return std::unexpected(no_such_camera());
  const seal::Label label{found->home, found->id, found->tenure};
  TRY(Credentials credentials, impl_->chest->open_credentials(label, found->sealed_credentials));
  TRY(std::string url, impl_->book.whole_url(*found));
  TRY(std::string sub_url, impl_->book.whole_sub_url(*found));
  return CameraSource{.url = std::move(url),
                      .transport = found->transport,
                      .reach = found->reach,
                      .credentials = std::move(credentials),
                      .sound = found->sound,
                      .certificate = found->certificate,
                      .sub_url = std::move(sub_url)};
}

Result<> Keeper::keep_certificate(CameraId camera, Tenure tenure, std::string_view url,
                                  std::string_view fingerprint) {
  return impl_->parts.store.cameras().set_certificate(camera, tenure, url, fingerprint);
}

Result<Grant> Keeper::grant(const GrantRequest& request, RevokedCall revoked) {
  return impl_->grants.grant(request, std::move(revoked));
}
Result<Renewal> Keeper::renew(ViewingId viewing) { return impl_->grants.renew(viewing); }
void Keeper::end(ViewingId viewing, std::uint64_t frames, std::uint64_t bytes) {
  impl_->grants.end(viewing, frames, bytes);
}
void Keeper::refused(ViewingId viewing, seal::Refusal refusal, const seal::BlockHeader& block) {
  impl_->grants.refused(viewing, refusal, block);
}

Result<> Keeper::tick() {
  const std::lock_guard lock(impl_->tick_mutex);
  FirstError errors;
  errors.note(impl_->follow_changes());
  errors.note(impl_->grants.expire());
  errors.note(impl_->turn_of_day());
  impl_->late.retry();  // last: it may wait for the disk that is in trouble
  return errors.result();
}

std::size_t Keeper::viewings() const { return impl_->grants.size(); }
Household& Keeper::household() { return impl_->book; }
SignIn& Keeper::sign_in() { return impl_->desk; }

}  // namespace jalousie::keeper
