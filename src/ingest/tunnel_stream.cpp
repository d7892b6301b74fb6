#include "ingest/tunnel_stream.h"

#include <algorithm>

#include "base/wipe_at_end.h"
#include "rtsp/tunnel.h"

namespace jalousie::ingest {

TunnelStream::TunnelStream(std::unique_ptr<io::Stream> get, std::unique_ptr<io::Stream> post, Buffer first)
    : get_(std::move(get)), post_(std::move(post)), first_(std::move(first)) {}

TunnelStream::~TunnelStream() { wipe(first_); }

io::Task<Result<std::size_t>> TunnelStream::read_some(MutableBytes target, Microseconds timeout) {
  if (taken_ < first_.size()) {
    const auto count = std::min(target.size(), first_.size() - taken_);
    std::copy_n(first_.begin() + static_cast<std::ptrdiff_t>(taken_), count, target.begin());
    taken_ += count;
    co_return count;
  }
  co_return co_await get_->read_some(target, timeout);
}

io::Task<Result<>> TunnelStream::write(std::span<const ByteView> parts, Microseconds timeout) {
  // Requests carry the answer to the camera's question for a password.
  std::size_t total = 0;
  for (const auto part : parts) total += part.size();
  Buffer whole;
  const WipeAtEnd wiped(whole);
  whole.reserve(total);
  for (const auto part : parts) whole.insert(whole.end(), part.begin(), part.end());
  auto coded = rtsp::encode_tunnelled(whole);
  const WipeAtEnd coded_wiped(coded);
  const ByteView one[] = {as_bytes(coded)};
  co_return co_await post_->write(one, timeout);
}

io::Task<int> TunnelStream::refusal(Microseconds timeout) {
  Buffer got;
  Buffer piece(1024);
  while (true) {
    const auto count = co_await post_->read_some(piece, timeout);
    if (!count || *count == 0) co_return 0;
    got.insert(got.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*count));
    const auto reply = rtsp::parse_tunnel_reply(got);
    if (!reply) co_return 0;
    if (*reply) co_return (*reply)->status / 100 == 2 ? 0 : (*reply)->status;
  }
}

void TunnelStream::close() {
  post_->close();
  get_->close();
}

}  // namespace jalousie::ingest
