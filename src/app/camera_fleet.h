// Keeps one connection per camera of the registry, each on the loop that the camera is pinned to, and follows
// the registry: cameras that are added, changed, removed, begin another tenure, or have their privacy
// switched on. Also those that another process changed.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "app/camera_board.h"
#include "base/metrics.h"
#include "base/random.h"
#include "ingest/admission.h"
#include "ingest/camera_connection.h"
#include "io/workers.h"
#include "keeper/keeper.h"
#include "registry/store.h"
#include "stream/hub.h"

namespace jalousie::app {

class CameraFleet {
 public:
  /// All outlive the fleet.
  struct Parts {
    registry::Store& store;
    keeper::Keeper& keeper;
    io::Workers& workers;
    stream::Hub& hub;
    Clock& clock;
    RandomSource& random;
    Metrics& metrics;
    CameraBoard& board;
    ingest::Admission& admission;
    ingest::Reach reach;  // of cameras that owners entered
  };
  explicit CameraFleet(Parts parts);
  ~CameraFleet();
  CameraFleet(const CameraFleet&) = delete;
  CameraFleet& operator=(const CameraFleet&) = delete;

  /// Compares with the registry, and starts and stops what differs. An error means that the registry could
  /// not be read; then nothing is changed. One call at a time.
  io::Task<Result<>> refresh();
  /// Ends all connections and waits for them. From a thread that is not a loop's, while they run.
  void close();

 private:
  class Berth;
  struct Wanted {
    registry::Camera camera;
    /// What makes a new connection necessary; a new name does not.
    bool is_same_connection(const registry::Camera& other) const;
  };

  Parts parts_;
  std::vector<std::unique_ptr<Berth>> berths_;  // one per shard
  std::map<CameraId, Wanted> running_;
};

}  // namespace jalousie::app
