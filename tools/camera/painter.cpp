#include "camera/painter.h"

#include <algorithm>

#include <fmt/format.h>

#include "camera/font.h"
#include "identity/draw.h"

namespace jalousie::camera {

Frame& Painter::paint(std::uint64_t number, const identity::LocalTime& time) {
  frame_ = source_->picture(number);
  // Below the lowest band of the code, which ends 5 of 60 places above the edge.
  const auto dot = std::max<std::size_t>(1, frame_.height / 180);
  const auto top = frame_.height - frame_.height / 12 + (frame_.height / 12 - 10 * dot) / 2;
  const auto margin = 4 * dot;
  draw_text(frame_, margin, top, dot, name_);
  auto clock = identity::to_string(time);
  clock.replace(10, 1, " ");
  clock.insert(19, " ");
  draw_text(frame_, frame_.width - margin - text_dots(clock) * dot, top, dot, clock);
  const identity::Mark mark{identity_, static_cast<std::uint32_t>(number % identity::kFrameNumbers), time};
  identity::draw_identity({frame_.width, frame_.height, frame_.width,
                           std::span(frame_.bytes).first(frame_.width * frame_.height)},
                          mark);
  return frame_;
}

}  // namespace jalousie::camera
