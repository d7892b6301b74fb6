#include "deliver/viewer_for_test.h"

#include <cstring>
#include <fstream>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "webrtc/stun.h"

namespace jalousie::deliver {

namespace {

constexpr std::uint32_t kOwnSsrc = 1;

sockaddr_in address_of(const Endpoint& endpoint) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port());
  std::memcpy(&address.sin_addr, endpoint.address().data(), 4);
  return address;
}

/// What stands behind `name` up to the end of the line, or the next blank; of the first line that has it.
std::string value_of(std::string_view sdp, std::string_view name, bool whole_line = true) {
  const auto at = sdp.find(name);
  if (at == std::string_view::npos) return {};
  const auto rest = sdp.substr(at + name.size());
  return std::string(rest.substr(0, rest.find_first_of(whole_line ? "\r\n" : " \r\n")));
}

srtp_t make_srtp(const std::string& key, const std::string& salt, srtp_ssrc_type_t direction) {
  Buffer master = decode_hex(key + salt).value();
  master.resize(16 + 12);  // GCM's salts are of 12 bytes
  srtp_policy_t policy{};
  srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
  srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
  policy.ssrc.type = direction;
  policy.key = master.data();
  policy.window_size = 4096;
  srtp_t session = nullptr;
  EXPECT_EQ(srtp_create(&session, &policy), srtp_err_status_ok);
  return session;
}

}  // namespace

Viewer::Viewer() {
  static const bool ready = srtp_init() == srtp_err_status_ok;
  EXPECT_TRUE(ready);
  socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = address_of(Endpoint::v4({127, 0, 0, 1}, 0));
  EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  socklen_t length = sizeof address;
  EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length), 0);
  endpoint_ = Endpoint::v4({127, 0, 0, 1}, ntohs(address.sin_port));
}

Viewer::~Viewer() {
  if (inbound_ != nullptr) srtp_dealloc(inbound_);
  if (outbound_ != nullptr) srtp_dealloc(outbound_);
  ::close(socket_);
}

std::string Viewer::offer(bool with_rtx) const {
  std::ifstream file(JALOUSIE_SOURCE_DIR "/src/webrtc/offers/chromium_video.sdp");
  std::string sdp;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.starts_with("a=fingerprint:")) line = "a=fingerprint:sha-256 " + dtls_.fingerprint();
    if (!with_rtx && line.starts_with("a=rtpmap:") && line.ends_with(" rtx/90000")) continue;
    sdp += line + "\r\n";
  }
  return sdp;
}

void Viewer::read_answer(std::string_view sdp) {
  ufrag = value_of(sdp, "a=ice-ufrag:");
  password = value_of(sdp, "a=ice-pwd:");
  fingerprint = value_of(sdp, "a=fingerprint:sha-256 ");
  const std::string streams = value_of(sdp, "a=ssrc-group:FID ");
  if (!streams.empty()) {
    ssrc = static_cast<std::uint32_t>(std::stoul(streams));
    rtx_ssrc = static_cast<std::uint32_t>(std::stoul(streams.substr(streams.find(' '))));
  } else {
    ssrc = static_cast<std::uint32_t>(std::stoul(value_of(sdp, "a=ssrc:", false)));
  }
  const std::string formats = value_of(sdp, "UDP/TLS/RTP/SAVPF ");
  payload_type = std::stoi(formats);
  if (formats.find(' ') != std::string::npos) rtx_payload_type = std::stoi(formats.substr(formats.find(' ')));
  const std::string where = value_of(sdp, "a=candidate:");
  char host[64] = {};
  int port = 0;
  EXPECT_EQ(std::sscanf(where.c_str(), "%*s 1 udp %*u %63s %d", host, &port), 2) << where;
  candidate = Endpoint::parse(host, static_cast<std::uint16_t>(port)).value();
}

Buffer Viewer::check() {
  std::array<std::uint8_t, 256> target{};
  webrtc::StunTransaction transaction{};
  transaction[0] = ++transactions_;
  webrtc::StunWriter writer(target, webrtc::StunClass::Request, webrtc::kStunBinding, transaction);
  writer.username(ufrag + ":" + std::string(kUfrag));
  writer.attribute(webrtc::StunAttribute::UseCandidate, {});
  crypto::Hmac key(crypto::HmacHash::Sha1, as_bytes(password));
  writer.message_integrity(key);
  writer.fingerprint();
  const ByteView message = writer.finish();
  return {message.begin(), message.end()};
}

void Viewer::begin_srtp() {
  if (inbound_ != nullptr || !dtls_.connected()) return;
  const auto keys = dtls_.keys(webrtc::SrtpSuite::AeadAes128Gcm);
  inbound_ = make_srtp(keys.server_key, keys.server_salt, ssrc_any_inbound);
  outbound_ = make_srtp(keys.client_key, keys.client_salt, ssrc_any_outbound);
}

Buffer Viewer::protect(ByteView rtcp) {
  begin_srtp();
  std::array<std::uint32_t, 1024> aligned{};
  auto* bytes = reinterpret_cast<std::uint8_t*>(aligned.data());
  std::ranges::copy(rtcp, bytes);
  int length = static_cast<int>(rtcp.size());
  EXPECT_EQ(srtp_protect_rtcp(outbound_, bytes, &length), srtp_err_status_ok);
  return {bytes, bytes + length};
}

Buffer Viewer::nack(const std::vector<std::uint16_t>& sequences) {
  std::array<std::uint8_t, 2048> memory{};
  ByteWriter writer(memory);
  rtp::write_nack(writer, kOwnSsrc, ssrc, sequences);
  return protect(writer.written());
}

Buffer Viewer::picture_loss() {
  std::array<std::uint8_t, 64> memory{};
  ByteWriter writer(memory);
  rtp::write_picture_loss(writer, kOwnSsrc, ssrc);
  return protect(writer.written());
}

Buffer Viewer::bye() {
  std::array<std::uint8_t, 64> memory{};
  ByteWriter writer(memory);
  rtp::write_receiver_report(writer, kOwnSsrc, {});
  rtp::write_bye(writer, kOwnSsrc);
  return protect(writer.written());
}

std::vector<Buffer> Viewer::goodbye() {
  dtls_.close();
  return dtls_.step();
}

void Viewer::send(ByteView datagram, const Endpoint& to) const {
  const sockaddr_in address = address_of(to);
  EXPECT_EQ(::sendto(socket_, datagram.data(), datagram.size(), 0,
                     reinterpret_cast<const sockaddr*>(&address), sizeof address),
            static_cast<ssize_t>(datagram.size()));
}

Buffer Viewer::receive(int patience_ms) {
  pollfd wanted{socket_, POLLIN, 0};
  if (::poll(&wanted, 1, patience_ms) != 1) return {};
  Buffer datagram(2048);
  const ssize_t length = ::recv(socket_, datagram.data(), datagram.size(), 0);
  datagram.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  return datagram;
}

Viewer::Received Viewer::receive_until(ByteView marker, const std::function<void()>& send) {
  Received received;
  for (Buffer datagram = receive(0); !datagram.empty(); datagram = receive(0)) take(datagram, received);
  send();
  while (true) {
    const Buffer datagram = receive();
    if (datagram.empty()) {
      ADD_FAILURE() << "the marker did not come";
      return received;
    }
    if (std::ranges::equal(datagram, marker)) return received;
    take(datagram, received);
  }
}

void Viewer::take(ByteView datagram, Received& into) {
  if (datagram[0] < 4) {  // RFC 7983
    ++into.stun;
    return;
  }
  if (datagram[0] < 64) {
    ++into.dtls;
    dtls_.feed(datagram);
    return;
  }
  begin_srtp();
  std::array<std::uint32_t, 512> aligned{};
  auto* bytes = reinterpret_cast<std::uint8_t*>(aligned.data());
  std::ranges::copy(datagram, bytes);
  int length = static_cast<int>(datagram.size());
  const bool is_rtcp = rtp::is_rtcp(datagram);
  const Buffer sealed(datagram.begin(), datagram.end());
  if (inbound_ == nullptr ||
      (is_rtcp ? srtp_unprotect_rtcp : srtp_unprotect)(inbound_, bytes, &length) != srtp_err_status_ok) {
    into.refused.push_back(sealed);
    return;
  }
  const ByteView clear(bytes, static_cast<std::size_t>(length));
  if (is_rtcp) {
    for (auto& packet : rtp::parse_rtcp(clear).value()) into.rtcp.push_back(std::move(packet));
    return;
  }
  const auto view = rtp::PacketView::parse(clear).value();
  into.rtp.push_back({view, Buffer(view.payload.begin(), view.payload.end()), sealed});
}

}  // namespace jalousie::deliver
