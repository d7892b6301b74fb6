#include "deliver/udp_mux.h"

#include "webrtc/stun.h"

namespace jalousie::deliver {

namespace {
// A session's peer moves now and then; an entry is forgotten with its session at the latest.
constexpr std::size_t kEndpoints = 65536;
}  // namespace

Result<std::unique_ptr<UdpMux>> UdpMux::start(io::Loop& loop, const Endpoint& at, Metrics& metrics) {
  TRY(auto socket, io::UdpSocket::bind(loop, at));
  auto mux = std::make_unique<UdpMux>(loop, std::move(socket), metrics);
  loop.post([raw = mux.get()] {
    raw->socket_->receive(
        [raw](MutableBytes datagram, const Endpoint& from) { raw->on_datagram(datagram, from); });
  });
  return mux;
}

UdpMux::UdpMux(io::Loop& loop, std::unique_ptr<io::UdpSocket> socket, Metrics& metrics)
    : loop_(loop),
      socket_(std::move(socket)),
      unknown_(metrics.counter("jalousie_deliver_unknown_datagrams_total",
                               "Datagrams that belong to no session")) {}

UdpMux::~UdpMux() = default;

void UdpMux::add(std::string fragment, Route route) {
  loop_.post([this, fragment = std::move(fragment),
              shared = std::make_shared<const Route>(std::move(route))]() mutable {
    by_fragment_[std::move(fragment)] = std::move(shared);
  });
}

void UdpMux::bind(const Endpoint& from, const std::string& fragment) {
  loop_.post([this, from, fragment] {
    const auto found = by_fragment_.find(fragment);
    if (found == by_fragment_.end() || by_endpoint_.size() >= kEndpoints) return;
    by_endpoint_[from] = {fragment, found->second};
  });
}

void UdpMux::unbind(const Endpoint& from, const std::string& fragment) {
  loop_.post([this, from, fragment] {
    const auto found = by_endpoint_.find(from);
    if (found != by_endpoint_.end() && found->second.first == fragment) by_endpoint_.erase(found);
  });
}

void UdpMux::remove(const std::string& fragment) {
  loop_.post([this, fragment] {
    by_fragment_.erase(fragment);
    std::erase_if(by_endpoint_, [&](const auto& entry) { return entry.second.first == fragment; });
  });
}

void UdpMux::on_datagram(MutableBytes datagram, const Endpoint& from) {
  // A STUN request names its session; an address alone could be one that a new session has taken over.
  if (const auto fragment = webrtc::stun_username_fragment(datagram)) {
    const auto found = by_fragment_.find(std::string(*fragment));
    if (found == by_fragment_.end()) {
      unknown_.add();
      return;
    }
    const SharedRoute route = found->second;
    (*route)(datagram, from);
    return;
  }
  const auto found = by_endpoint_.find(from);
  if (found == by_endpoint_.end()) {
    unknown_.add();
    return;
  }
  const SharedRoute route = found->second.second;
  (*route)(datagram, from);
}

}  // namespace jalousie::deliver
