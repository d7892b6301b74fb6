// What a WebSocket's client sends, whole and in pieces: both must give the same, within the limits.
#include "http/web_socket_frame.h"

#include <algorithm>
#include <vector>

#include "base/assert.h"

namespace {

using jalousie::ByteView;
using jalousie::http::FrameReader;
using jalousie::http::Opcode;
using jalousie::http::Received;

constexpr std::size_t kMost = 300;

struct Outcome {
  std::vector<Received> received;
  int fault = 0;
};

Outcome read(ByteView input, std::size_t step) {
  FrameReader reader(kMost);
  Outcome outcome;
  while (!input.empty()) {
    const auto used = reader.feed(input.first(std::min(step, input.size())));
    if (!used) {
      outcome.fault = static_cast<int>(used.error().code);
      JAL_ASSERT(outcome.fault >= 1002 && outcome.fault <= 1009 && !used.error().reason.empty());
      return outcome;
    }
    JAL_ASSERT(*used > 0);
    input = input.subspan(*used);
    auto received = reader.take();
    if (!received) continue;
    JAL_ASSERT(received->payload.size() <= (received->opcode >= Opcode::Close ? 125 : kMost));
    JAL_ASSERT(received->opcode != Opcode::Continuation);
    outcome.received.push_back(*std::move(received));
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView input(data + 1, size - 1);
  const Outcome whole = read(input, size);
  const Outcome pieces = read(input, 1 + data[0] % 16);
  JAL_ASSERT(whole.fault == pieces.fault && whole.received.size() == pieces.received.size());
  for (std::size_t i = 0; i < whole.received.size(); ++i) {
    JAL_ASSERT(whole.received[i].opcode == pieces.received[i].opcode);
    JAL_ASSERT(whole.received[i].payload == pieces.received[i].payload);
    JAL_ASSERT(whole.received[i].code == pieces.received[i].code);
  }
  return 0;
}
