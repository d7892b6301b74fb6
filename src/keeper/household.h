// Homes, people and cameras, as those who may change them do: each change is checked against the registry,
// written to the ledger, and followed by the revocations that it brings before the call returns. Made by the
// keeper. Safe from any thread; may wait for a disk.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "keeper/credentials.h"
#include "keeper/grant.h"
#include "registry/records.h"

namespace jalousie::keeper {

/// Who changes something: a signed-in person, or (nobody) the operator at the command line, who may change
/// all.
using Actor = std::optional<Principal>;
inline constexpr std::nullopt_t kOperator = std::nullopt;

/// What a person may know of a home.
struct HomeView {
  registry::Home home;
  registry::Role role = registry::Role::Member;
  std::optional<UtcTime> until{};  // a guest's last moment
};

struct NewCamera {
  std::string name;
  std::string url;  // less user:password@; what else of it may be secret is sealed
  Credentials credentials;
  registry::Transport transport = registry::Transport::Tcp;
  std::string sub_url{};  // of its small stream, at the same place; empty: none
};

/// InvalidArgument for the URL of a small stream that is at another place than `url`, which was checked.
/// Empty: there is none, which is fine.
Result<> check_sub_url(std::string_view sub_url, std::string_view url);

/// What is set is changed.
struct CameraChange {
  std::optional<std::string> name;
  std::optional<std::string> url;      // to another place: the small stream goes, unless it is given too
  std::optional<std::string> sub_url;  // empty: none
  std::optional<std::string> username;
  std::optional<std::string> password;
  std::optional<registry::Transport> transport;
  std::optional<std::string> certificate;  // SHA-256, hex, to be trusted; empty: the next that is met
  std::optional<bool> privacy;
  std::optional<bool> sound;
};

/// What a camera says of itself; empty: unchanged.
struct CameraFacts {
  std::string model;
  std::string firmware;
  std::string time_zone;
};

class Household {
 public:
  virtual ~Household() = default;

  // Looking. Records come without sealed credentials. Principal: Unauthenticated without a valid session;
  // NotFound for what is not theirs.
  virtual Result<std::vector<HomeView>> homes(const Principal& principal) = 0;
  virtual Result<std::vector<registry::Camera>> cameras(const Principal& principal, HomeId home) = 0;
  virtual Result<registry::Camera> camera(const Principal& principal, CameraId camera) = 0;
  /// PermissionDenied for a member who is no owner, NotFound for others.
  virtual Result<> must_own(const Actor& actor, HomeId home) = 0;

  // Operator only: by the command line and at the first start.
  virtual Result<HomeId> create_home(std::string_view name, std::string_view colour) = 0;
  virtual Result<AccountId> create_account(std::string_view name) = 0;
  /// Unsupported for a model or firmware: cameras are not asked for theirs, so that it would touch nothing.
  virtual Result<> suspend(registry::SuspensionKind kind, std::string_view subject,
                           std::string_view reason) = 0;
  virtual Result<> lift(registry::SuspensionKind kind, std::string_view subject) = 0;
  /// The camera begins its next tenure, in `home`: after a transfer, or a factory reset (the same home). Ends
  /// the earlier tenure's viewings and keys.
  virtual Result<Tenure> begin_tenure(CameraId camera, HomeId home) = 0;

  // Owners of the home, and the operator. InvalidArgument names the field.
  virtual Result<> set_member(const Actor& actor, const registry::Membership& membership) = 0;
  virtual Result<> remove_member(const Actor& actor, HomeId home, AccountId account) = 0;
  virtual Result<registry::Camera> add_camera(const Actor& actor, HomeId home, const NewCamera& camera) = 0;
  virtual Result<registry::Camera> change_camera(const Actor& actor, CameraId camera,
                                                 const CameraChange& change) = 0;
  virtual Result<> remove_camera(const Actor& actor, CameraId camera) = 0;

  /// From ingest, of a tenure that it serves.
  virtual Result<> note_facts(CameraId camera, Tenure tenure, const CameraFacts& facts) = 0;
};

}  // namespace jalousie::keeper
