#include "camera/tunnel_door.h"

#include <algorithm>

#include "base/bytes.h"
#include "rtsp/tunnel.h"

namespace jalousie::camera {
namespace {

constexpr Seconds kHeadLimit{10};
constexpr Seconds kPostLimit{10};
constexpr std::size_t kTunnels = 64;
constexpr std::string_view kWelcome =
    "HTTP/1.0 200 OK\r\nCache-Control: no-store\r\nPragma: no-cache\r\nConnection: close\r\n"
    "Content-Type: application/x-rtsp-tunnelled\r\n\r\n";

/// A stream of which something was read already.
class Begun final : public io::Stream {
 public:
  Begun(std::unique_ptr<io::Stream> stream, Buffer first)
      : stream_(std::move(stream)), first_(std::move(first)) {}
  io::Task<Result<std::size_t>> read_some(MutableBytes target, Microseconds timeout) override {
    if (taken_ == first_.size()) co_return co_await stream_->read_some(target, timeout);
    const auto count = std::min(target.size(), first_.size() - taken_);
    std::copy_n(first_.begin() + static_cast<std::ptrdiff_t>(taken_), count, target.begin());
    taken_ += count;
    co_return count;
  }
  io::Task<Result<>> write(std::span<const ByteView> parts, Microseconds timeout) override {
    co_return co_await stream_->write(parts, timeout);
  }
  void limit_unsent(std::size_t bytes) override { stream_->limit_unsent(bytes); }
  void close() override { stream_->close(); }
  Endpoint peer() const override { return stream_->peer(); }
  Endpoint local() const override { return stream_->local(); }
  bool is_secure() const override { return stream_->is_secure(); }

 private:
  std::unique_ptr<io::Stream> stream_;
  Buffer first_;
  std::size_t taken_ = 0;
};

/// Written to the GET, read from the POST.
class Tunnel final : public io::Stream {
 public:
  Tunnel(std::unique_ptr<io::Stream> get, std::unique_ptr<io::Stream> post)
      : get_(std::move(get)), post_(std::move(post)) {}
  io::Task<Result<std::size_t>> read_some(MutableBytes target, Microseconds timeout) override {
    while (taken_ == plain_.size()) {
      Buffer coded(std::min<std::size_t>(target.size(), 4096));
      CO_TRY(const std::size_t count, co_await post_->read_some(coded, timeout));
      if (count == 0) co_return std::size_t{0};
      CO_TRY(plain_, decoder_.feed(ByteView(coded).first(count)));
      taken_ = 0;
    }
    const auto count = std::min(target.size(), plain_.size() - taken_);
    std::copy_n(plain_.begin() + static_cast<std::ptrdiff_t>(taken_), count, target.begin());
    taken_ += count;
    co_return count;
  }
  io::Task<Result<>> write(std::span<const ByteView> parts, Microseconds timeout) override {
    co_return co_await get_->write(parts, timeout);
  }
  void limit_unsent(std::size_t bytes) override { get_->limit_unsent(bytes); }
  void close() override {
    post_->close();
    get_->close();
  }
  Endpoint peer() const override { return get_->peer(); }
  Endpoint local() const override { return get_->local(); }
  bool is_secure() const override { return get_->is_secure(); }

 private:
  std::unique_ptr<io::Stream> get_;
  std::unique_ptr<io::Stream> post_;
  rtsp::TunnelDecoder decoder_;
  Buffer plain_;
  std::size_t taken_ = 0;
};

}  // namespace

struct TunnelDoor::Waiting {
  Waiting(TunnelDoor& of, std::string key) : door(of), cookie(std::move(key)), came(of.loop_) {
    door.waiting_[cookie] = this;
  }
  ~Waiting() {
    const auto found = door.waiting_.find(cookie);
    if (found != door.waiting_.end() && found->second == this) door.waiting_.erase(found);
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  TunnelDoor& door;
  std::string cookie;
  io::Event came;
  std::unique_ptr<io::Stream> post;
};

io::Task<std::unique_ptr<io::Stream>> TunnelDoor::enter(std::unique_ptr<io::Stream> stream) {
  Buffer got;
  Buffer piece(4096);
  while (true) {
    const auto count = co_await stream->read_some(piece, kHeadLimit);
    if (!count || *count == 0) co_return nullptr;
    got.insert(got.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*count));
    auto request = rtsp::parse_tunnel_request(got);
    if (!request) co_return std::make_unique<Begun>(std::move(stream), std::move(got));
    if (!*request) continue;
    got.erase(got.begin(), got.begin() + static_cast<std::ptrdiff_t>((*request)->size));
    const std::string cookie((*request)->cookie());
    if ((*request)->half == rtsp::TunnelHalf::Get)
      co_return co_await wait_for_post(std::move(stream), cookie);
    const auto waiting = waiting_.find(cookie);
    if (waiting == waiting_.end() || waiting->second->post) co_return nullptr;
    waiting->second->post = std::make_unique<Begun>(std::move(stream), std::move(got));
    waiting->second->came.notify();
    co_return nullptr;
  }
}

io::Task<std::unique_ptr<io::Stream>> TunnelDoor::wait_for_post(std::unique_ptr<io::Stream> get,
                                                                std::string cookie) {
  if (cookie.empty() || waiting_.size() >= kTunnels || waiting_.contains(cookie)) {
    static_cast<void>(co_await get->write(as_bytes("HTTP/1.0 400 Bad Request\r\n\r\n"), kHeadLimit));
    co_return nullptr;
  }
  Waiting waiting(*this, std::move(cookie));
  if (!co_await get->write(as_bytes(kWelcome), kHeadLimit)) co_return nullptr;
  static_cast<void>(co_await waiting.came.wait(kPostLimit));
  if (!waiting.post) co_return nullptr;
  co_return std::make_unique<Tunnel>(std::move(get), std::move(waiting.post));
}

}  // namespace jalousie::camera
