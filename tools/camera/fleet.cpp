#include "camera/fleet.h"

#include <algorithm>

#include "base/assert.h"
#include "base/log.h"
#include "camera/time_zone.h"
#include "camera/tone_scene.h"

namespace jalousie::camera {
namespace {

constexpr Milliseconds kTick{4};
constexpr std::uint8_t kDark = 88;  // as tools/identity draws it, without the scene behind
constexpr std::uint8_t kLight = 168;
constexpr std::size_t kFrameCells = 120;  // identity/code.h: where the frame code begins, and how long it is
constexpr std::size_t kFrameCellCount = 16;

const ToneScene& scene_of(unsigned camera) {
  static const std::array<ToneScene, 3> scenes{ToneScene(SceneKind::Room), ToneScene(SceneKind::Garden),
                                               ToneScene(SceneKind::Door)};
  return scenes[camera % scenes.size()];
}

bool is_code_row(std::size_t row) {
  const auto place = row % identity::kPlaceRows;
  return place >= identity::kFirstCellRow && place < identity::kFirstCellRow + identity::kCellRows;
}

}  // namespace

class Fleet::Camera final : public Feed {
 public:
  Camera(Fleet& fleet, unsigned index)
      : fleet_(fleet),
        index_(index),
        identity_(identity_of(fleet.settings_, index)),
        scene_(scene_of(index)) {}

  std::uint64_t attach(Watcher& watcher) override {
    watchers_.push_back(&watcher);
    if (watchers_.size() == 1) {
      starts_ = true;
      if (++fleet_.watched_ == 1) fleet_.wake();
    }
    const auto& slot = fleet_.next_slot_;
    const auto count = fleet_.cameras_.size();
    return slot / count + (index_ < slot % count ? 1 : 0);
  }

  void detach(Watcher& watcher) override {
    if (std::erase(watchers_, &watcher) > 0 && watchers_.empty()) --fleet_.watched_;
  }

  bool is_watched() const { return !watchers_.empty(); }
  void leave_out() { starts_ = true; }

  void show(std::uint64_t number, UtcTime taken) {
    const auto& settings = fleet_.settings_;
    const bool key = std::exchange(starts_, false) || (number + index_) % settings.gop_frames == 0;
    paint(number, taken);
    if (key) {
      bytes_left_ = std::size_t{settings.kilobits_per_second} * 125 * settings.gop_frames / settings.fps;
      frames_left_ = settings.gop_frames;
    }
    // A key frame takes what it takes, the rest is shared by those that follow.
    frame_.number = number;
    frame_.taken = taken;
    frame_.key_frame = key;
    coder_.encode(tones_, key, key ? 0 : bytes_left_ / std::max(1U, frames_left_), frame_.unit);
    bytes_left_ -= std::min(bytes_left_, frame_.unit.size());
    frames_left_ -= std::min(frames_left_, 1U);
    const auto watchers = watchers_;  // one may leave meanwhile
    for (auto* watcher : watchers) {
      if (std::ranges::find(watchers_, watcher) != watchers_.end()) watcher->on_frame(frame_);
    }
  }

 private:
  void paint(std::uint64_t number, UtcTime taken) {
    const auto seconds = static_cast<std::uint32_t>(to_us(taken) / 1'000'000);
    const auto frame = static_cast<std::uint32_t>(number % identity::kFrameNumbers);
    identity::Mark mark{identity_, frame, {seconds, mark_.time.zone_quarters}};
    const bool all = seconds != mark_.time.unix_seconds || frame >> 8 != mark_.frame >> 8;
    if (all) mark.time.zone_quarters = zone_quarters(taken);
    mark_ = mark;
    const auto first = identity::tile_cells(mark, 0);
    for (std::size_t tile = 0; tile < identity::kTiles; ++tile) {
      // The frame code alone is the same in all tiles.
      if (all)
        paint_cells(tile, tile == 0 ? first : identity::tile_cells(mark, tile), 0, identity::kCells);
      else
        paint_cells(tile, first, kFrameCells, kFrameCells + kFrameCellCount);
    }
    const auto& scene = scene_.at(number * ToneScene::kPerSecond / fleet_.settings_.fps + index_);
    for (std::size_t row = 0; row < kToneRows; ++row) {
      if (!is_code_row(row))
        std::copy_n(scene.begin() + row * kToneColumns, kToneColumns, tones_.begin() + row * kToneColumns);
    }
  }

  void paint_cells(std::size_t tile, const identity::Cells& cells, std::size_t from, std::size_t to) {
    const auto top = tile / identity::kTileColumns * identity::kPlaceRows + identity::kFirstCellRow;
    const auto left = tile % identity::kTileColumns * identity::kPlaceColumns;
    for (auto cell = from; cell < to; ++cell) {
      const auto row = top + cell / identity::kPlaceColumns, column = left + cell % identity::kPlaceColumns;
      tones_[row * kToneColumns + column] = cells[cell] ? kLight : kDark;
    }
  }

  Fleet& fleet_;
  const unsigned index_;
  const identity::Identity identity_;
  const ToneScene& scene_;
  std::vector<Watcher*> watchers_;
  bool starts_ = true;
  identity::Mark mark_;
  Tones tones_{};
  ToneCoder coder_;
  CodedFrame frame_;
  std::size_t bytes_left_ = 0;  // of the GOP
  unsigned frames_left_ = 0;
};

Fleet::Fleet(io::Loop& loop, const Clock& clock, const FleetSettings& settings)
    : clock_(clock), settings_(settings), start_(clock.steady()), timer_(loop) {
  JAL_ASSERT(settings.cameras > 0 && settings.cameras <= kFleetMost && settings.homes > 0 &&
             settings.fps > 0 && settings.gop_frames > 0);
  for (unsigned i = 0; i < settings.cameras; ++i) {
    auto camera = std::make_unique<Camera>(*this, i);
    cameras_.push_back(camera.get());
    feeds_.push_back(std::move(camera));
  }
}

Fleet::~Fleet() = default;

identity::Identity Fleet::identity_of(const FleetSettings& settings, unsigned camera) {
  return {settings.home + camera % settings.homes, settings.camera + camera, settings.tenure};
}

SteadyTime Fleet::due(std::uint64_t slot) const {
  return start_ + Microseconds(slot * 1'000'000 / (std::uint64_t{settings_.fps} * cameras_.size()));
}

std::uint64_t Fleet::slot_at(SteadyTime now) const {
  return static_cast<std::uint64_t>((now - start_).count()) * settings_.fps * cameras_.size() / 1'000'000;
}

/// What fell due while nobody watched is over.
void Fleet::wake() {
  next_slot_ = std::max(next_slot_, slot_at(clock_.steady()) + 1);
  timer_.start(kTick, [this] { tick(); });
}

/// Runs by itself while somebody watches.
void Fleet::tick() {
  const auto most_behind = std::uint64_t{settings_.gop_frames} * cameras_.size();
  const auto newest = slot_at(clock_.steady());
  const bool is_late = newest > next_slot_ + most_behind;
  std::uint64_t missed = 0;
  for (; next_slot_ <= newest; ++next_slot_) {
    auto& camera = *cameras_[next_slot_ % cameras_.size()];
    if (!camera.is_watched()) continue;
    if (is_late && next_slot_ + cameras_.size() <= newest) {
      camera.leave_out();
      ++missed;
    } else {
      camera.show(next_slot_ / cameras_.size(), clock_.utc() - (clock_.steady() - due(next_slot_)));
      ++frames_;
    }
  }
  left_out_ += missed;
  if (missed > 0)
    log::warn("camera", "this machine is too slow for the fleet: frames left out",
              {{"frames", std::to_string(missed)}});
  if (watched_ > 0) timer_.start(kTick, [this] { tick(); });
}

}  // namespace jalousie::camera
