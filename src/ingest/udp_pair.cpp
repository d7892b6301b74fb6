#include "ingest/udp_pair.h"

#include <array>

namespace jalousie::ingest {

namespace {
// Unprivileged, and wide enough for every camera of a server: 16384 to 60383.
constexpr std::uint16_t kLowest = 16384;
constexpr std::uint16_t kPairs = 22'000;
constexpr int kTries = 64;
}  // namespace

Result<UdpPair> bind_pair(io::Loop& loop, const Endpoint& local, RandomSource& random) {
  const auto address = local.address_text();
  for (int i = 0; i < kTries; ++i) {
    std::array<std::uint8_t, 2> bytes{};
    random.fill(bytes);
    const auto port = static_cast<std::uint16_t>(kLowest + 2 * (ByteReader(bytes).u16() % kPairs));
    TRY(const auto at, Endpoint::parse(address, port));
    TRY(const auto next, Endpoint::parse(address, static_cast<std::uint16_t>(port + 1)));
    auto rtp = io::UdpSocket::bind(loop, at);
    if (!rtp) continue;
    auto rtcp = io::UdpSocket::bind(loop, next);
    if (rtcp) return UdpPair{*std::move(rtp), *std::move(rtcp)};
  }
  return fail(ErrorKind::ResourceExhausted, "no free pair of UDP ports");
}

}  // namespace jalousie::ingest
