// Access units (codec/access_unit.h) to RTP packets, as far as RFC 6184 (H.264, packetization mode 1) and
// RFC 7798 (H.265) do it alike. Neighbouring NAL units that fit into one packet share it (so do parameter
// sets), what fits alone goes alone, what does not is split into fragments of equal size but for the last, so
// that the kernel can cut the run itself. The marker is on the last packet.
//
// The same inputs give the same bytes, at any time: a lost packet is made again from the unit.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "rtp/packet_batch.h"

namespace jalousie::rtp {

class NalPacketizer {
 public:
  /// With 12 bytes of RTP header, an SRTP tag of 16, UDP and IPv6, this stays below IPv6's least MTU of 1280.
  static constexpr std::size_t kPayloadBytes = 1200;

  virtual ~NalPacketizer() = default;
  NalPacketizer(const NalPacketizer&) = delete;
  NalPacketizer& operator=(const NalPacketizer&) = delete;

  /// Appends the packets of `unit` to `batch`, numbered from `first_sequence` on, and says how many there
  /// are. InvalidArgument or ResourceExhausted where it is no access unit; then `batch` is as before.
  Result<std::size_t> packetize(ByteView unit, std::uint32_t timestamp, std::uint16_t first_sequence,
                                PacketBatch& batch) const;

 protected:
  /// `max_payload_bytes`: of a packet's payload, behind the RTP header; at least 64. `nal_header_bytes`: of a
  /// NAL unit, and of an aggregate; a fragment has one more.
  NalPacketizer(std::uint32_t ssrc, std::uint8_t payload_type, std::size_t max_payload_bytes,
                std::size_t nal_header_bytes);

 private:
  /// Of a NAL unit that is not empty: RTP has a place for its type.
  virtual bool can_carry(ByteView nal) const = 0;
  /// In front of an aggregate of `nals` (part of a unit).
  virtual void write_aggregate_header(ByteWriter& writer, ByteView nals) const = 0;
  /// In front of a fragment of `nal`.
  virtual void write_fragment_header(ByteWriter& writer, ByteView nal, bool starts, bool ends) const = 0;

  struct Run;
  MutableBytes add_packet(Run& run, std::size_t payload_bytes) const;
  void add_single(Run& run, ByteView nal) const;
  void add_aggregate(Run& run, ByteView nals, std::size_t bytes) const;
  void add_fragments(Run& run, ByteView nal) const;

  std::uint32_t ssrc_;
  std::uint8_t payload_type_;
  std::size_t max_payload_bytes_;
  std::size_t nal_header_bytes_;
};

}  // namespace jalousie::rtp
