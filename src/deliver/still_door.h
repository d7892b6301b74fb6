// The door of stills: a request from somebody signed in becomes a grant of its own, a glimpse under it, a
// JPEG by that home's decoder, and is over. Nothing is kept for the next one, and nothing is shared between
// people. The API authenticates and hands over; requests are served on the loop that they came in on.
#pragma once

#include <expected>
#include <memory>
#include <optional>

#include "base/metrics.h"
#include "codec/wiped_buffer.h"
#include "decode/decoders.h"
#include "deliver/still_budget.h"
#include "deliver/viewing_desk.h"
#include "io/workers.h"
#include "stream/glimpse.h"
#include "stream/hub.h"

namespace jalousie::deliver {

struct Still {
  codec::WipedBuffer jpeg;
  UtcTime capture{};
};

/// Why there is none. `granted`: the asker had the right to see that camera, under this label, when it was
/// looked for; nothing: they may know no more of it than the error says.
struct NoStill {
  Error error;
  std::optional<seal::Label> granted{};
};

class StillDoor {
 public:
  struct Parts {
    stream::Hub& hub;
    io::Workers& workers;
    stream::GrantOffice& office;
    AskGrant ask_grant;
    decode::Decoders& decoders;
    const Clock& clock;
    Metrics& metrics;
  };
  explicit StillDoor(Parts parts);
  StillDoor(const StillDoor&) = delete;
  StillDoor& operator=(const StillDoor&) = delete;

  /// What `camera` sees now. `width`: of the picture, at most; 0: as it is. The keeper's errors; Unavailable
  /// or DataLoss where there is no picture, ResourceExhausted over the session's budget. A right that ends
  /// meanwhile ends it with what the keeper would have said.
  io::Task<std::expected<Still, NoStill>> still(keeper::Principal principal, CameraId camera,
                                                std::uint16_t width);

 private:
  struct Pending;
  class Admitted;
  io::Task<std::expected<Still, NoStill>> make(keeper::Principal principal, CameraId camera,
                                               std::uint16_t width);
  io::Task<Result<Still>> draw(stream::Glimpse& glimpse, std::uint16_t width);

  Parts parts_;
  StillBudget budget_;  // on the first shard's loop
  Counter& shown_;
  Counter& not_shown_;
};

}  // namespace jalousie::deliver
