// The sender's half of RTCP for one stream: what was sent of it, said before the first unit and then every
// five seconds (RFC 3550 section 6.4.1), and that it ends. No sockets.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/time.h"
#include "rtp/packet_batch.h"

namespace jalousie::camera {

class SenderReports {
 public:
  explicit SenderReports(std::uint32_t ssrc) : ssrc_(ssrc) {}

  void count(const rtp::PacketBatch& sent);
  /// A compound of report and CNAME, when one is due at `now`, for the unit that goes next.
  std::optional<Buffer> report(UtcTime taken, std::uint32_t rtp_time, SteadyTime now);
  Buffer bye() const;

 private:
  std::uint32_t ssrc_;
  std::uint32_t packets_ = 0;
  std::uint32_t octets_ = 0;
  std::optional<SteadyTime> next_;
};

}  // namespace jalousie::camera
