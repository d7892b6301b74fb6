// What all cameras of a server add up to. Private to ingest.
#pragma once

#include "base/metrics.h"
#include "ingest/status.h"
#include "rtp/video_depacketizer.h"

namespace jalousie::ingest {

class IngestMetrics {
 public:
  explicit IngestMetrics(Metrics& metrics);

  void unit(std::size_t bytes) {
    units_.add();
    bytes_.add(static_cast<double>(bytes));
  }
  void sound() { sounds_.add(); }
  /// What has come since `before`, which becomes `now`.
  void packets(rtp::VideoDepacketizer::Stats& before, const rtp::VideoDepacketizer::Stats& now);
  /// A camera entered or left a state.
  void enter(State state) { in_state(state).add(1); }
  void leave(State state) { in_state(state).add(-1); }
  void session_ended(State why);

 private:
  Gauge& in_state(State state);

  Metrics& metrics_;
  Counter& units_;
  Counter& bytes_;
  Counter& sounds_;
  Counter& lost_;
  Counter& malformed_;
  Counter& gaps_;
};

}  // namespace jalousie::ingest
