// One camera, taken in for as long as it is wanted: connects, seals every unit the moment it is whole,
// publishes the block, and begins again after every fault. Clear pictures never leave this object; its
// buffers are wiped when a connection ends.
//
// Lives on one loop, needs no thread. All calls but newest_capture() are made there; so are the callbacks,
// which must not destroy the connection.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "base/metrics.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "ingest/source.h"
#include "ingest/status.h"
#include "io/loop.h"
#include "io/task.h"
#include "seal/sealer.h"

namespace jalousie::ingest {

/// Asked before the first picture, and again after a sealer has failed; may go to a worker thread.
using SealerFactory = std::function<io::Task<Result<seal::Sealer>>()>;
using Publish = std::function<void(seal::BlockPtr)>;
/// A certificate to keep with the camera (Source::certificate): see SessionListener.
using OnCertificate = std::function<void(const std::string& fingerprint)>;
/// On every change of state, reason, advice or video.
using OnStatus = std::function<void(const Status&)>;

class CameraConnection {
 public:
  /// References outlive the connection.
  struct Parts {
    io::Loop& loop;
    const Clock& clock;
    RandomSource& random;
    Metrics& metrics;
    SealerFactory sealer;
    Publish publish;
    OnStatus on_status;
    Timing timing = {};
    OnCertificate on_certificate = {};  // may be empty
  };
  CameraConnection(Parts parts, Source source);
  /// Never started, or closed.
  ~CameraConnection();
  CameraConnection(const CameraConnection&) = delete;
  CameraConnection& operator=(const CameraConnection&) = delete;

  void start();
  /// Says goodbye to the camera where it can within a second, and waits until all is over.
  io::Task<> close();

  const Status& status() const;
  /// Capture time of the newest picture that was published. From any thread.
  std::optional<UtcTime> newest_capture() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalousie::ingest
