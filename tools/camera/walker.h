// Somebody who walks to and fro.
#pragma once

#include "camera/canvas.h"

namespace jalousie::camera {

struct Walker {
  double ground = 600;  // where the feet are
  double height = 330;
  double pixels_per_second = 90;
  double left = -150, right = 1430;  // turns there, out of sight
  double phase = 0;                  // seconds ahead
  Colour coat, trousers, skin, hair;

  void paint(Canvas& canvas, double seconds) const;
};

}  // namespace jalousie::camera
