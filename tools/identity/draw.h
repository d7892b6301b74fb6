// Draws the identity code into a picture's brightness. The scene shows through it faintly, and whole between its bands.
#pragma once

#include "identity/code.h"
#include "identity/luma.h"

namespace jalousie::identity {

/// `picture` holds the scene; at least 192 x 60. Colours stay as they are.
void draw_identity(MutableLuma picture, const Mark& mark);

}  // namespace jalousie::identity
