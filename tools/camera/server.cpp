#include "camera/server.h"

#include "base/log.h"

namespace jalousie::camera {
namespace {

constexpr std::size_t kClients = 64;
constexpr Milliseconds kAfterFailure{100};  // no descriptors left, most likely

}  // namespace

Server::Server(const Services& services, std::unique_ptr<io::TcpListener> listener)
    : services_(services),
      listener_(std::move(listener)),
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
      clients_.spawn(serve(services_, *std::move(stream)));
    }
  }
}

io::Task<> Server::serve(const Services& services, std::unique_ptr<io::Stream> stream) {
  Connection connection(services, std::move(stream));
  co_await connection.serve();
}

io::Task<> Server::close() {
  listener_->close();
  co_await acceptor_.close();
  co_await clients_.close();
}

}  // namespace jalousie::camera
