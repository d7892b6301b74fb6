#include "ingest/way.h"

#include <algorithm>

#include "base/wipe_at_end.h"
#include "ingest/problems.h"
#include "ingest/tunnel_stream.h"
#include "rtsp/auth.h"
#include "rtsp/tunnel.h"

namespace jalousie::ingest {

namespace {

constexpr int kHttpTries = 3;  // one to be asked for a password, one to give it, one for a stale nonce
constexpr std::uint16_t kRtspPort = 554;
constexpr std::uint16_t kRtspsPort = 322;

class Due {
 public:
  Due(const Clock& clock, Microseconds timeout) : clock_(clock), at_(clock.steady() + timeout) {}
  Microseconds left() const { return std::max(at_ - clock_.steady(), Microseconds(1)); }

 private:
  const Clock& clock_;
  SteadyTime at_;
};

/// TCP to `host`, and TLS over it to the way's, where the certificate `pinned` is trusted. `way` and `due`
/// live in the caller's frame.
io::Task<std::expected<Reached, Problem>> connect(const Way& way, std::string host, std::string pinned,
                                                  const Due& due) {
  auto tcp = co_await io::connect_tcp(
      std::move(host), way.port(), due.left(),
      [reach = way.reach](const Endpoint& address) { return may_reach(reach, address); });
  if (!tcp && way.reach != Reach::Anywhere && tcp.error().kind() == ErrorKind::PermissionDenied)
    co_return std::unexpected(problems::not_allowed());
  if (!tcp) co_return std::unexpected(problems::unreachable(tcp.error(), way.url.host, way.port()));
  if (!may_stay(way.reach, (*tcp)->local(), (*tcp)->peer())) {
    (*tcp)->close();
    // In the words of a closed port: which of this machine's are open is nobody's to learn.
    co_return std::unexpected(problems::nothing_there(way.transport));
  }
  if (!way.url.secure) co_return Reached{*std::move(tcp), {}, nullptr};
  auto tls = co_await io::connect_tls(*std::move(tcp), way.url.host, due.left());
  if (!tls) co_return std::unexpected(problems::no_tls(tls.error()));
  const bool is_known = !pinned.empty() && tls->fingerprint == pinned;
  const bool is_first = pinned.empty() && way.trusts_first;
  if (is_known || is_first || tls->is_verified)
    co_return Reached{std::move(tls->stream), std::move(tls->fingerprint), nullptr};
  tls->stream->close();
  co_return std::unexpected(way.trusts_first ? problems::certificate_changed(tls->fingerprint)
                                             : problems::certificate_of_redirect(way.url.host));
}

std::string host_header(const Way& way) {
  const bool is_v6 = way.url.host.find(':') != std::string::npos;
  auto host = is_v6 ? "[" + way.url.host + "]" : way.url.host;
  if (way.port() != (way.url.secure ? 443 : 80)) host += ":" + std::to_string(way.port());
  return host;
}

struct Answer {
  rtsp::TunnelReply reply;
  Buffer rest;  // what the camera said after the head
};

io::Task<std::expected<Answer, Problem>> read_answer(io::Stream& stream, const Due& due) {
  Buffer got;
  Buffer piece(4096);
  while (true) {
    const auto count = co_await stream.read_some(piece, due.left());
    if (!count || *count == 0) co_return std::unexpected(problems::no_tunnel(0));
    got.insert(got.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*count));
    auto reply = rtsp::parse_tunnel_reply(got);
    if (!reply) co_return std::unexpected(problems::no_tunnel(0));
    if (!*reply) continue;
    Buffer rest(got.begin() + static_cast<std::ptrdiff_t>((*reply)->size), got.end());
    wipe(got);
    co_return Answer{**std::move(reply), std::move(rest)};
  }
}

Problem problem_of(rtsp::Authenticator::Verdict verdict) {
  using Verdict = rtsp::Authenticator::Verdict;
  const auto kind = verdict == Verdict::WrongPassword   ? rtsp::FailureKind::WrongPassword
                    : verdict == Verdict::NoCredentials ? rtsp::FailureKind::CredentialsNeeded
                                                        : rtsp::FailureKind::AuthUnsupported;
  return problems::of({kind, 401, ""}, Transport::Http);
}

/// The second half, once the first is open: there is no answer to wait for, but there may be a refusal.
io::Task<std::expected<Reached, Problem>> open_post(const Way& way, Reached get, Buffer rest,
                                                    std::string cookie, std::string authorization,
                                                    const Due& due) {
  const WipeAtEnd wiped(authorization);
  // Both halves end at the same camera: its name is not looked up again.
  auto pinned = get.certificate.empty() ? way.pinned : get.certificate;
  auto post = co_await connect(way, get.stream->peer().address_text(), std::move(pinned), due);
  if (!post) co_return std::unexpected(post.error());
  auto head =
      rtsp::write_tunnel_request(rtsp::TunnelHalf::Post, way.url, host_header(way), cookie, authorization);
  const WipeAtEnd head_wiped(head);
  if (!co_await post->stream->write(as_bytes(head), due.left()))
    co_return std::unexpected(problems::connection_cut());
  auto tunnel =
      std::make_unique<TunnelStream>(std::move(get.stream), std::move(post->stream), std::move(rest));
  get.tunnel = tunnel.get();
  get.stream = std::move(tunnel);
  co_return std::move(get);
}

io::Task<std::expected<Reached, Problem>> open_tunnel(const Way& way, const Due& due, RandomSource& random) {
  rtsp::Authenticator authenticator(way.username, way.password, random);
  const auto path = rtsp::tunnel_path(way.url);
  for (int i = 0; i < kHttpTries; ++i) {
    const auto cookie = rtsp::make_tunnel_cookie(random);
    auto get = co_await connect(way, way.url.host, way.pinned, due);
    if (!get) co_return std::unexpected(get.error());
    auto authorization = authenticator.authorization("GET", path).value_or("");
    const WipeAtEnd wiped(authorization);
    auto head =
        rtsp::write_tunnel_request(rtsp::TunnelHalf::Get, way.url, host_header(way), cookie, authorization);
    const WipeAtEnd head_wiped(head);
    if (!co_await get->stream->write(as_bytes(head), due.left()))
      co_return std::unexpected(problems::no_tunnel(0));
    auto answer = co_await read_answer(*get->stream, due);
    if (!answer) co_return std::unexpected(answer.error());
    if (answer->reply.status == 401) {
      const auto verdict = authenticator.challenged(answer->reply.headers.find_all("WWW-Authenticate"));
      if (verdict != rtsp::Authenticator::Verdict::TryAgain) co_return std::unexpected(problem_of(verdict));
      continue;
    }
    if (answer->reply.status != 200 || answer->reply.is_text())
      co_return std::unexpected(problems::no_tunnel(answer->reply.status));
    authenticator.accepted();
    co_return co_await open_post(way, *std::move(get), std::move(answer->rest), cookie,
                                 authenticator.authorization("POST", path).value_or(""), due);
  }
  co_return std::unexpected(problem_of(rtsp::Authenticator::Verdict::WrongPassword));
}

}  // namespace

std::uint16_t Way::port() const {
  if (transport != Transport::Http) return url.port;
  if (url.secure) return url.port == kRtspsPort ? 443 : url.port;
  return url.port == kRtspPort ? 80 : url.port;
}

io::Task<std::expected<Reached, Problem>> open_way(const Way& way, Microseconds timeout, const Clock& clock,
                                                   RandomSource& random) {
  const Due due(clock, timeout);
  if (way.transport != Transport::Http) co_return co_await connect(way, way.url.host, way.pinned, due);
  co_return co_await open_tunnel(way, due, random);
}

}  // namespace jalousie::ingest
