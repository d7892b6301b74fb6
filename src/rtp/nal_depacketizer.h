// What H.264 (RFC 6184) and H.265 (RFC 7798) have in common on their way from packets to access units: single
// NAL units, aggregates and fragments, where a unit begins and ends, and what a hole costs. What differs, the
// bytes of payloads, NAL units and parameter sets, is with the two that derive from this.
//
// A key frame begins with the parameter sets that are in force, from the SDP or from the stream, wherever the
// camera put them. Delimiters and filler are left out.
//
// A unit ends with the marker bit, once that has been seen to be true of this camera, or else where the
// timestamp changes. What cameras do against the RFCs, and what is done about it, is in
// docs/ref/camera-quirks.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "codec/access_unit.h"
#include "rtp/packet_order.h"
#include "rtp/sequence.h"
#include "rtp/video_depacketizer.h"

namespace jalousie::rtp {

class NalDepacketizer : public VideoDepacketizer {
 public:
  /// The value of one of the SDP's sprop parameters, or several joined by commas. On an error those that are
  /// good are used all the same.
  Result<> set_parameter_sets(std::string_view sprop);

  Result<> push(const PacketView& packet) final;
  std::optional<VideoUnit> pull() final;
  bool waiting_for_key_frame() const final { return waiting_for_key_; }
  const std::optional<codec::VideoFormat>& format() const final { return format_; }
  const Stats& stats() const final { return stats_; }

 protected:
  /// `name` of the codec, for errors; outlives the object.
  explicit NalDepacketizer(const char* name) : name_(name) {}

  /// A packet's payload, by its first bytes.
  struct Payload {
    enum class Kind : std::uint8_t { Nal, Aggregate, Fragment };
    Kind kind = Kind::Nal;
    ByteView data;  // the NAL unit; what stands behind the header of an aggregate or fragment
    // Of a fragment:
    bool starts = false;
    bool ends = false;
    std::array<std::uint8_t, 2> header{};  // of the NAL unit that it is part of
    std::size_t header_bytes = 0;
  };
  /// What a NAL unit is to the unit that it is part of.
  struct Nal {
    enum class Kind : std::uint8_t { Invalid, LeftOut, EndOfSequence, Sei, ParameterSet, Picture };
    Kind kind = Kind::Invalid;
    bool is_sequence_set = false;  // of a parameter set: an SPS
    // Of picture data:
    bool is_key = false;
    bool is_disposable = false;
    bool refers_past_key = false;  // RASL
    bool forgets_before = false;   // of a key: what is RASL after it never decodes (BLA)
  };
  struct PictureStart {
    bool is_first = false;  // slice of its picture
    std::uint32_t pps_id = 0;
  };
  struct Sets {
    std::vector<ByteView> nals;  // in the order in which a key frame has them
    codec::VideoFormat format;
  };

  std::unexpected<Error> malformed(std::string_view what) const {
    return refused(ErrorKind::InvalidArgument, what);
  }
  std::unexpected<Error> refused(ErrorKind kind, std::string_view what) const;

 private:
  /// Never asked of an empty payload.
  virtual Result<Payload> take_apart(ByteView payload) const = 0;
  /// Of a NAL unit with its header, or its first bytes; never empty.
  virtual Nal look_at(ByteView nal) const = 0;
  /// Of picture data: nothing where it is too short.
  virtual std::optional<PictureStart> picture_start(ByteView nal) const = 0;
  /// May stand in an aggregate: packet types may not.
  virtual bool may_be_inside(ByteView nal) const = 0;
  virtual Result<> store_set(ByteView nal) = 0;
  virtual void clear_sets() = 0;
  /// What a picture with this PPS needs; nothing where it is not all there.
  virtual std::optional<Sets> sets_for(std::uint32_t pps_id) const = 0;

  struct Unit {
    codec::AccessUnitWriter writer;
    std::int64_t timestamp = 0;
    bool is_open = false;  // has its first slice
    bool is_key = false;
    bool is_disposable = true;
    bool is_usable = true;    // can be decoded, as far as parameter sets go
    bool has_marker = false;  // on what has come last
    bool gap_before = false;
    bool refers_past_key = false;
    bool forgets_before = false;

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
  bool ends_unit(const Result<Payload>& payload, std::int64_t timestamp) const;
  std::optional<PictureStart> start_in(const Payload& payload) const;
  Result<> handle_payload(const Payload& payload);
  Result<> handle_aggregate(ByteView nals);
  Result<> handle_fragment(const Payload& fragment);
  Result<> begin_fragment(const Payload& fragment);
  Result<> end_fragment();
  Result<> handle_nal(ByteView nal);
  Result<> handle_other(ByteView nal, const Nal& what);
  Result<> begin_picture_nal(ByteView head, const Nal& what);
  Result<> open_unit(std::uint32_t pps_id, const Nal& what);
  Result<> write_sets(std::uint32_t pps_id);
  void handle_marker();
  void finish_unit();
  bool passes_on(const Unit& done);
  void break_unit();
  void note_gap();

  const char* name_;
  std::optional<codec::VideoFormat> format_;

  PacketOrder order_;
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
  bool sets_in_band_ = false;     // this camera sends SPS in its stream
  bool sets_since_gap_ = true;    // and one has come since something was lost
  bool sequence_ended_ = false;   // the next key frame forgets what was before
  bool key_stands_alone_ = true;  // what refers past the last key frame is not there
  Stats stats_;
};

}  // namespace jalousie::rtp
