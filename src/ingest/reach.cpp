#include <algorithm>
#include <array>
#include <optional>

#include "ingest/source.h"

namespace jalousie::ingest {

namespace {

using Four = std::array<std::uint8_t, 4>;

bool begins_with(ByteView address, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.begin());
}

/// The IPv4 address that an IPv6 address leads to: IPv4-mapped and -compatible (RFC 4291 section 2.5.5), by
/// NAT64 (RFC 6052 section 2.1) or 6to4 (RFC 3056 section 2).
std::optional<Four> inner_v4(ByteView six) {
  const auto at = [six](std::size_t offset) {
    Four four;
    std::copy_n(six.begin() + static_cast<std::ptrdiff_t>(offset), 4, four.begin());
    return four;
  };
  if (begins_with(six, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})) return at(12);
  if (begins_with(six, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) return at(12);
  if (begins_with(six, {0x20, 0x02})) return at(2);
  if (begins_with(six, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})) return at(12);
  return std::nullopt;
}

// Where clouds answer machines' questions about themselves, beside 169.254.169.254: Alibaba's, Oracle's.
constexpr Four kCloudsV4[] = {{100, 100, 100, 200}, {192, 0, 0, 192}};
// Amazon's: fd00:ec2::254.
constexpr std::initializer_list<std::uint8_t> kCloudV6 = {0xfd, 0, 0x0e, 0xc2, 0, 0, 0,    0,
                                                          0,    0, 0,    0,    0, 0, 0x02, 0x54};
// RFC 8215: NAT64 of this network's own, where only who set it up knows where the IPv4 address stands.
constexpr std::initializer_list<std::uint8_t> kLocalNat64 = {0, 0x64, 0xff, 0x9b, 0, 1};

bool may_reach(Reach reach, const Four& four) {
  if (std::ranges::find(kCloudsV4, four) != std::end(kCloudsV4)) return false;
  switch (four[0]) {
    case 0:  // "this network" (RFC 1122 section 3.2.1.3): Linux connects to itself
      return false;
    case 127:
      return reach == Reach::NetworkAndLoopback;
    case 169:  // link-local (RFC 3927), where clouds answer machines' questions about themselves
      return four[1] != 254;
    default:
      return four[0] < 224;  // multicast, reserved, broadcast
  }
}

}  // namespace

bool may_reach(Reach reach, const Endpoint& address) {
  if (reach == Reach::Anywhere) return true;
  const ByteView bytes = address.address();
  if (address.is_v4()) return may_reach(reach, Four{bytes[0], bytes[1], bytes[2], bytes[3]});
  if (address.is_loopback()) return reach == Reach::NetworkAndLoopback;
  if (begins_with(bytes, kCloudV6) || begins_with(bytes, kLocalNat64)) return false;
  if (const auto four = inner_v4(bytes)) return may_reach(reach, *four);
  const bool link_local = bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
  return !link_local && bytes[0] != 0xff;
}

bool may_stay(Reach reach, const Endpoint& local, const Endpoint& peer) {
  return reach != Reach::Network || !std::ranges::equal(local.address(), peer.address());
}

}  // namespace jalousie::ingest
