#include "registry/records.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.h"

namespace jalousie::registry {

namespace {

template <class E, std::size_t N>
using Names = std::array<std::pair<E, std::string_view>, N>;

template <class E, std::size_t N>
std::string_view name_in(const Names<E, N>& names, E value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  JAL_ASSERT(false);
}

template <class E, std::size_t N>
std::optional<E> value_in(const Names<E, N>& names, std::string_view text) {
  for (const auto& [known, name] : names) {
    if (name == text) return known;
  }
  return std::nullopt;
}

constexpr Names<Role, 3> kRoles = {
    {{Role::Owner, "owner"}, {Role::Member, "member"}, {Role::Guest, "guest"}}};
constexpr Names<Transport, 3> kTransports = {
    {{Transport::Tcp, "tcp"}, {Transport::Udp, "udp"}, {Transport::Http, "http"}}};
constexpr Names<Reach, 2> kReaches = {{{Reach::Network, "network"}, {Reach::Anywhere, "anywhere"}}};
constexpr Names<SuspensionKind, 5> kSuspensionKinds = {{{SuspensionKind::Home, "home"},
                                                        {SuspensionKind::Camera, "camera"},
                                                        {SuspensionKind::Model, "model"},
                                                        {SuspensionKind::Firmware, "firmware"},
                                                        {SuspensionKind::Door, "door"}}};

}  // namespace

std::string_view to_string(Role role) { return name_in(kRoles, role); }
std::optional<Role> parse_role(std::string_view text) { return value_in(kRoles, text); }
std::string_view to_string(Transport transport) { return name_in(kTransports, transport); }
std::optional<Transport> parse_transport(std::string_view text) { return value_in(kTransports, text); }
std::string_view to_string(Reach reach) { return name_in(kReaches, reach); }
std::optional<Reach> parse_reach(std::string_view text) { return value_in(kReaches, text); }
CameraAccess access_of(const Camera& camera) {
  return {.url = camera.url,
          .sealed_url = camera.sealed_url,
          .sealed_credentials = camera.sealed_credentials,
          .reach = camera.reach,
          .certificate = camera.certificate,
          .sub_url = camera.sub_url,
          .sealed_sub_url = camera.sealed_sub_url};
}

void set_access(Camera& camera, CameraAccess access) {
  camera.url = std::move(access.url);
  camera.sealed_url = std::move(access.sealed_url);
  camera.sealed_credentials = std::move(access.sealed_credentials);
  camera.reach = access.reach;
  camera.certificate = std::move(access.certificate);
  camera.sub_url = std::move(access.sub_url);
  camera.sealed_sub_url = std::move(access.sealed_sub_url);
}

// Roles are in order, the widest first. Who is no guest may see all cameras.
Membership narrower(const Membership& one, const Membership& other) {
  JAL_ASSERT(one.home == other.home && one.account == other.account);
  Membership narrow = one.role < other.role ? other : one;
  if (one.role == Role::Guest && other.role == Role::Guest) {
    std::erase_if(narrow.guest_cameras, [&](const CameraId& id) {
      return std::ranges::find(other.guest_cameras, id) == other.guest_cameras.end();
    });
  }
  narrow.guest_until = one.guest_until ? one.guest_until : other.guest_until;
  if (one.guest_until && other.guest_until)
    narrow.guest_until = std::min(*one.guest_until, *other.guest_until);
  return narrow;
}

std::string_view to_string(LinkPurpose) { return "first_password"; }
std::string_view to_string(SuspensionKind kind) { return name_in(kSuspensionKinds, kind); }
std::optional<SuspensionKind> parse_suspension_kind(std::string_view text) {
  return value_in(kSuspensionKinds, text);
}

}  // namespace jalousie::registry
