// RTP packets of one video stream to access units, whatever the codec:
//
//   push(packet); while (auto unit = pull()) ...
//
// What comes out always decodes: a unit that lost a packet, and all after it up to the next key frame that is
// whole, are not passed on, and the unit that is passed on next says so.
//
// Packets must come in order (over UDP: from a ReorderBuffer). One loop; memory is kept for the next unit and
// wiped at the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/video_format.h"
#include "rtp/packet.h"

namespace jalousie::rtp {

/// One access unit, in the format of codec/access_unit.h.
struct VideoUnit {
  ByteView payload;            // good until the next push()
  std::int64_t timestamp = 0;  // RTP's, at 90 kHz, carried on past 32 bits
  bool is_key_frame = false;   // begins with its parameter sets, decodes alone
  bool is_disposable = false;  // no other unit refers to it
  bool gap_before = false;     // units were lost, or not passed on, since the last one that was
  /// Refers to units before the last key frame: who begins there must leave it out (H.265 RASL pictures).
  bool refers_past_key = false;
};

class VideoDepacketizer {
 public:
  /// Counted from the start; what an ingest turns into metrics and into its camera's state.
  struct Stats {
    std::uint64_t packets = 0;
    std::uint64_t lost_packets = 0;
    std::uint64_t late_packets = 0;  // older than what has been seen: left out
    std::uint64_t malformed_packets = 0;
    std::uint64_t gaps = 0;                     // times that something was missing
    std::uint64_t dropped_units = 0;            // incomplete, or before a key frame
    std::uint64_t units = 0;                    // passed on
    std::uint64_t key_frames_without_sets = 0;  // dropped, too: a parameter set has not come
  };

  virtual ~VideoDepacketizer() = default;

  /// Units that are ready must have been pulled before. InvalidArgument for a malformed payload, Unsupported
  /// for a kind of packet that is not done here, ResourceExhausted over a limit; then the unit counts as
  /// broken, and the next packets may be pushed.
  virtual Result<> push(const PacketView& packet) = 0;
  /// The next unit; at most two become ready by one packet.
  virtual std::optional<VideoUnit> pull() = 0;

  /// Nothing is passed on until a key frame comes: ask the camera for one.
  virtual bool waiting_for_key_frame() const = 0;
  /// Of the newest key frame that can be decoded.
  virtual const std::optional<codec::VideoFormat>& format() const = 0;
  virtual const Stats& stats() const = 0;
};

}  // namespace jalousie::rtp
