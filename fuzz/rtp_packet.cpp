// RTP packets: what parses lies within its bytes, can be written again, sent again and put into order.
#include <cstdlib>

#include "rtp/packet.h"
#include "rtp/reorder_buffer.h"
#include "rtp/rtx.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jalousie;
  const ByteView bytes(data, size);
  static_cast<void>(rtp::is_rtcp(bytes));
  const auto packet = rtp::PacketView::parse(bytes);
  rtp::PacketBatch batch;
  rtp::ReorderBuffer reorder(4);
  const SteadyTime now{Seconds(1)};
  if (rtp::append_rtx(batch, bytes, 1, 2, 3).has_value() != packet.has_value()) std::abort();
  if (reorder.push(bytes, now).has_value() != packet.has_value()) std::abort();
  if (!packet) return 0;
  if (packet->header_bytes + packet->payload.size() > size) std::abort();
  const auto again = rtp::PacketView::parse(batch.packet(0));
  if (!again || again->timestamp != packet->timestamp || again->marker != packet->marker) std::abort();
  if (again->payload.size() != packet->payload.size() + 2) std::abort();
  const auto popped = reorder.pop(now);
  if (!popped || as_text(*popped) != as_text(bytes)) std::abort();
  return 0;
}
