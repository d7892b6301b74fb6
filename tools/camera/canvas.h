// A picture in I420 (BT.709, limited range) that is painted with smooth-edged shapes. Shapes are given in a
// plane of 1280 x 720 whatever the picture's size, so that main and sub stream show the same. Remembers which
// parts were touched, so that a scene redraws only what moves. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace jalousie::camera {

inline constexpr double kPlaneWidth = 1280;
inline constexpr double kPlaneHeight = 720;

/// Planes without padding, even sizes: width * height of brightness, then twice a quarter of colour.
struct Frame {
  std::size_t width = 0;
  std::size_t height = 0;
  Buffer bytes;

  Frame() = default;
  Frame(std::size_t frame_width, std::size_t frame_height)
      : width(frame_width), height(frame_height), bytes(frame_width * frame_height * 3 / 2) {}
  std::uint8_t* plane(std::size_t index);  // 0: Y, 1: U, 2: V
  const std::uint8_t* plane(std::size_t index) const;
  std::size_t stride(std::size_t index) const { return index == 0 ? width : width / 2; }
  std::size_t rows(std::size_t index) const { return index == 0 ? height : height / 2; }
};

struct Colour {
  double y = 16, u = 128, v = 128;
};
/// `red`, `green`, `blue` from 0 to 1.
Colour rgb(double red, double green, double blue);
/// `hue` in turns, the others from 0 to 1.
Colour hsl(double hue, double saturation, double lightness);
Colour mixed(const Colour& a, const Colour& b, double share_of_b);

struct Point {
  double x = 0, y = 0;
};
struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;
};

class Canvas {
 public:
  Canvas(std::size_t width, std::size_t height) : frame_(width, height) {}

  void rectangle(const Box& box, const Colour& colour, double opacity = 1, double rounding = 0);
  void slope(const Box& box, const Colour& top, const Colour& bottom);
  void ellipse(Point centre, double radius_x, double radius_y, const Colour& colour, double opacity = 1);
  /// Brightest in the middle, fading to nothing at the rim.
  void glow(Point centre, double radius, const Colour& colour, double opacity);
  /// A line with round ends, `from_radius` thick at one and `to_radius` at the other.
  void limb(Point from, Point to, double from_radius, double to_radius, const Colour& colour);
  /// Corners of a convex shape, clockwise on the screen.
  void polygon(std::span<const Point> corners, const Colour& colour, double opacity = 1);
  void polygon(std::initializer_list<Point> corners, const Colour& colour, double opacity = 1) {
    polygon(std::span(corners.begin(), corners.size()), colour, opacity);
  }

  /// Takes back all that was painted since the last forget_touched(), from a canvas of the same size.
  void restore(const Canvas& background);
  void forget_touched() { touched_.clear(); }

  Frame& frame() { return frame_; }
  const Frame& frame() const { return frame_; }

 private:
  struct Pixels {
    std::size_t left, top, right, bottom;
  };
  template <class Coverage>
  void paint(const Box& box, const Colour& colour, double opacity, Coverage coverage);
  template <class Coverage>
  void paint_plane(std::size_t plane, const Pixels& pixels, double value, double opacity, Coverage coverage);
  Pixels pixels_of(const Box& box) const;
  double scale() const { return static_cast<double>(frame_.width) / kPlaneWidth; }

  Frame frame_;
  std::vector<Pixels> touched_;
};

}  // namespace jalousie::camera
