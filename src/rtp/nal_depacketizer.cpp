#include "rtp/nal_depacketizer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "codec/annex_b.h"
#include "codec/parameter_sets.h"

namespace jalousie::rtp {
namespace {

// The elements of a slice header up to the PPS take 12 bytes at most, emulation prevention included.
constexpr std::size_t kSliceStartBytes = 24;

/// A NAL unit's header and the first bytes behind it, put together from the first fragment.
struct Head {
  std::array<std::uint8_t, kSliceStartBytes> bytes{};
  std::size_t size = 0;

  Head(ByteView header, ByteView data)
      : size(header.size() + std::min(data.size(), kSliceStartBytes - header.size())) {
    const auto behind = std::ranges::copy(header, bytes.begin()).out;
    std::ranges::copy(data.first(size - header.size()), behind);
  }
  ByteView view() const { return ByteView(bytes).first(size); }
};

}  // namespace

std::unexpected<Error> NalDepacketizer::refused(ErrorKind kind, std::string_view what) const {
  return fail(kind, fmt::format("{} over RTP: {}", name_, what));
}

Result<> NalDepacketizer::set_parameter_sets(std::string_view sprop) {
  TRY(const auto nals, codec::parse_sprop_parameter_sets(sprop));
  Result<> result;
  for (const Buffer& nal : nals) {
    if (look_at(nal).kind != Nal::Kind::ParameterSet) continue;
    if (auto stored = store_set(nal); !stored && result) result = std::move(stored);
  }
  return result;
}

Result<> NalDepacketizer::push(const PacketView& packet) {
  JAL_ASSERT(pulled_ == ready_count_);
  for (std::size_t i = 0; i < ready_count_; ++i) units_[ready_[i]].reset();
  ready_count_ = pulled_ = 0;
  if (!unit().is_open) current_ = 0;  // one piece of memory is enough for a camera that sets markers

  ++stats_.packets;
  const auto place = order_.place(packet);
  stats_.lost_packets = order_.lost();
  stats_.late_packets = order_.late();
  if (place == PacketOrder::Place::Late) return {};
  if (place == PacketOrder::Place::AfterGap) break_unit();
  if (packet.payload.empty()) return {};
  packet_timestamp_ = timestamps_.unwrap(packet.timestamp);
  const auto payload = take_apart(packet.payload);
  if (ends_unit(payload, packet_timestamp_)) {
    if (marker_ == Marker::Unknown && unit().has_marker) marker_ = Marker::Trusted;
    finish_unit();
  }
  auto handled = payload ? handle_payload(*payload) : Result<>(std::unexpected(payload.error()));
  if (!handled) {
    ++stats_.malformed_packets;
    break_unit();
  } else if (packet.marker) {
    handle_marker();
  }
  return handled;
}

std::optional<VideoUnit> NalDepacketizer::pull() {
  if (pulled_ == ready_count_) return std::nullopt;
  const Unit& ready = units_[ready_[pulled_++]];
  return VideoUnit{.payload = ready.writer.view(),
                   .timestamp = ready.timestamp,
                   .is_key_frame = ready.is_key,
                   .is_disposable = ready.is_disposable,
                   .gap_before = ready.gap_before,
                   .refers_past_key = ready.refers_past_key};
}

/// By its timestamp the packet belongs to another picture; but a fragment, or a slice that is not a picture's
/// first, still belongs to the one in progress, whatever timestamp the camera put there.
bool NalDepacketizer::ends_unit(const Result<Payload>& payload, std::int64_t timestamp) const {
  const Unit& open = units_[current_];
  if (!open.is_open || open.timestamp == timestamp) return false;
  if (!payload) return true;
  const bool is_fragment = payload->kind == Payload::Kind::Fragment;
  if (fragment_ == Fragment::Picture && is_fragment && !payload->starts) return false;
  const auto start = start_in(*payload);
  return !start || start->is_first;
}

/// The slice that begins in this packet, where one does.
std::optional<NalDepacketizer::PictureStart> NalDepacketizer::start_in(const Payload& payload) const {
  if (payload.kind == Payload::Kind::Nal) return picture_start(payload.data);
  if (payload.kind != Payload::Kind::Fragment || !payload.starts) return std::nullopt;
  return picture_start(Head(ByteView(payload.header).first(payload.header_bytes), payload.data).view());
}

Result<> NalDepacketizer::handle_payload(const Payload& payload) {
  if (payload.kind == Payload::Kind::Fragment) return handle_fragment(payload);
  TRY_VOID(end_fragment());  // some cameras leave the end bit out
  if (payload.kind == Payload::Kind::Aggregate) return handle_aggregate(payload.data);
  return handle_nal(payload.data);
}

Result<> NalDepacketizer::handle_aggregate(ByteView nals) {
  ByteReader reader(nals);
  while (reader.remaining() > 0) {
    const std::uint16_t size = reader.u16();
    const ByteView nal = reader.bytes(size);
    if (!reader.ok()) return malformed("an aggregate ends inside a NAL unit");
    if (nal.empty()) continue;
    if (!may_be_inside(nal)) return malformed("an aggregate with a packet type inside");
    TRY_VOID(handle_nal(nal));
  }
  return {};
}

Result<> NalDepacketizer::handle_fragment(const Payload& fragment) {
  if (fragment.starts) {
    TRY_VOID(end_fragment());
    TRY_VOID(begin_fragment(fragment));
  }
  switch (fragment_) {
    case Fragment::None:
      if (waiting_for_key_) return {};  // the rest of a NAL unit whose start is lost
      return malformed("a fragment without its start");
    case Fragment::Picture:
      TRY_VOID(unit().writer.extend(fragment.data));
      break;
    case Fragment::Other:
      TRY_VOID(before_.extend(fragment.data));
      break;
    case Fragment::LeftOut:
      break;
  }
  return fragment.ends ? end_fragment() : Result<>();
}

Result<> NalDepacketizer::begin_fragment(const Payload& fragment) {
  const ByteView header = ByteView(fragment.header).first(fragment.header_bytes);
  const Nal what = look_at(header);
  if (what.kind == Nal::Kind::Picture) {
    TRY_VOID(begin_picture_nal(Head(header, fragment.data).view(), what));
    TRY_VOID(unit().writer.begin(header[0]));
    TRY_VOID(unit().writer.extend(header.subspan(1)));
    fragment_ = Fragment::Picture;
  } else if (what.kind == Nal::Kind::Sei || what.kind == Nal::Kind::ParameterSet) {
    TRY_VOID(before_.begin(header[0]));
    TRY_VOID(before_.extend(header.subspan(1)));
    fragment_ = Fragment::Other;
  } else {
    fragment_ = Fragment::LeftOut;
  }
  return {};
}

Result<> NalDepacketizer::end_fragment() {
  const Fragment ended = std::exchange(fragment_, Fragment::None);
  if (ended == Fragment::Picture) unit().writer.end();
  if (ended == Fragment::Other) {
    const Buffer nal(before_.open_nal().begin(), before_.open_nal().end());
    before_.abandon();
    return handle_nal(nal);
  }
  return {};
}

Result<> NalDepacketizer::handle_nal(ByteView nal) {
  const Nal what = look_at(nal);
  switch (what.kind) {
    case Nal::Kind::Picture:
      TRY_VOID(begin_picture_nal(nal, what));
      return unit().writer.append(nal);
    case Nal::Kind::EndOfSequence:
      sequence_ended_ = true;
      return {};
    case Nal::Kind::LeftOut:
      return {};
    case Nal::Kind::Invalid:
    case Nal::Kind::Sei:
    case Nal::Kind::ParameterSet:
      break;
  }
  // A NAL unit cannot hold a start code, so where one is, the camera sent a piece of a byte stream.
  if (codec::find_start_code(nal) == nal.size()) return handle_other(nal, what);
  codec::AnnexBNals pieces(nal);
  for (auto piece = pieces.next(); piece; piece = pieces.next()) TRY_VOID(handle_nal(*piece));
  return {};
}

/// SEI and parameter sets: of the picture that follows, whatever their timestamps and markers say
/// (H.264 clause 7.4.1.2.3, H.265 clause 7.4.2.4.4).
Result<> NalDepacketizer::handle_other(ByteView nal, const Nal& what) {
  if (what.kind == Nal::Kind::Invalid) return malformed("a NAL unit that cannot be");
  if (what.kind == Nal::Kind::ParameterSet) {
    if (auto stored = store_set(nal); !stored) {
      clear_sets();  // what follows belongs to sets that we do not have
      return stored;
    }
    if (what.is_sequence_set) sets_in_band_ = sets_since_gap_ = true;
  }
  return before_.append(nal);
}

/// Before picture data goes into the unit: opens it where this is its first. `head` has at least a slice
/// header's start.
Result<> NalDepacketizer::begin_picture_nal(ByteView head, const Nal& what) {
  if (unit().is_open) {
    if (unit().has_marker) marker_ = Marker::Untrusted;
    unit().has_marker = false;
    if (!what.is_disposable) unit().is_disposable = false;
    const bool is_another = (what.is_key && !unit().is_key) || what.refers_past_key != unit().refers_past_key;
    return is_another ? malformed("a slice in a picture of another kind") : Result<>();
  }
  const auto start = picture_start(head);
  if (!start) return malformed("a slice without its header");
  if (!start->is_first) {
    if (finished_timestamp_ == packet_timestamp_) marker_ = Marker::Untrusted;
    if (!waiting_for_key_) return malformed("a picture without its first slice");
    unit().is_usable = false;
  }
  return open_unit(start->pps_id, what);
}

Result<> NalDepacketizer::open_unit(std::uint32_t pps_id, const Nal& what) {
  unit().is_open = true;
  unit().is_key = what.is_key;
  unit().is_disposable = what.is_disposable;
  unit().refers_past_key = what.refers_past_key;
  unit().timestamp = packet_timestamp_;
  if (what.is_key) {
    unit().forgets_before = std::exchange(sequence_ended_, false) || what.forgets_before;
    TRY_VOID(write_sets(pps_id));
  }
  for (const ByteView nal : codec::NalUnits(before_.view())) {
    if (!what.is_key || look_at(nal).kind != Nal::Kind::ParameterSet) TRY_VOID(unit().writer.append(nal));
  }
  before_.clear();
  return {};
}

/// A camera that sends parameter sets in its stream may have changed them in what was lost.
Result<> NalDepacketizer::write_sets(std::uint32_t pps_id) {
  const auto sets = sets_for(pps_id);
  if (!sets) ++stats_.key_frames_without_sets;
  if (!sets || (sets_in_band_ && !sets_since_gap_)) {
    unit().is_usable = false;
    return {};
  }
  if (format_ != sets->format) format_ = sets->format;
  for (const ByteView nal : sets->nals) TRY_VOID(unit().writer.append(nal));
  return {};
}

void NalDepacketizer::handle_marker() {
  if (!unit().is_open || fragment_ != Fragment::None) return;
  unit().has_marker = true;
  if (marker_ != Marker::Trusted) return;
  finished_timestamp_ = unit().timestamp;
  finish_unit();
}

void NalDepacketizer::finish_unit() {
  if (fragment_ == Fragment::Picture) {  // without its end bit
    unit().writer.end();
    fragment_ = Fragment::None;
  }
  Unit& done = unit();
  if (!passes_on(done)) {
    ++stats_.dropped_units;
    done.reset();
    return;
  }
  done.is_open = false;
  done.gap_before = std::exchange(gap_pending_, false);
  if (done.is_key) key_stands_alone_ = waiting_for_key_ || done.forgets_before;
  waiting_for_key_ = false;
  ++stats_.units;
  ready_[ready_count_++] = current_;
  current_ = 1 - current_;
}

bool NalDepacketizer::passes_on(const Unit& done) {
  if (waiting_for_key_) return done.is_usable && done.is_key;
  // Where decoding began at the last key frame, this one's references are not there; no other refers to it.
  if (done.refers_past_key && key_stands_alone_) return false;
  if (!done.is_usable) note_gap();
  return done.is_usable;
}

/// Something is missing: nothing more until a key frame.
void NalDepacketizer::break_unit() {
  fragment_ = Fragment::None;
  before_.clear();
  if (unit().is_open) ++stats_.dropped_units;
  unit().reset();
  sets_since_gap_ = false;
  note_gap();
}

void NalDepacketizer::note_gap() {
  ++stats_.gaps;
  waiting_for_key_ = true;
  gap_pending_ = stats_.units > 0;
}

void NalDepacketizer::Unit::reset() {
  writer.clear();
  *this = Unit{std::move(writer)};
}

}  // namespace jalousie::rtp
