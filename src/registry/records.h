// What the registry holds, as plain values. Ids are random and never used again; times are UTC.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/time.h"

namespace jalousie::registry {

struct Home {
  HomeId id;
  std::string name;
  std::string colour;  // "#rrggbb": shown on every screen, so that nobody wonders whose house this is

  friend bool operator==(const Home&, const Home&) = default;
};

struct Account {
  AccountId id;
  std::string name;                          // unique, compared without case (ASCII)
  std::optional<std::string> password_hash;  // none until the first password is set: nobody can sign in

  friend bool operator==(const Account&, const Account&) = default;
};

enum class Role : std::uint8_t { Owner, Member, Guest };
std::string_view to_string(Role role);  // "owner", ...
std::optional<Role> parse_role(std::string_view text);

struct Membership {
  HomeId home;
  AccountId account;
  Role role = Role::Member;
  std::vector<CameraId> guest_cameras;  // of a guest, in order of id; empty for the others
  std::optional<UtcTime> guest_until;   // of a guest: from then on nothing is shown

  friend bool operator==(const Membership&, const Membership&) = default;
};
/// What both allow, of one account in one home.
Membership narrower(const Membership& one, const Membership& other);

enum class Transport : std::uint8_t { Tcp, Udp, Http };
std::string_view to_string(Transport transport);  // "tcp", "udp", "http"
std::optional<Transport> parse_transport(std::string_view text);

/// Where a camera may be: what its owner enters leads into the network, never to the server's own machine;
/// what whoever runs the server enters leads anywhere.
enum class Reach : std::uint8_t { Network, Anywhere };
std::string_view to_string(Reach reach);  // "network", "anywhere"
std::optional<Reach> parse_reach(std::string_view text);

/// A camera in its current tenure. One that was removed has no record; its tenures stay.
struct Camera {
  CameraId id;
  HomeId home;
  Tenure tenure{};
  std::string name;
  std::string url;            // what may be shown of it
  Buffer sealed_url;          // the whole, sealed by the keeper under the home key; empty: `url` is the whole
  Buffer sealed_credentials;  // sealed in the same way; empty: none
  std::string sub_url{};      // of its small stream, likewise; empty: none is known
  Buffer sealed_sub_url{};
  Transport transport = Transport::Tcp;
  Reach reach = Reach::Network;
  std::string certificate;  // SHA-256 of the TLS certificate that is trusted, hex; empty: none was met yet
  std::string model;
  std::string firmware;
  std::string time_zone;  // IANA name; empty: unknown
  bool privacy = false;   // on: nobody sees anything of it
  bool sound = false;     // on: its sound is taken in

  friend bool operator==(const Camera&, const Camera&) = default;
};

/// How a camera is reached, and with what password: it changes as a whole, for the one belongs to the other.
struct CameraAccess {
  std::string url;
  Buffer sealed_url;
  Buffer sealed_credentials;
  Reach reach = Reach::Network;
  std::string certificate{};
  std::string sub_url{};
  Buffer sealed_sub_url{};

  friend bool operator==(const CameraAccess&, const CameraAccess&) = default;
};
CameraAccess access_of(const Camera& camera);
void set_access(Camera& camera, CameraAccess access);

/// `to` was made from `from`, and is refused when that is no longer what stands.
struct AccessChange {
  CameraAccess from;
  CameraAccess to;
};

/// What is set is changed; all else stays as it is at that moment.
struct CameraUpdate {
  std::optional<std::string> name{};
  std::optional<AccessChange> access{};
  std::optional<Transport> transport{};
  std::optional<std::string> model{};
  std::optional<std::string> firmware{};
  std::optional<std::string> time_zone{};
  std::optional<bool> privacy{};
  std::optional<bool> sound{};
};

/// What a camera's next tenure begins with. In the same home its name, privacy and the rest go on as they are
/// at that moment. In another, nothing that somebody of the home before chose or that its camera said goes
/// along, but the address that it is at, and privacy: it is named `name_elsewhere`.
struct NextTenure {
  CameraId camera;
  Tenure number{};
  HomeId home;
  AccessChange access;  // what is sealed is sealed for one tenure
  std::string name_elsewhere{"Camera"};
};

struct TenureRecord {
  CameraId camera;
  Tenure number{};
  HomeId home;
  UtcTime began{};
  std::optional<UtcTime> ended;

  friend bool operator==(const TenureRecord&, const TenureRecord&) = default;
};

using SecretHash = std::array<std::uint8_t, 32>;  // SHA-256 of a random secret that only its bearer has

struct Session {
  SessionId id;
  AccountId account;
  SecretHash secret_hash{};
  UtcTime created{};
  UtcTime last_used{};
  UtcTime expires{};
  std::optional<UtcTime> ended;

  bool is_valid(UtcTime now) const { return !ended && now < expires; }
  friend bool operator==(const Session&, const Session&) = default;
};

enum class LinkPurpose : std::uint8_t { FirstPassword };
std::string_view to_string(LinkPurpose purpose);  // "first_password"

/// A link that works once.
struct OneTimeLink {
  SecretHash token_hash{};
  AccountId account;
  HomeId home;
  LinkPurpose purpose = LinkPurpose::FirstPassword;
  UtcTime expires{};
  std::optional<UtcTime> used;

  friend bool operator==(const OneTimeLink&, const OneTimeLink&) = default;
};

enum class SuspensionKind : std::uint8_t {
  Home,      // subject: the home's id
  Camera,    // the camera's id
  Model,     // the camera's model, as it says itself
  Firmware,  // model, a space, and firmware
  Door,      // "whep", ...
};
std::string_view to_string(SuspensionKind kind);  // "home", ...
std::optional<SuspensionKind> parse_suspension_kind(std::string_view text);

/// Something that is switched off for now.
struct Suspension {
  SuspensionKind kind{};
  std::string subject;
  std::string reason;  // for people
  UtcTime since{};

  friend bool operator==(const Suspension&, const Suspension&) = default;
};

/// Days since 1970 in UTC: what a day key is for.
enum class UtcDay : std::int64_t {};
constexpr std::int64_t to_number(UtcDay day) { return static_cast<std::int64_t>(day); }
constexpr UtcDay day_of(UtcTime time) {
  return static_cast<UtcDay>(std::chrono::floor<std::chrono::days>(time).time_since_epoch().count());
}

/// All that decides whether somebody may watch a camera, read at one moment.
struct Standing {
  std::optional<Session> session;
  std::optional<Camera> camera;
  std::optional<Membership> membership;  // of the session's account in the camera's home
  std::vector<Suspension> suspensions;   // those that touch the camera or the door
};

}  // namespace jalousie::registry
