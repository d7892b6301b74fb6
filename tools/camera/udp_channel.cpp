#include "camera/udp_channel.h"

#include <algorithm>

namespace jalousie::camera {
namespace {

// 16 packets of 1.4 kB every 2 ms are 90 Mbit/s, a camera's 100BASE-TX.
constexpr std::size_t kAtOnce = 16;
constexpr Milliseconds kPause{2};
constexpr std::size_t kMostWaiting = 8'192;  // packets
constexpr int kAttempts = 50;

std::uint16_t even_port(RandomSource& random) {
  std::array<std::uint8_t, 2> bytes{};
  random.fill(bytes);
  return static_cast<std::uint16_t>(20'000 + (ByteReader(bytes).u16() % 20'000) * 2);
}

Result<Endpoint> with_port(const Endpoint& endpoint, std::uint16_t port) {
  return Endpoint::parse(endpoint.address_text(), port);
}

}  // namespace

Result<std::unique_ptr<UdpChannel>> UdpChannel::open(io::Loop& loop, RandomSource& random,
                                                     const Endpoint& local, const Endpoint& client,
                                                     const rtsp::Pair& client_ports,
                                                     std::function<void()> heard) {
  TRY(const auto to_rtp, with_port(client, client_ports.rtp));
  TRY(const auto to_rtcp, with_port(client, client_ports.rtcp));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto port = even_port(random);
    TRY(const auto at_rtp, with_port(local, port));
    TRY(const auto at_rtcp, with_port(local, static_cast<std::uint16_t>(port + 1)));
    auto rtp = io::UdpSocket::bind(loop, at_rtp);
    if (!rtp) continue;
    auto rtcp = io::UdpSocket::bind(loop, at_rtcp);
    if (!rtcp) continue;
    // Players open their firewall by a packet to the RTP port; nothing in it is of interest.
    (*rtp)->receive([](MutableBytes, const Endpoint&) {});
    (*rtcp)->receive([call = std::move(heard), to_rtcp](MutableBytes, const Endpoint& from) {
      if (std::ranges::equal(from.address(), to_rtcp.address())) call();
    });
    return std::make_unique<UdpChannel>(loop, *std::move(rtp), *std::move(rtcp), to_rtp, to_rtcp);
  }
  return fail(ErrorKind::ResourceExhausted, "no free pair of UDP ports between 20000 and 59999");
}

UdpChannel::UdpChannel(io::Loop& loop, std::unique_ptr<io::UdpSocket> rtp,
                       std::unique_ptr<io::UdpSocket> rtcp, Endpoint to_rtp, Endpoint to_rtcp)
    : rtp_(std::move(rtp)), rtcp_(std::move(rtcp)), to_rtp_(to_rtp), to_rtcp_(to_rtcp), timer_(loop) {}

void UdpChannel::send(rtp::PacketBatch& packets) {
  for (const auto& packet : packets.packets()) {
    if (waiting_.size() < kMostWaiting) waiting_.emplace_back(packet.begin(), packet.end());
  }
  if (!pacing_) let_out();
}

void UdpChannel::let_out() {
  std::array<ByteView, kAtOnce> some;
  const auto count = std::min(waiting_.size(), kAtOnce);
  std::copy_n(waiting_.begin(), count, some.begin());
  rtp_->send(to_rtp_, std::span(some).first(count));
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  pacing_ = !waiting_.empty();
  if (pacing_) timer_.start(kPause, [this] { let_out(); });
}

void UdpChannel::send_rtcp(ByteView compound) { rtcp_->send(to_rtcp_, {&compound, 1}); }

}  // namespace jalousie::camera
