// RTSP over HTTP as one stream: read from the GET's answer, written to the POST's body in Base64
// (rtsp/tunnel.h). Private to ingest.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "io/stream.h"

namespace jalousie::ingest {

class TunnelStream final : public io::Stream {
 public:
  /// Both with their heads behind them. `first` was read after the GET's.
  TunnelStream(std::unique_ptr<io::Stream> get, std::unique_ptr<io::Stream> post, Buffer first);
  ~TunnelStream() override;

  io::Task<Result<std::size_t>> read_some(MutableBytes target, Microseconds timeout) override;
  /// Whole messages: each call's bytes are padded by themselves.
  io::Task<Result<>> write(std::span<const ByteView> parts, Microseconds timeout) override;
  /// The status with which the camera refuses the POST; 0 when it will not. Once, beside the others: most
  /// cameras never answer it, and it waits until then.
  io::Task<int> refusal(Microseconds timeout);
  void limit_unsent(std::size_t bytes) override { post_->limit_unsent(bytes); }
  void close() override;
  Endpoint peer() const override { return get_->peer(); }
  Endpoint local() const override { return get_->local(); }
  bool is_secure() const override { return get_->is_secure(); }

 private:
  std::unique_ptr<io::Stream> get_;
  std::unique_ptr<io::Stream> post_;
  Buffer first_;
  std::size_t taken_ = 0;
};

}  // namespace jalousie::ingest
