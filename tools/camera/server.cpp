#include "camera/server.h"

#include "base/log.h"

namespace jalousie::camera {
namespace {

constexpr std::size_t kClients = 64;
constexpr Seconds kHandshakeLimit{10};
constexpr Milliseconds kAfterFailure{100};  // no descriptors left, most likely

}  // namespace

Server::Server(const Services& services, std::unique_ptr<io::TcpListener> listener)
    : services_(services),
      listener_(std::move(listener)),
      tunnels_(services.loop),
      clients_(services.loop),
      acceptor_(services.loop) {}

Result<std::unique_ptr<Server>> Server::start(const Services& services, const Endpoint& at) {
  TRY(auto listener, io::TcpListener::listen(services.loop, at));
  auto server = std::make_unique<Server>(services, std::move(listener));
  server->acceptor_.spawn(server->accept());
  return server;
}

io::Task<> Server::accept() {
  while (true) {
    auto stream = co_await listener_->accept();
    if (!stream) {
      if (stream.error().kind() == ErrorKind::Cancelled) co_return;
      log::warn("camera", "cannot accept", {{"reason", stream.error().message()}});
      co_await io::sleep_for(kAfterFailure);
    } else if (clients_.size() >= kClients) {
      log::warn("camera", "too many clients", {{"peer", (*stream)->peer().to_string()}});
    } else {
      clients_.spawn(serve(*std::move(stream)));
    }
  }
}

io::Task<> Server::serve(std::unique_ptr<io::Stream> stream) {
  if (services_.tls) {
    auto secure = co_await io::accept_tls(std::move(stream), services_.tls, kHandshakeLimit);
    if (!secure) {
      log::warn("camera", "no TLS", {{"reason", secure.error().message()}});
      co_return;
    }
    stream = *std::move(secure);
  }
  if (services_.http_tunnel) stream = co_await tunnels_.enter(std::move(stream));
  if (!stream) co_return;
  Connection connection(services_, std::move(stream));
  co_await connection.serve();
}

io::Task<> Server::close() {
  listener_->close();
  co_await acceptor_.close();
  co_await clients_.close();
}

}  // namespace jalousie::camera
