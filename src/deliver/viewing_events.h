// What a page is told about its viewings: which capture time an RTP timestamp stands for, and why one ended.
// Sinks are called on a viewing's loop and must not block.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "base/time.h"
#include "keeper/grant.h"

namespace jalousie::deliver {

class ViewingEventSink {
 public:
  virtual ~ViewingEventSink() = default;
  virtual void picture_time(SessionId owner, ViewingId viewing, std::uint32_t rtp_timestamp,
                            UtcTime capture) = 0;
  virtual void viewing_ended(SessionId owner, ViewingId viewing, keeper::EndReason reason) = 0;
};

}  // namespace jalousie::deliver
