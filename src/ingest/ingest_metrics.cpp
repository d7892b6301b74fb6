#include "ingest/ingest_metrics.h"

namespace jalousie::ingest {

IngestMetrics::IngestMetrics(Metrics& metrics)
    : metrics_(metrics),
      units_(metrics.counter("jalousie_ingest_units_total", "Video units sealed")),
      bytes_(metrics.counter("jalousie_ingest_bytes_total", "Bytes of video sealed")),
      sounds_(metrics.counter("jalousie_ingest_sound_frames_total", "Frames of sound sealed")),
      lost_(metrics.counter("jalousie_ingest_lost_packets_total", "RTP packets that did not come")),
      malformed_(
          metrics.counter("jalousie_ingest_malformed_packets_total", "RTP packets that could not be read")),
      gaps_(metrics.counter("jalousie_ingest_gaps_total",
                            "Times that a stream was broken until its next key frame")) {}

void IngestMetrics::packets(rtp::VideoDepacketizer::Stats& before, const rtp::VideoDepacketizer::Stats& now) {
  lost_.add(static_cast<double>(now.lost_packets - before.lost_packets));
  malformed_.add(static_cast<double>(now.malformed_packets - before.malformed_packets));
  gaps_.add(static_cast<double>(now.gaps - before.gaps));
  before = now;
}

void IngestMetrics::session_ended(State why) {
  metrics_
      .counter("jalousie_ingest_sessions_ended_total",
               "Camera sessions that ended, by the state they left behind",
               {{"state", std::string(to_string(why))}})
      .add();
}

Gauge& IngestMetrics::in_state(State state) {
  return metrics_.gauge("jalousie_ingest_cameras", "Cameras taken in, by state",
                        {{"state", std::string(to_string(state))}});
}

}  // namespace jalousie::ingest
