// RTP packets of one H.264 stream to access units: RFC 6184, packetization modes 0 and 1 (single NAL units,
// STAP-A, FU-A). Mode 2 (STAP-B, MTAP, FU-B) is an error: no camera sends it unasked.
//
//   push(packet); while (auto unit = pull()) ...
//
// What comes out always decodes: a unit that lost a packet, and all after it up to the next key frame that is
// whole, are not passed on, and the unit that is passed on next says so. A key frame begins with the
// parameter sets that are in force, from the SDP or from the stream, wherever the camera put them. Delimiters
// and filler are left out.
//
// A unit ends with the marker bit, once that has been seen to be true of this camera, or else where the
// timestamp changes. What cameras do against the RFC, and what is done about it, is in
// docs/ref/camera-quirks.md.
//
// Packets must come in order (over UDP: from a ReorderBuffer). One loop; memory is kept for the next unit and
// wiped at the end.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/access_unit.h"
#include "codec/parameter_sets.h"
#include "codec/video_format.h"
#include "rtp/packet.h"
#include "rtp/sequence.h"

namespace jalousie::rtp {

/// One access unit, in the format of codec/access_unit.h.
struct VideoUnit {
  ByteView payload;            // good until the next push()
  std::int64_t timestamp = 0;  // RTP's, at 90 kHz, carried on past 32 bits
  bool is_key_frame = false;   // begins with SPS and PPS, decodes alone
  bool is_disposable = false;  // no other unit refers to it
  bool gap_before = false;     // units were lost, or not passed on, since the last one that was
};

class H264Depacketizer {
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
    std::uint64_t key_frames_without_sets = 0;  // dropped, too: no SPS or PPS has come
  };

  /// The value of the SDP's sprop-parameter-sets. On an error those that are good are used all the same.
  Result<> set_parameter_sets(std::string_view sprop_parameter_sets);

  /// Units that are ready must have been pulled before. InvalidArgument for a malformed payload, Unsupported
  /// for mode 2, ResourceExhausted over a limit; then the unit counts as broken, and the next packets may be
  /// pushed.
  Result<> push(const PacketView& packet);
  /// The next unit; at most two become ready by one packet.
  std::optional<VideoUnit> pull();

  /// Nothing is passed on until a key frame comes: ask the camera for one.
  bool waiting_for_key_frame() const { return waiting_for_key_; }
  /// Of the newest key frame that parameter sets were there for.
  const std::optional<codec::VideoFormat>& format() const { return format_; }
  const Stats& stats() const { return stats_; }

 private:
  struct Unit {
    codec::AccessUnitWriter writer;
    std::int64_t timestamp = 0;
    bool is_open = false;  // has its first slice
    bool is_key = false;
    bool is_disposable = true;
    bool is_usable = true;    // can be decoded, as far as parameter sets go
    bool has_marker = false;  // on what has come last
    bool gap_before = false;

    /// As new, but for its memory.
    void reset();
  };
  /// Whether the marker ends a unit.
  enum class Marker : std::uint8_t {
    Unknown,  // units end with the timestamp, until one has had its marker in the right place
    Trusted,
    Untrusted,  // this camera sets it in the middle of pictures
  };
  /// Where the fragments of the NAL unit in progress go.
  enum class Fragment : std::uint8_t { None, Picture, Other, LeftOut };

  Unit& unit() { return units_[current_]; }
  bool accept_sequence(const PacketView& packet);
  bool ends_unit(const PacketView& packet, std::int64_t timestamp) const;
  Result<> handle_payload(ByteView payload);
  Result<> handle_aggregate(ByteView payload);
  Result<> handle_fragment(ByteView payload);
  Result<> begin_fragment(std::uint8_t header, ByteView data);
  Result<> end_fragment();
  Result<> handle_nal(ByteView nal);
  Result<> handle_other(ByteView nal);
  Result<> begin_picture_nal(ByteView head);
  Result<> open_unit(std::uint32_t pps_id, bool is_key);
  Result<> write_sets(std::uint32_t pps_id);
  void handle_marker();
  void finish_unit();
  void break_unit();
  void note_gap();

  codec::h264::ParameterSets sets_;
  Buffer active_sps_;
  std::optional<codec::VideoFormat> format_;

  std::optional<std::uint16_t> expected_;
  std::uint32_t ssrc_ = 0;
  TimestampUnwrapper timestamps_;
  std::int64_t packet_timestamp_ = 0;
  std::optional<std::int64_t> finished_timestamp_;  // of the unit that a marker ended last

  codec::AccessUnitWriter before_;  // SEI and parameter sets since the last slice: of the next unit
  std::array<Unit, 2> units_;
  std::size_t current_ = 0;
  std::array<std::size_t, 2> ready_{};
  std::size_t ready_count_ = 0;
  std::size_t pulled_ = 0;

  Marker marker_ = Marker::Unknown;
  Fragment fragment_ = Fragment::None;
  bool waiting_for_key_ = true;
  bool gap_pending_ = false;
  bool sets_in_band_ = false;   // this camera sends SPS in its stream
  bool sets_since_gap_ = true;  // and one has come since something was lost
  Stats stats_;
};

}  // namespace jalousie::rtp
