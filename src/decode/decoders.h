// Pictures from what cameras sent, decoded in child processes that are walled in, one per home
// (docs/design/decoder-sandbox.md). A child of one home never sees a byte of another. What is decoded here is
// clear, comes from one viewer's request and goes back to it; nothing is kept.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/time.h"
#include "codec/wiped_buffer.h"
#include "decode/request.h"
#include "io/loop.h"
#include "io/workers.h"

namespace jalousie::decode {

struct Picture {
  codec::WipedBuffer jpeg;
  std::uint16_t unit = 0;  // which of the request's units it shows, by the child's word
  std::uint16_t width = 0;
  std::uint16_t height = 0;
};

class Decoders {
 public:
  struct Parts {
    io::Workers& workers;
    const Clock& clock;
    RandomSource& random;
    Metrics& metrics;
    std::string program;  // the path of jalousie-decode
  };
  /// A home's child is talked to on one of `loops`, always the same.
  Decoders(std::span<io::Loop* const> loops, Parts parts);
  ~Decoders();
  Decoders(const Decoders&) = delete;
  Decoders& operator=(const Decoders&) = delete;

  /// From any loop. Unavailable when the decoder failed or may not be started yet, DataLoss when nothing
  /// undamaged came out, or what did is too large, or the libraries lack the codec, as its message says,
  /// ResourceExhausted when too many wait. Not interrupted by cancellation, but it ends within seconds.
  io::Task<Result<Picture>> decode(HomeId home, Request request);
  /// Ends all children; what is under way fails. From a thread that is not a loop's, while they and the
  /// workers run.
  void close();

 private:
  struct Corner;
  std::unique_ptr<struct Workshop> workshop_;
  std::vector<std::unique_ptr<Corner>> corners_;
};

}  // namespace jalousie::decode
