#include "rtp/h264_depacketizer.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "codec/annex_b.h"
#include "codec/h264_nal.h"
#include "codec/h264_slice.h"
#include "rtp/h264_payload.h"

namespace jalousie::rtp {
namespace {

namespace h264 = codec::h264;
using h264::NalType;

// RFC 3550 appendix A.1, MAX_MISORDER: further behind than this, a packet is not late, the sender started
// anew.
constexpr std::int32_t kMaxMisorder = 100;
// The first three elements of a slice header take 12 bytes at most, emulation prevention included.
constexpr std::size_t kSliceStartBytes = 24;

std::unexpected<Error> malformed(const char* what) { return fail(ErrorKind::InvalidArgument, what); }

bool is_fragment(ByteView payload) {
  return payload.size() >= kFuHeaderBytes && (payload[0] & kTypeBits) == kFuA;
}

std::uint8_t header_of_fragments(ByteView payload) {
  return static_cast<std::uint8_t>((payload[0] & ~kTypeBits) | (payload[1] & kTypeBits));
}

/// A NAL unit's header and the first bytes behind it, put together from the first fragment.
struct Head {
  std::array<std::uint8_t, kSliceStartBytes> bytes{};
  std::size_t size = 0;

  Head(std::uint8_t header, ByteView data) : size(1 + std::min(data.size(), kSliceStartBytes - 1)) {
    bytes[0] = header;
    std::ranges::copy(data.first(size - 1), bytes.begin() + 1);
  }
  ByteView view() const { return ByteView(bytes).first(size); }
};

/// The slice that begins in this packet, where one does.
std::optional<h264::SliceStart> slice_start(ByteView payload) {
  if (!is_fragment(payload)) return h264::parse_slice_start(payload);
  if ((payload[1] & kFuStart) == 0) return std::nullopt;
  return h264::parse_slice_start(Head(header_of_fragments(payload), payload.subspan(kFuHeaderBytes)).view());
}

}  // namespace

Result<> H264Depacketizer::set_parameter_sets(std::string_view sprop_parameter_sets) {
  TRY(const auto nals, h264::parse_sprop_parameter_sets(sprop_parameter_sets));
  Result<> result;
  for (const Buffer& nal : nals) {
    if (!h264::is_parameter_set(h264::nal_type(nal))) continue;
    if (auto stored = sets_.store(nal); !stored && result) result = std::move(stored);
  }
  return result;
}

Result<> H264Depacketizer::push(const PacketView& packet) {
  JAL_ASSERT(pulled_ == ready_count_);
  for (std::size_t i = 0; i < ready_count_; ++i) units_[ready_[i]].reset();
  ready_count_ = pulled_ = 0;
  if (!unit().is_open) current_ = 0;  // one piece of memory is enough for a camera that sets markers

  ++stats_.packets;
  if (!accept_sequence(packet) || packet.payload.empty()) return {};
  packet_timestamp_ = timestamps_.unwrap(packet.timestamp);
  if (ends_unit(packet, packet_timestamp_)) {
    if (marker_ == Marker::Unknown && unit().has_marker) marker_ = Marker::Trusted;
    finish_unit();
  }
  auto handled = handle_payload(packet.payload);
  if (!handled) {
    ++stats_.malformed_packets;
    break_unit();
  } else if (packet.marker) {
    handle_marker();
  }
  return handled;
}

std::optional<VideoUnit> H264Depacketizer::pull() {
  if (pulled_ == ready_count_) return std::nullopt;
  const Unit& ready = units_[ready_[pulled_++]];
  return VideoUnit{ready.writer.view(), ready.timestamp, ready.is_key, ready.is_disposable, ready.gap_before};
}

/// False for a packet that is to be left out.
bool H264Depacketizer::accept_sequence(const PacketView& packet) {
  const bool same_source = expected_ && packet.ssrc == ssrc_;
  if (expected_ && !same_source) break_unit();
  if (same_source) {
    const std::int32_t ahead = sequence_distance(*expected_, packet.sequence);
    if (ahead < 0 && ahead >= -kMaxMisorder) {
      ++stats_.late_packets;
      return false;
    }
    if (ahead != 0) {
      stats_.lost_packets += ahead > 0 ? static_cast<std::uint64_t>(ahead) : 0;
      break_unit();
    }
  }
  ssrc_ = packet.ssrc;
  expected_ = static_cast<std::uint16_t>(packet.sequence + 1);
  return true;
}

/// By its timestamp the packet belongs to another picture; but a fragment, or a slice that is not a picture's
/// first, still belongs to the one in progress, whatever timestamp the camera put there.
bool H264Depacketizer::ends_unit(const PacketView& packet, std::int64_t timestamp) const {
  const Unit& open = units_[current_];
  if (!open.is_open || open.timestamp == timestamp) return false;
  if (fragment_ == Fragment::Picture && is_fragment(packet.payload) && (packet.payload[1] & kFuStart) == 0)
    return false;
  const auto start = slice_start(packet.payload);
  return !start || start->first_mb == 0;
}

Result<> H264Depacketizer::handle_payload(ByteView payload) {
  const std::uint8_t type = payload[0] & kTypeBits;
  if (type == kFuA) return handle_fragment(payload);
  TRY_VOID(end_fragment());  // some cameras leave the end bit out
  if (type == kStapA) return handle_aggregate(payload);
  if (type > kStapA && type <= kFuB) {
    return fail(ErrorKind::Unsupported,
                "H.264 over RTP: packetization mode 2 (interleaved) is not supported");
  }
  return handle_nal(payload);
}

/// RFC 6184 section 5.7.1.
Result<> H264Depacketizer::handle_aggregate(ByteView payload) {
  ByteReader reader(payload);
  reader.skip(1);
  while (reader.remaining() > 0) {
    const std::uint16_t size = reader.u16();
    const ByteView nal = reader.bytes(size);
    if (!reader.ok()) return malformed("H.264 over RTP: STAP-A ends inside a NAL unit");
    if (nal.empty()) continue;
    if ((nal[0] & kTypeBits) >= kStapA) return malformed("H.264 over RTP: STAP-A with a packet type inside");
    TRY_VOID(handle_nal(nal));
  }
  return {};
}

/// RFC 6184 section 5.8.
Result<> H264Depacketizer::handle_fragment(ByteView payload) {
  if (payload.size() < kFuHeaderBytes) return malformed("H.264 over RTP: FU-A without its header");
  const ByteView data = payload.subspan(kFuHeaderBytes);
  if ((payload[1] & kFuStart) != 0) {
    TRY_VOID(end_fragment());
    TRY_VOID(begin_fragment(header_of_fragments(payload), data));
  }
  switch (fragment_) {
    case Fragment::None:
      if (waiting_for_key_) return {};  // the rest of a NAL unit whose start is lost
      return malformed("H.264 over RTP: FU-A without its start");
    case Fragment::Picture:
      TRY_VOID(unit().writer.extend(data));
      break;
    case Fragment::Other:
      TRY_VOID(before_.extend(data));
      break;
    case Fragment::LeftOut:
      break;
  }
  return (payload[1] & kFuEnd) != 0 ? end_fragment() : Result<>();
}

Result<> H264Depacketizer::begin_fragment(std::uint8_t header, ByteView data) {
  const NalType type = h264::nal_type(header);
  if (h264::is_picture_data(type)) {
    TRY_VOID(begin_picture_nal(Head(header, data).view()));
    TRY_VOID(unit().writer.begin(header));
    fragment_ = Fragment::Picture;
  } else if (h264::is_kept(type)) {
    TRY_VOID(before_.begin(header));
    fragment_ = Fragment::Other;
  } else {
    fragment_ = Fragment::LeftOut;
  }
  return {};
}

Result<> H264Depacketizer::end_fragment() {
  const Fragment ended = std::exchange(fragment_, Fragment::None);
  if (ended == Fragment::Picture) unit().writer.end();
  if (ended == Fragment::Other) {
    const Buffer nal(before_.open_nal().begin(), before_.open_nal().end());
    before_.abandon();
    return handle_nal(nal);
  }
  return {};
}

Result<> H264Depacketizer::handle_nal(ByteView nal) {
  const NalType type = h264::nal_type(nal);
  if (h264::is_picture_data(type)) {
    TRY_VOID(begin_picture_nal(nal));
    return unit().writer.append(nal);
  }
  if (!h264::is_kept(type) && type != NalType{}) return {};
  // A NAL unit cannot hold a start code, so where one is, the camera sent a piece of a byte stream.
  if (codec::find_start_code(nal) == nal.size()) return handle_other(nal);
  codec::AnnexBNals pieces(nal);
  for (auto piece = pieces.next(); piece; piece = pieces.next()) TRY_VOID(handle_nal(*piece));
  return {};
}

/// SEI and parameter sets: of the picture that follows, whatever their timestamps and markers say
/// (clause 7.4.1.2.3).
Result<> H264Depacketizer::handle_other(ByteView nal) {
  const NalType type = h264::nal_type(nal);
  if (type == NalType{}) return malformed("H.264 over RTP: NAL unit type 0");
  if (h264::is_parameter_set(type)) {
    if (auto stored = sets_.store(nal); !stored) {
      sets_.clear();  // what follows belongs to sets that we do not have
      return stored;
    }
    if (type == NalType::Sps) sets_in_band_ = sets_since_gap_ = true;
  }
  return before_.append(nal);
}

/// Before picture data goes into the unit: opens it where this is its first. `head` has at least a slice
/// header's start.
Result<> H264Depacketizer::begin_picture_nal(ByteView head) {
  const NalType type = h264::nal_type(head);
  if (unit().is_open) {
    if (unit().has_marker) marker_ = Marker::Untrusted;
    unit().has_marker = false;
    if (h264::nal_ref_idc(head[0]) != 0) unit().is_disposable = false;
    const bool idr_inside = type == NalType::IdrSlice && !unit().is_key;
    return idr_inside ? malformed("H.264 over RTP: IDR slice in a picture of another kind") : Result<>();
  }
  const auto start = h264::parse_slice_start(head);
  if (!start) return malformed("H.264 over RTP: a slice without its header");
  if (start->first_mb != 0) {
    if (finished_timestamp_ == packet_timestamp_) marker_ = Marker::Untrusted;
    if (!waiting_for_key_) return malformed("H.264 over RTP: a picture without its first slice");
    unit().is_usable = false;
  }
  TRY_VOID(open_unit(start->pps_id, type == NalType::IdrSlice));
  unit().is_disposable = h264::nal_ref_idc(head[0]) == 0;
  return {};
}

Result<> H264Depacketizer::open_unit(std::uint32_t pps_id, bool is_key) {
  unit().is_open = true;
  unit().is_key = is_key;
  unit().timestamp = packet_timestamp_;
  if (is_key) TRY_VOID(write_sets(pps_id));
  for (const ByteView nal : codec::NalUnits(before_.view())) {
    if (!is_key || !h264::is_parameter_set(h264::nal_type(nal))) TRY_VOID(unit().writer.append(nal));
  }
  before_.clear();
  return {};
}

/// A camera that sends parameter sets in its stream may have changed them in what was lost.
Result<> H264Depacketizer::write_sets(std::uint32_t pps_id) {
  const auto active = sets_.for_slice(pps_id);
  if (!active) ++stats_.key_frames_without_sets;
  if (!active || (sets_in_band_ && !sets_since_gap_)) {
    unit().is_usable = false;
    return {};
  }
  if (!std::ranges::equal(active->sps_nal, active_sps_)) {
    active_sps_.assign(active->sps_nal.begin(), active->sps_nal.end());
    format_ = h264::video_format(*active->sps);
  }
  TRY_VOID(unit().writer.append(active->sps_nal));
  for (const ByteView pps : active->pps_nals) TRY_VOID(unit().writer.append(pps));
  return {};
}

void H264Depacketizer::handle_marker() {
  if (!unit().is_open || fragment_ != Fragment::None) return;
  unit().has_marker = true;
  if (marker_ != Marker::Trusted) return;
  finished_timestamp_ = unit().timestamp;
  finish_unit();
}

void H264Depacketizer::finish_unit() {
  if (fragment_ == Fragment::Picture) {  // without its end bit
    unit().writer.end();
    fragment_ = Fragment::None;
  }
  Unit& done = unit();
  const bool pass_on = done.is_usable && (done.is_key || !waiting_for_key_);
  if (!pass_on) {
    if (!waiting_for_key_) note_gap();
    ++stats_.dropped_units;
    done.reset();
    return;
  }
  done.is_open = false;
  done.gap_before = std::exchange(gap_pending_, false);
  waiting_for_key_ = false;
  ++stats_.units;
  ready_[ready_count_++] = current_;
  current_ = 1 - current_;
}

/// Something is missing: nothing more until a key frame.
void H264Depacketizer::break_unit() {
  fragment_ = Fragment::None;
  before_.clear();
  if (unit().is_open) ++stats_.dropped_units;
  unit().reset();
  sets_since_gap_ = false;
  note_gap();
}

void H264Depacketizer::note_gap() {
  ++stats_.gaps;
  waiting_for_key_ = true;
  gap_pending_ = stats_.units > 0;
}

void H264Depacketizer::Unit::reset() {
  writer.clear();
  *this = Unit{std::move(writer)};
}

}  // namespace jalousie::rtp
