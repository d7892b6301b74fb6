// A drawn font of 5 x 8 dots for the clock and the camera's name: ASCII and German umlauts; another character
// is a box.
#pragma once

#include <string_view>

#include "camera/canvas.h"

namespace jalousie::camera {

/// How many dots wide the text is, with a dot between characters.
std::size_t text_dots(std::string_view utf8);

/// White on a dark ground, dots of `dot` pixels, its upper left corner at (`left`, `top`) in pixels. What
/// reaches over the picture's edge is left out. Brightness only.
void draw_text(Frame& frame, std::size_t left, std::size_t top, std::size_t dot, std::string_view utf8);

}  // namespace jalousie::camera
