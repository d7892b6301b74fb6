// Serves a small JSON and 64 KiB on one loop, for a load client: bench_http_server [CERTIFICATE KEY]. Prints
// its address and runs until a signal ends it:
//
//   wrk -t1 -c50 -d10 http://127.0.0.1:PORT/json
#include <cstdio>

#include <fmt/format.h>

#include "http/server.h"
#include "io/loop_thread.h"
#include "io/signals.h"

namespace jalousie {
namespace {

io::Task<http::Response> small() {
  co_return http::Response::json(200,
                                 R"({"id":"000102030405060708090a0b0c0d0e0f","name":"Door","state":"live"})");
}

io::Task<http::Response> large(ByteView bytes) {
  http::Response response;
  response.borrowed_body = bytes;
  co_return response;
}

io::Task<int> wait_for_signal(io::Loop& loop) {
  io::SignalWaiter signals(loop);
  co_return co_await signals.wait();
}

int serve(int argc, char** argv) {
  const Buffer body(64 * 1024, 'b');
  http::Router router;
  router.add("GET", "/json", [](http::Request) { return small(); });
  router.add("GET", "/large", [&body](http::Request) { return large(body); });
  Metrics metrics;
  io::LoopThread thread;
  http::Server::Options options;
  options.listen = Endpoint::v4({127, 0, 0, 1}, 0);
  if (argc == 3) {
    auto context = io::TlsServerContext::load(argv[1], argv[2]);
    if (!context) {
      fmt::print(stderr, "{}\n", context.error().message());
      return 1;
    }
    options.tls = *std::move(context);
  }
  io::Loop* const loops[] = {&thread.loop()};
  const auto server = http::Server::start(loops, router, metrics, std::move(options));
  if (!server) {
    fmt::print(stderr, "{}\n", server.error().message());
    return 1;
  }
  fmt::print("{}\n", (*server)->local().to_string());
  std::fflush(stdout);
  io::run_and_wait(thread.loop(), wait_for_signal(thread.loop()));
  return 0;
}

}  // namespace
}  // namespace jalousie

int main(int argc, char** argv) { return jalousie::serve(argc, argv); }
