// What a test camera without footage looks at: a living room, a garden or a front door, with somebody walking
// through and something that sways. Homes differ in their colours, so that two are told apart at a glance.
// Drawn from a time alone, so main and sub stream show the same moment.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "camera/canvas.h"

namespace jalousie::camera {

enum class SceneKind : std::uint8_t { Room, Garden, Door };

/// "room", "garden", "door".
Result<SceneKind> parse_scene(std::string_view text);
/// The one that a camera's name suggests ("Garden", "Front door", ...), else by its number.
SceneKind scene_for(std::string_view camera_name, std::uint32_t camera_number);

class Scene {
 public:
  virtual ~Scene() = default;
  /// What stands still.
  virtual void background(Canvas& canvas) const = 0;
  /// What moves, `seconds` into the scene; painted over the background.
  virtual void movement(Canvas& canvas, double seconds) const = 0;
};

/// `home` and `camera` choose colours.
std::unique_ptr<Scene> make_scene(SceneKind kind, std::uint32_t home, std::uint32_t camera);

}  // namespace jalousie::camera
