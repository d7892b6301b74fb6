#include "camera/canvas.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace jalousie::camera {
namespace {

double length(double x, double y) { return std::sqrt(x * x + y * y); }

/// How much of a pixel `pixel` wide lies inside a shape whose edge is `distance` away (negative: inside).
double inside(double distance, double pixel) { return std::clamp(0.5 - distance / pixel, 0.0, 1.0); }

}  // namespace

std::uint8_t* Frame::plane(std::size_t index) {
  return const_cast<std::uint8_t*>(std::as_const(*this).plane(index));
}

const std::uint8_t* Frame::plane(std::size_t index) const {
  const auto luma = width * height;
  return bytes.data() + (index == 0 ? 0 : index == 1 ? luma : luma + luma / 4);
}

Colour rgb(double red, double green, double blue) {  // ITU-R BT.709-6, tables 3 and 4
  const auto y = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return {16 + 219 * y, 128 + 224 * (blue - y) / 1.8556, 128 + 224 * (red - y) / 1.5748};
}

Colour hsl(double hue, double saturation, double lightness) {
  const auto part = [&](double shift) {
    const auto k = std::fmod(shift + 12 * (hue - std::floor(hue)), 12.0);
    return lightness -
           saturation * std::min(lightness, 1 - lightness) * std::max(-1.0, std::min({k - 3, 9 - k, 1.0}));
  };
  return rgb(part(0), part(8), part(4));
}

Colour mixed(const Colour& a, const Colour& b, double share) {
  return {a.y + (b.y - a.y) * share, a.u + (b.u - a.u) * share, a.v + (b.v - a.v) * share};
}

Canvas::Pixels Canvas::pixels_of(const Box& box) const {
  const auto even = [](double value, std::size_t size, bool up) {  // on even borders, for the colour planes
    const auto whole = std::clamp(value, 0.0, static_cast<double>(size));
    const auto pixel = static_cast<std::size_t>(up ? std::ceil(whole) : std::floor(whole));
    return std::min(up ? (pixel + 1) / 2 * 2 : pixel / 2 * 2, size);
  };
  const auto s = scale();
  return {even(box.left * s - 1, frame_.width, false), even(box.top * s - 1, frame_.height, false),
          even(box.right * s + 1, frame_.width, true), even(box.bottom * s + 1, frame_.height, true)};
}

template <class Coverage>
void Canvas::paint_plane(std::size_t plane, const Pixels& pixels, double value, double opacity,
                         Coverage coverage) {
  const auto shrink = plane == 0 ? 1u : 2u;
  const auto pixel = shrink / scale();  // one sample, in the plane of the shapes
  for (auto y = pixels.top / shrink; y < pixels.bottom / shrink; ++y) {
    auto* row = frame_.plane(plane) + y * frame_.stride(plane);
    for (auto x = pixels.left / shrink; x < pixels.right / shrink; ++x) {
      const auto share = opacity * coverage((static_cast<double>(x) + 0.5) * pixel,
                                            (static_cast<double>(y) + 0.5) * pixel, pixel);
      if (share > 0) row[x] = static_cast<std::uint8_t>(row[x] + (value - row[x]) * share + 0.5);
    }
  }
}

template <class Coverage>
void Canvas::paint(const Box& box, const Colour& colour, double opacity, Coverage coverage) {
  const auto pixels = pixels_of(box);
  if (pixels.left >= pixels.right || pixels.top >= pixels.bottom) return;
  paint_plane(0, pixels, colour.y, opacity, coverage);
  paint_plane(1, pixels, colour.u, opacity, coverage);
  paint_plane(2, pixels, colour.v, opacity, coverage);
  touched_.push_back(pixels);
}

void Canvas::rectangle(const Box& box, const Colour& colour, double opacity, double rounding) {
  const Point centre{(box.left + box.right) / 2, (box.top + box.bottom) / 2};
  const auto half_x = (box.right - box.left) / 2 - rounding, half_y = (box.bottom - box.top) / 2 - rounding;
  paint(box, colour, opacity, [=](double x, double y, double pixel) {
    const auto out_x = std::abs(x - centre.x) - half_x, out_y = std::abs(y - centre.y) - half_y;
    const auto outside = length(std::max(out_x, 0.0), std::max(out_y, 0.0));
    return inside(outside + std::min(std::max(out_x, out_y), 0.0) - rounding, pixel);
  });
}

void Canvas::slope(const Box& box, const Colour& top, const Colour& bottom) {
  constexpr int kSteps = 48;
  const auto step = (box.bottom - box.top) / kSteps;
  for (int i = 0; i < kSteps; ++i) {
    rectangle({box.left, box.top + step * i, box.right, box.bottom}, mixed(top, bottom, (i + 0.5) / kSteps));
  }
}

void Canvas::ellipse(Point centre, double radius_x, double radius_y, const Colour& colour, double opacity) {
  const Box box{centre.x - radius_x, centre.y - radius_y, centre.x + radius_x, centre.y + radius_y};
  paint(box, colour, opacity, [=](double x, double y, double pixel) {
    return inside(
        (length((x - centre.x) / radius_x, (y - centre.y) / radius_y) - 1) * std::min(radius_x, radius_y),
        pixel);
  });
}

void Canvas::glow(Point centre, double radius, const Colour& colour, double opacity) {
  const Box box{centre.x - radius, centre.y - radius, centre.x + radius, centre.y + radius};
  paint(box, colour, opacity, [=](double x, double y, double) {
    const auto far = 1 - length(x - centre.x, y - centre.y) / radius;
    return far > 0 ? far * far : 0.0;
  });
}

void Canvas::limb(Point from, Point to, double from_radius, double to_radius, const Colour& colour) {
  const auto wide = std::max(from_radius, to_radius);
  const Box box{std::min(from.x, to.x) - wide, std::min(from.y, to.y) - wide, std::max(from.x, to.x) + wide,
                std::max(from.y, to.y) + wide};
  const auto along_x = to.x - from.x, along_y = to.y - from.y;
  const auto square = std::max(along_x * along_x + along_y * along_y, 1e-9);
  paint(box, colour, 1, [=](double x, double y, double pixel) {
    const auto at = std::clamp(((x - from.x) * along_x + (y - from.y) * along_y) / square, 0.0, 1.0);
    const auto radius = from_radius + (to_radius - from_radius) * at;
    return inside(length(x - from.x - along_x * at, y - from.y - along_y * at) - radius, pixel);
  });
}

void Canvas::polygon(std::span<const Point> corners, const Colour& colour, double opacity) {
  Box box{corners[0].x, corners[0].y, corners[0].x, corners[0].y};
  for (const auto& corner : corners) {
    box = {std::min(box.left, corner.x), std::min(box.top, corner.y), std::max(box.right, corner.x),
           std::max(box.bottom, corner.y)};
  }
  paint(box, colour, opacity, [=](double x, double y, double pixel) {
    auto furthest = -1e9;
    for (std::size_t i = 0; i < corners.size(); ++i) {
      const auto& a = corners[i];
      const auto& b = corners[(i + 1) % corners.size()];
      const auto edge = std::max(length(b.x - a.x, b.y - a.y), 1e-9);
      furthest = std::max(furthest, ((x - a.x) * (b.y - a.y) - (y - a.y) * (b.x - a.x)) / edge);
    }
    return inside(furthest, pixel);
  });
}

void Canvas::restore(const Canvas& background) {
  for (const auto& box : touched_) {
    for (std::size_t plane = 0; plane < 3; ++plane) {
      const auto shrink = plane == 0 ? 1u : 2u;
      for (auto y = box.top / shrink; y < box.bottom / shrink; ++y) {
        const auto at = y * frame_.stride(plane) + box.left / shrink;
        std::copy_n(background.frame_.plane(plane) + at, (box.right - box.left) / shrink,
                    frame_.plane(plane) + at);
      }
    }
  }
  touched_.clear();
}

}  // namespace jalousie::camera
