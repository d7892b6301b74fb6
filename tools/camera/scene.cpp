#include "camera/scene.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "camera/walker.h"

namespace jalousie::camera {
namespace {

/// Spreads small numbers over the circle of hues.
double hue_of(std::uint32_t number) { return std::fmod(number * std::numbers::phi, 1.0); }

struct Palette {
  double home = 0;    // hue of walls and doors
  double person = 0;  // hue of a coat
  Walker walker(double ground, double height, double speed) const {
    Walker walker;
    walker.ground = ground;
    walker.height = height;
    walker.pixels_per_second = speed;
    walker.phase = person * 20;
    walker.coat = hsl(person, 0.6, 0.45);
    walker.trousers = hsl(home + 0.55, 0.3, 0.25);
    walker.skin = hsl(0.07, 0.45, 0.4 + 0.35 * person);
    walker.hair = hsl(0.08, 0.4, 0.1 + 0.3 * home);
    return walker;
  }
};

void cloud(Canvas& canvas, Point at, double size, double opacity) {
  const auto white = rgb(0.97, 0.97, 0.98);
  canvas.ellipse({at.x - 0.55 * size, at.y + 0.1 * size}, 0.5 * size, 0.26 * size, white, opacity);
  canvas.ellipse({at.x + 0.55 * size, at.y + 0.1 * size}, 0.5 * size, 0.28 * size, white, opacity);
  canvas.ellipse(at, 0.6 * size, 0.4 * size, white, opacity);
}

/// From left to right for ever, entering again at the left.
double drift(double seconds, double start, double speed) {
  return std::fmod(start + seconds * speed, 1700) - 210;
}

class Room final : public Scene {
 public:
  explicit Room(const Palette& palette) : palette_(palette), walker_(palette.walker(668, 430, 105)) {}

  void background(Canvas& canvas) const override {
    const auto hue = palette_.home;
    canvas.slope({0, 0, 1280, 520}, hsl(hue, 0.35, 0.78), hsl(hue, 0.33, 0.66));
    canvas.slope({0, 520, 1280, 720}, hsl(0.08, 0.4, 0.38), hsl(0.08, 0.42, 0.5));
    for (int i = -6; i <= 6; ++i) {
      canvas.polygon(
          {{640 + i * 110.0, 522}, {643 + i * 110.0, 522}, {646 + i * 210.0, 720}, {640 + i * 210.0, 720}},
          hsl(0.07, 0.4, 0.3));
    }
    canvas.rectangle({0, 508, 1280, 522}, hsl(hue, 0.15, 0.92));
    window(canvas);
    picture(canvas);
    sofa(canvas);
    plant(canvas);
  }

  void movement(Canvas& canvas, double seconds) const override {
    walker_.paint(canvas, seconds);
    const auto angle = 0.16 * std::sin(seconds * 1.7);
    const Point shade{640 + 190 * std::sin(angle), 190 * std::cos(angle)};
    canvas.limb({640, 0}, shade, 2.5, 2.5, rgb(0.15, 0.15, 0.15));
    canvas.glow({shade.x, shade.y + 30}, 120, rgb(1, 0.93, 0.7), 0.55);
    canvas.polygon({{shade.x - 16, shade.y - 18},
                    {shade.x + 16, shade.y - 18},
                    {shade.x + 58, shade.y + 28},
                    {shade.x - 58, shade.y + 28}},
                   hsl(palette_.home + 0.5, 0.5, 0.4));
    canvas.ellipse({shade.x, shade.y + 31}, 26, 15, rgb(1, 0.97, 0.85));
  }

 private:
  void window(Canvas& canvas) const {
    canvas.rectangle({120, 84, 420, 376}, rgb(0.96, 0.95, 0.93), 1, 6);
    canvas.slope({136, 100, 404, 360}, rgb(0.45, 0.68, 0.92), rgb(0.8, 0.9, 0.96));
    cloud(canvas, {220, 190}, 70, 0.9);
    canvas.ellipse({330, 350}, 90, 60, hsl(0.3, 0.4, 0.4));
    canvas.rectangle({136, 356, 404, 376}, rgb(0.96, 0.95, 0.93));
    canvas.rectangle({264, 100, 276, 360}, rgb(0.96, 0.95, 0.93));
    canvas.rectangle({136, 224, 404, 234}, rgb(0.96, 0.95, 0.93));
    canvas.rectangle({104, 372, 436, 388}, rgb(0.88, 0.86, 0.83), 1, 4);
  }
  void picture(Canvas& canvas) const {
    canvas.rectangle({860, 110, 1090, 280}, rgb(0.25, 0.18, 0.12), 1, 3);
    canvas.slope({874, 124, 1076, 266}, hsl(palette_.home + 0.45, 0.5, 0.7),
                 hsl(palette_.home + 0.6, 0.5, 0.45));
    canvas.ellipse({1020, 170}, 26, 26, rgb(0.98, 0.9, 0.6));
    canvas.polygon({{874, 266}, {940, 180}, {1010, 266}}, hsl(palette_.home + 0.3, 0.35, 0.3));
    canvas.polygon({{950, 266}, {1020, 205}, {1076, 250}, {1076, 266}}, hsl(palette_.home + 0.3, 0.35, 0.38));
  }
  void sofa(Canvas& canvas) const {
    const auto dark = hsl(palette_.home + 0.5, 0.42, 0.32), light = hsl(palette_.home + 0.5, 0.42, 0.42);
    canvas.ellipse({880, 622}, 300, 26, rgb(0.1, 0.07, 0.05), 0.35);
    canvas.rectangle({620, 400, 1140, 560}, dark, 1, 36);
    canvas.rectangle({650, 490, 880, 580}, light, 1, 20);
    canvas.rectangle({884, 490, 1112, 580}, light, 1, 20);
    canvas.rectangle({590, 450, 664, 610}, light, 1, 28);
    canvas.rectangle({1098, 450, 1172, 610}, light, 1, 28);
    canvas.rectangle({640, 566, 1120, 612}, dark, 1, 8);
    canvas.polygon({{700, 440}, {780, 420}, {800, 494}, {716, 508}}, hsl(palette_.person, 0.55, 0.6));
  }
  static void plant(Canvas& canvas) {
    canvas.polygon({{456, 520}, {544, 520}, {530, 612}, {470, 612}}, hsl(0.05, 0.5, 0.5));
    for (int i = -3; i <= 3; ++i) {
      canvas.limb({500, 524}, {500 + i * 34.0, 400 + 14.0 * std::abs(i)}, 6, 15,
                  hsl(0.33, 0.4, 0.3 + 0.03 * (i & 1)));
    }
  }

  Palette palette_;
  Walker walker_;
};

class Garden final : public Scene {
 public:
  explicit Garden(const Palette& palette) : palette_(palette), walker_(palette.walker(640, 300, 80)) {}

  void background(Canvas& canvas) const override {
    canvas.slope({0, 0, 1280, 330}, rgb(0.36, 0.62, 0.9), rgb(0.78, 0.89, 0.96));
    canvas.ellipse({260, 400}, 460, 170, hsl(0.36, 0.3, 0.42));
    canvas.ellipse({1000, 420}, 520, 190, hsl(0.33, 0.32, 0.36));
    canvas.slope({0, 380, 1280, 720}, hsl(0.28, 0.42, 0.42), hsl(0.27, 0.45, 0.33));
    fence(canvas);
    shed(canvas);
    canvas.polygon({{560, 420}, {640, 420}, {900, 720}, {380, 720}}, hsl(0.1, 0.22, 0.62));
    for (int i = 0; i < 22; ++i) {
      const auto x = std::fmod(i * 233.0, 1280), y = 560 + std::fmod(i * 71.0, 150);
      if (x > 330 && x < 930) continue;
      canvas.ellipse({x, y}, 7, 6, hsl(hue_of(static_cast<std::uint32_t>(i)), 0.75, 0.65));
      canvas.ellipse({x, y}, 2.5, 2.5, rgb(0.98, 0.85, 0.3));
    }
  }

  void movement(Canvas& canvas, double seconds) const override {
    cloud(canvas, {drift(seconds, 300, 9), 62}, 105, 0.85);
    cloud(canvas, {drift(seconds, 1010, 13), 120}, 70, 0.75);
    const auto sway = 9 * std::sin(seconds * 1.1);
    canvas.limb({205, 560}, {205 + 0.3 * sway, 330}, 22, 13, hsl(0.07, 0.35, 0.25));
    canvas.ellipse({150 + 0.8 * sway, 300}, 100, 82, hsl(0.31, 0.42, 0.28));
    canvas.ellipse({265 + 0.9 * sway, 285}, 98, 80, hsl(0.3, 0.42, 0.31));
    canvas.ellipse({205 + sway, 220}, 106, 86, hsl(0.29, 0.44, 0.35));
    walker_.paint(canvas, seconds);
  }

 private:
  void fence(Canvas& canvas) const {
    const auto wood = hsl(palette_.home, 0.3, 0.72);
    canvas.rectangle({0, 404, 1280, 412}, mixed(wood, rgb(0, 0, 0), 0.2));
    canvas.rectangle({0, 444, 1280, 452}, mixed(wood, rgb(0, 0, 0), 0.2));
    for (int x = 6; x < 1280; x += 40)
      canvas.polygon({{x + 0.0, 388}, {x + 11.0, 374}, {x + 22.0, 388}, {x + 22.0, 470}, {x + 0.0, 470}},
                     wood);
  }
  void shed(Canvas& canvas) const {
    canvas.rectangle({880, 300, 1190, 520}, hsl(palette_.home, 0.45, 0.5));
    for (int y = 322; y < 520; y += 22)
      canvas.rectangle({880, y + 0.0, 1190, y + 3.0}, hsl(palette_.home, 0.45, 0.42));
    canvas.polygon({{850, 304}, {1035, 190}, {1220, 304}}, hsl(palette_.home + 0.5, 0.3, 0.3));
    canvas.rectangle({990, 372, 1084, 520}, hsl(palette_.home, 0.4, 0.3), 1, 3);
    canvas.rectangle({1110, 370, 1164, 430}, rgb(0.72, 0.86, 0.93), 1, 3);
    canvas.ellipse({1070, 450}, 5, 5, rgb(0.9, 0.8, 0.4));
  }

  Palette palette_;
  Walker walker_;
};

class Door final : public Scene {
 public:
  explicit Door(const Palette& palette) : palette_(palette), walker_(palette.walker(672, 400, 95)) {}

  void background(Canvas& canvas) const override {
    const auto brick = hsl(palette_.home + 0.02, 0.32, 0.52), joint = hsl(palette_.home, 0.12, 0.72);
    canvas.rectangle({0, 0, 1280, 560}, joint);
    for (int row = 0; row < 20; ++row) {
      for (int i = -1; i < 17; ++i) {
        const auto x = i * 80.0 + (row % 2) * 40;
        canvas.rectangle({x + 2, row * 28.0 + 2, x + 78, row * 28.0 + 26},
                         mixed(brick, rgb(0, 0, 0), 0.05 * ((i * 7 + row * 3) % 4)), 1, 2);
      }
    }
    canvas.slope({0, 560, 1280, 720}, rgb(0.5, 0.5, 0.52), rgb(0.64, 0.63, 0.62));
    for (int i = -5; i <= 5; ++i) {
      canvas.polygon(
          {{640 + i * 150.0, 560}, {643 + i * 150.0, 560}, {646 + i * 230.0, 720}, {640 + i * 230.0, 720}},
          rgb(0.42, 0.42, 0.43));
    }
    door(canvas);
    canvas.rectangle({120, 150, 380, 400}, rgb(0.94, 0.93, 0.9), 1, 4);
    canvas.slope({134, 164, 366, 386}, rgb(0.2, 0.25, 0.35), rgb(0.95, 0.8, 0.5));
    canvas.rectangle({246, 164, 254, 386}, rgb(0.94, 0.93, 0.9));
    canvas.polygon({{1010, 500}, {1110, 500}, {1094, 600}, {1026, 600}}, hsl(0.05, 0.5, 0.42));
    for (int i = 0; i < 6; ++i)
      canvas.ellipse({1060 + 34 * std::cos(i * 1.05), 462 + 26 * std::sin(i * 1.05)}, 34, 32,
                     hsl(0.33, 0.4, 0.28 + 0.02 * i));
  }

  void movement(Canvas& canvas, double seconds) const override {
    const auto angle = 0.22 * std::sin(seconds * 2.1);
    const Point lamp{960 + 96 * std::sin(angle), 120 + 96 * std::cos(angle)};
    canvas.limb({960, 120}, lamp, 2.5, 2.5, rgb(0.1, 0.1, 0.1));
    canvas.glow(lamp, 130, rgb(1, 0.9, 0.6), 0.6);
    canvas.rectangle({lamp.x - 20, lamp.y - 26, lamp.x + 20, lamp.y + 26}, rgb(0.12, 0.12, 0.13), 1, 5);
    canvas.rectangle({lamp.x - 13, lamp.y - 18, lamp.x + 13, lamp.y + 20}, rgb(1, 0.95, 0.75), 1, 3);
    walker_.paint(canvas, seconds);
  }

 private:
  void door(Canvas& canvas) const {
    canvas.rectangle({500, 90, 780, 566}, rgb(0.93, 0.92, 0.89), 1, 4);
    canvas.rectangle({520, 110, 760, 560}, hsl(palette_.home + 0.45, 0.55, 0.34), 1, 3);
    const auto panel = hsl(palette_.home + 0.45, 0.55, 0.42);
    canvas.rectangle({546, 250, 630, 380}, panel, 1, 4);
    canvas.rectangle({650, 250, 734, 380}, panel, 1, 4);
    canvas.rectangle({546, 406, 630, 530}, panel, 1, 4);
    canvas.rectangle({650, 406, 734, 530}, panel, 1, 4);
    canvas.ellipse({640, 180}, 78, 46, rgb(0.95, 0.85, 0.6));
    canvas.rectangle({637, 134, 643, 226}, hsl(palette_.home + 0.45, 0.55, 0.34));
    canvas.ellipse({738, 392}, 9, 9, rgb(0.88, 0.78, 0.42));
    canvas.rectangle({470, 556, 810, 582}, rgb(0.72, 0.71, 0.69), 1, 3);
    canvas.rectangle({548, 588, 732, 628}, hsl(palette_.home + 0.1, 0.35, 0.3), 1, 6);
  }

  Palette palette_;
  Walker walker_;
};

}  // namespace

Result<SceneKind> parse_scene(std::string_view text) {
  if (text == "room") return SceneKind::Room;
  if (text == "garden") return SceneKind::Garden;
  if (text == "door") return SceneKind::Door;
  return fail(ErrorKind::InvalidArgument,
              fmt::format("'{}' is no scene; there are room, garden and door", text));
}

SceneKind scene_for(std::string_view camera_name, std::uint32_t camera_number) {
  std::string name(camera_name);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto has = [&](std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(),
                       [&](auto word) { return name.find(word) != std::string::npos; });
  };
  if (has({"garden", "yard", "terrace", "lawn", "pool"})) return SceneKind::Garden;
  if (has({"door", "porch", "entrance", "gate"})) return SceneKind::Door;
  if (has({"room", "kitchen", "hall", "office", "nursery"})) return SceneKind::Room;
  return static_cast<SceneKind>(camera_number % 3);
}

std::unique_ptr<Scene> make_scene(SceneKind kind, std::uint32_t home, std::uint32_t camera) {
  const Palette palette{hue_of(home), hue_of(camera + 3)};
  switch (kind) {
    case SceneKind::Room:
      return std::make_unique<Room>(palette);
    case SceneKind::Garden:
      return std::make_unique<Garden>(palette);
    case SceneKind::Door:
      return std::make_unique<Door>(palette);
  }
  return nullptr;
}

}  // namespace jalousie::camera
