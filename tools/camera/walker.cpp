#include "camera/walker.h"

#include <cmath>
#include <numbers>

namespace jalousie::camera {
namespace {

Point turned(Point from, double length, double angle) {
  return {from.x + length * std::sin(angle), from.y + length * std::cos(angle)};
}

}  // namespace

void Walker::paint(Canvas& canvas, double seconds) const {
  const auto way = right - left;
  const auto along = std::fmod((seconds + phase) * pixels_per_second, 2 * way);
  const auto facing = along < way ? 1.0 : -1.0;
  const auto x = along < way ? left + along : right - (along - way);
  const auto unit = height / 10;
  const auto gait = along / (2.6 * unit) * std::numbers::pi / 2;
  const auto bob = 0.12 * unit * std::abs(std::sin(gait));
  const Point hip{x, ground - 4.6 * unit - bob};
  const Point neck{x + 0.25 * unit * facing, hip.y - 3.2 * unit};
  const auto leg = [&](double shift, const Colour& colour) {
    const auto swing = std::sin(gait + shift);
    const auto knee = turned(hip, 2.3 * unit, facing * 0.5 * swing);
    const auto foot =
        turned(knee, 2.3 * unit, facing * (0.5 * swing - 0.35 * (1 - std::cos(gait + shift)) / 2));
    canvas.limb(hip, knee, 0.62 * unit, 0.45 * unit, colour);
    canvas.limb(knee, foot, 0.45 * unit, 0.3 * unit, colour);
    canvas.limb(foot, {foot.x + 0.6 * unit * facing, foot.y + 0.1 * unit}, 0.3 * unit, 0.2 * unit,
                rgb(0.15, 0.13, 0.12));
  };
  const auto arm = [&](double shift, const Colour& colour) {
    const auto swing = std::sin(gait + shift);
    const auto elbow = turned({neck.x, neck.y + 0.35 * unit}, 1.6 * unit, facing * 0.45 * swing);
    const auto hand = turned(elbow, 1.5 * unit, facing * (0.45 * swing + 0.4));
    canvas.limb({neck.x, neck.y + 0.35 * unit}, elbow, 0.42 * unit, 0.36 * unit, colour);
    canvas.limb(elbow, hand, 0.36 * unit, 0.24 * unit, colour);
    canvas.ellipse(hand, 0.28 * unit, 0.28 * unit, skin);
  };
  const auto black = rgb(0, 0, 0);
  arm(0, mixed(coat, black, 0.3));
  leg(std::numbers::pi, mixed(trousers, black, 0.25));
  leg(0, trousers);
  canvas.limb({neck.x, neck.y + 0.5 * unit}, hip, 0.95 * unit, 0.75 * unit, coat);
  arm(std::numbers::pi, mixed(coat, black, 0.12));
  canvas.limb(neck, {neck.x, neck.y - 0.5 * unit}, 0.32 * unit, 0.3 * unit, skin);
  const Point head{neck.x + 0.12 * unit * facing, neck.y - 1.05 * unit};
  canvas.ellipse({head.x - 0.14 * unit * facing, head.y - 0.14 * unit}, 0.72 * unit, 0.82 * unit, hair);
  canvas.ellipse({head.x + 0.12 * unit * facing, head.y + 0.12 * unit}, 0.58 * unit, 0.7 * unit, skin);
}

}  // namespace jalousie::camera
