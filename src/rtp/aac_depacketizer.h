// RTP packets of one AAC stream to its frames: RFC 3640 (mpeg4-generic; modes AAC-hbr and AAC-lbr): several
// access units a packet, or one in fragments. Interleaving (section 3.2.3.2) is Unsupported: no camera known
// to us delays its sound by it.
//
//    | AU-headers-length u16 | AU-header ... padding | auxiliary section | AU, AU, ... |
//
//   push(packet); while (auto unit = pull()) ...
//
// Packets must come in order (over UDP: from a ReorderBuffer). One loop; memory is kept for the next frame
// and wiped at the end.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "codec/raw_bits.h"
#include "codec/wiped_buffer.h"
#include "rtp/audio_unit.h"
#include "rtp/packet.h"
#include "rtp/packet_order.h"

namespace jalousie::rtp {

/// The widths of an AU-header's fields, in bits, as fmtp gives them (section 4.1). Each at most 32. The
/// defaults are those of AAC-hbr (section 3.3.6).
struct AacPayload {
  unsigned size_length = 13;         // sizelength; 0 where a packet is one frame without a header
  unsigned index_length = 3;         // indexlength
  unsigned index_delta_length = 3;   // indexdeltalength
  unsigned cts_delta_length = 0;     // CTSDeltaLength
  unsigned dts_delta_length = 0;     // DTSDeltaLength
  unsigned stream_state_length = 0;  // streamStateIndication
  unsigned auxiliary_length = 0;     // auxiliaryDataSizeLength
  bool random_access = false;        // randomAccessIndication

  /// Whether the widths make sense.
  bool is_valid() const;
  bool has_headers() const;
};

class AacDepacketizer {
 public:
  /// `frame_ticks`: of one frame, at the track's clock rate.
  AacDepacketizer(AacPayload payload, std::uint32_t frame_ticks);

  /// Units that are ready must have been pulled before. InvalidArgument for a malformed packet, Unsupported
  /// for interleaving, ResourceExhausted over limits::kAudioFrameBytes or kAudioFramesPerPacket; then nothing
  /// of the packet is passed on, and the next may be pushed.
  Result<> push(const PacketView& packet);
  std::optional<AudioUnit> pull();
  AudioStats stats() const;

 private:
  Result<> handle(const PacketView& packet, std::int64_t timestamp);
  Result<std::uint32_t> read_header(codec::RawBits& bits, bool is_first) const;
  Result<> read_headers(ByteView headers, std::size_t bits);
  Result<> add_fragment(ByteView data, std::uint32_t size, std::int64_t timestamp, bool is_last);
  Result<> add_units(ByteView data, std::int64_t timestamp);
  void drop_fragment();

  AacPayload payload_;
  std::uint32_t frame_ticks_;
  PacketOrder order_;
  TimestampUnwrapper timestamps_;
  std::vector<std::uint32_t> sizes_;  // of the packet's frames
  codec::WipedBuffer fragment_;
  std::uint32_t fragment_size_ = 0;  // what it will be; 0 while there is none
  std::int64_t fragment_timestamp_ = 0;
  std::vector<AudioUnit> units_;
  std::size_t pulled_ = 0;
  bool gap_pending_ = false;
  AudioStats stats_;
};

}  // namespace jalousie::rtp
