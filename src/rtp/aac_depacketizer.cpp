#include "rtp/aac_depacketizer.h"

#include <utility>

#include "base/assert.h"
#include "base/limits.h"

namespace jalousie::rtp {

namespace {
constexpr unsigned kWidest = 32;

std::unexpected<Error> malformed(const char* what) { return fail(ErrorKind::InvalidArgument, what); }
std::unexpected<Error> too_much(const char* what) { return fail(ErrorKind::ResourceExhausted, what); }
}  // namespace

bool AacPayload::is_valid() const {
  for (const unsigned width : {size_length, index_length, index_delta_length, cts_delta_length,
                               dts_delta_length, stream_state_length, auxiliary_length}) {
    if (width > kWidest) return false;
  }
  return size_length > 0 || !has_headers();
}

bool AacPayload::has_headers() const {
  return size_length + index_length + index_delta_length + cts_delta_length + dts_delta_length +
                 stream_state_length >
             0 ||
         random_access;
}

AacDepacketizer::AacDepacketizer(AacPayload payload, std::uint32_t frame_ticks)
    : payload_(payload), frame_ticks_(frame_ticks) {
  JAL_ASSERT(payload.is_valid());
}

Result<> AacDepacketizer::push(const PacketView& packet) {
  JAL_ASSERT(pulled_ == units_.size());
  if (fragment_size_ == 0) fragment_.clear();
  units_.clear();
  pulled_ = 0;
  ++stats_.packets;
  const auto place = order_.place(packet);
  if (place == PacketOrder::Place::Late) return {};
  if (place == PacketOrder::Place::AfterGap) {
    drop_fragment();
    gap_pending_ = true;
  }
  const std::int64_t timestamp = timestamps_.unwrap(packet.timestamp);
  if (packet.payload.empty()) return {};
  auto handled = handle(packet, timestamp);
  if (!handled) {
    ++stats_.malformed_packets;
    units_.clear();
    drop_fragment();
    gap_pending_ = true;
  }
  return handled;
}

Result<> AacDepacketizer::handle(const PacketView& packet, std::int64_t timestamp) {
  sizes_.clear();
  ByteReader reader(packet.payload);
  if (payload_.has_headers()) {
    const std::size_t bits = reader.u16();
    const ByteView headers = reader.bytes((bits + 7) / 8);
    if (!reader.ok() || bits == 0) return malformed("AAC: AU-headers do not fit");
    TRY_VOID(read_headers(headers, bits));
  }
  if (payload_.auxiliary_length > 0) {  // section 3.2.2: its size, itself, filled up to a byte
    codec::RawBits bits(reader.rest());
    bits.skip(bits.bits(payload_.auxiliary_length));
    if (!bits.ok()) return malformed("AAC: the auxiliary section does not fit");
    reader.skip((bits.position() + 7) / 8);
  }
  const ByteView data = reader.rest();
  if (!payload_.has_headers()) {  // section 3.2.1: then the rest of the packet is one frame
    if (data.size() > limits::kAudioFrameBytes) return too_much("AAC: a frame that is too long");
    sizes_.push_back(static_cast<std::uint32_t>(data.size()));
  }
  if (sizes_.size() == 1 && sizes_[0] > data.size())
    return add_fragment(data, sizes_[0], timestamp, packet.marker);
  if (fragment_size_ != 0) {
    drop_fragment();
    gap_pending_ = true;
  }
  return add_units(data, timestamp);
}

Result<> AacDepacketizer::read_headers(ByteView headers, std::size_t length) {
  codec::RawBits bits(headers);
  while (bits.position() < length) {
    if (sizes_.size() == limits::kAudioFramesPerPacket) return too_much("AAC: too many frames in a packet");
    TRY(const std::uint32_t size, read_header(bits, sizes_.empty()));
    if (!bits.ok() || bits.position() > length) return malformed("AAC: AU-headers do not fit");
    if (size > limits::kAudioFrameBytes) return too_much("AAC: a frame that is too long");
    sizes_.push_back(size);
  }
  return {};
}

/// Section 3.2.1.1: the frame's size.
Result<std::uint32_t> AacDepacketizer::read_header(codec::RawBits& bits, bool is_first) const {
  const std::uint32_t size = bits.bits(payload_.size_length);
  const std::uint32_t index = bits.bits(is_first ? payload_.index_length : payload_.index_delta_length);
  // The first index need not begin at 0: cameras count it up.
  if (!is_first && index != 0) return fail(ErrorKind::Unsupported, "AAC: interleaved frames");
  if (payload_.cts_delta_length > 0 && bits.flag()) bits.skip(payload_.cts_delta_length);
  if (payload_.dts_delta_length > 0 && bits.flag()) bits.skip(payload_.dts_delta_length);
  if (payload_.random_access) bits.skip(1);
  bits.skip(payload_.stream_state_length);
  return size;
}

/// Section 3.2.3: each fragment has a header with the size of the whole, and its timestamp.
Result<> AacDepacketizer::add_fragment(ByteView data, std::uint32_t size, std::int64_t timestamp,
                                       bool is_last) {
  const bool continues = fragment_size_ == size && fragment_timestamp_ == timestamp && fragment_size_ != 0;
  if (!continues) {
    if (fragment_size_ != 0) gap_pending_ = true;
    drop_fragment();
    fragment_size_ = size;
    fragment_timestamp_ = timestamp;
  }
  if (fragment_.size() + data.size() > size) return malformed("AAC: fragments are more than their frame");
  fragment_.append(data);
  if (fragment_.size() == size) {
    fragment_size_ = 0;
    units_.push_back({fragment_.view(), timestamp, std::exchange(gap_pending_, false)});
    return {};
  }
  if (is_last) {  // its beginning was lost, or came before we did
    drop_fragment();
    gap_pending_ = true;
  }
  return {};
}

Result<> AacDepacketizer::add_units(ByteView data, std::int64_t timestamp) {
  ByteReader reader(data);
  for (const std::uint32_t size : sizes_) {
    const ByteView frame = reader.bytes(size);
    if (!reader.ok()) return malformed("AAC: frames are longer than their packet");
    if (!frame.empty()) units_.push_back({frame, timestamp, std::exchange(gap_pending_, false)});
    timestamp += frame_ticks_;
  }
  return {};
}

void AacDepacketizer::drop_fragment() {
  fragment_.clear();
  fragment_size_ = 0;
}

std::optional<AudioUnit> AacDepacketizer::pull() {
  if (pulled_ == units_.size()) return std::nullopt;
  ++stats_.units;
  return units_[pulled_++];
}

AudioStats AacDepacketizer::stats() const {
  AudioStats stats = stats_;
  stats.lost_packets = order_.lost();
  stats.late_packets = order_.late();
  return stats;
}

}  // namespace jalousie::rtp
