// Draws the identity code into a picture's brightness. The scene shows through it faintly, and whole between
// its bands.
#pragma once

#include <array>

#include "identity/code.h"
#include "identity/luma.h"

namespace jalousie::identity {

/// `picture` holds the scene; at least 192 x 60. Colours stay as they are.
void draw_identity(MutableLuma picture, const Mark& mark);

/// Rows of pixels from `top` on and above `bottom`.
struct Rows {
  std::size_t top = 0;
  std::size_t bottom = 0;
};
/// Where cells change from frame to frame (frame code, slow word): what an encoder should not be stingy with.
std::array<Rows, kTileRows> changing_rows(std::size_t height);

}  // namespace jalousie::identity
