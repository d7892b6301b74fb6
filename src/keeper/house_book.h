// The one implementation of Household. What gives rights is in the ledger before it is done; what takes
// rights away is done first, and reaches the viewings concerned before the ledger is waited for: a ledger
// that is slow, or cannot be written, never keeps a right alive.
#pragma once

#include "base/random.h"
#include "base/time.h"
#include "keeper/grants.h"
#include "keeper/household.h"
#include "keeper/key_chest.h"
#include "keeper/late_entries.h"
#include "keeper/sealers.h"
#include "ledger/ledger.h"
#include "registry/store.h"

namespace jalousie::keeper {

class HouseBook final : public Household {
 public:
  struct Parts {
    registry::Store& store;
    ledger::Ledger& ledger;
    LateEntries& late;
    Clock& clock;
    RandomSource& random;
    KeyChest& chest;
    Grants& grants;
    Sealers& sealers;
  };
  explicit HouseBook(Parts parts) : parts_(parts) {}

  Result<std::vector<HomeView>> homes(const Principal& principal) override;
  Result<std::vector<registry::Camera>> cameras(const Principal& principal, HomeId home) override;
  Result<registry::Camera> camera(const Principal& principal, CameraId camera) override;
  Result<> must_own(const Actor& actor, HomeId home) override;

  Result<HomeId> create_home(std::string_view name, std::string_view colour) override;
  Result<AccountId> create_account(std::string_view name) override;
  Result<> suspend(registry::SuspensionKind kind, std::string_view subject, std::string_view reason) override;
  Result<> lift(registry::SuspensionKind kind, std::string_view subject) override;
  Result<Tenure> begin_tenure(CameraId camera, HomeId home) override;

  Result<> set_member(const Actor& actor, const registry::Membership& membership) override;
  Result<> remove_member(const Actor& actor, HomeId home, AccountId account) override;
  Result<registry::Camera> add_camera(const Actor& actor, HomeId home, const NewCamera& camera) override;
  Result<registry::Camera> change_camera(const Actor& actor, CameraId camera,
                                         const CameraChange& change) override;
  Result<> remove_camera(const Actor& actor, CameraId camera) override;
  Result<> note_facts(CameraId camera, Tenure tenure, const CameraFacts& facts) override;

  /// For ingest alone.
  Result<std::string> whole_url(const registry::Camera& camera);
  Result<std::string> whole_sub_url(const registry::Camera& camera);  // empty: there is none
  /// Seals addresses that an older version stored in the clear. One that cannot be sealed is an alarm, and
  /// stays; it is shown without its secrets all the same.
  Result<> seal_addresses();

 private:
  Result<> set_url(registry::CameraAccess& access, const seal::Label& label, const std::string& url);
  Result<> set_sub_url(registry::CameraAccess& access, const seal::Label& label, const std::string& url);
  Result<Buffer> sealed_rest(const seal::Label& label, const std::string& shown, const std::string& url);
  Result<registry::NextTenure> next_tenure(const registry::Camera& seen, HomeId home);
  Result<registry::CameraUpdate> update_of(const registry::Camera& seen, const Actor& actor,
                                           const CameraChange& wanted);
  Result<> check_membership(const registry::Membership& membership);
  Result<> must_be_signed_in(const Principal& principal);
  Result<registry::Camera> own_camera(const Actor& actor, CameraId camera);
  Result<> recheck_camera(CameraId camera);
  ledger::Entry change(const Actor& actor, HomeId home, std::string detail) const;
  Result<> record(const ledger::Entry& entry);

  Parts parts_;
};

}  // namespace jalousie::keeper
