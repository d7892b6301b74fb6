#include "codec/access_unit.h"

#include <algorithm>

#include "base/assert.h"
#include "base/limits.h"
#include "codec/h264_nal.h"
#include "codec/h264_slice.h"
#include "codec/h265_nal.h"

namespace jalousie::codec {
namespace {

std::unexpected<Error> too_large() {
  return fail(ErrorKind::ResourceExhausted, "access unit: over the limit");
}

}  // namespace

void NalUnits::iterator::advance() {
  ByteReader reader(rest_);
  const std::uint32_t length = reader.u32();
  nal_ = length == 0 ? ByteView() : reader.bytes(length);
  rest_ = reader.rest();
}

Result<> check_access_unit(ByteView unit) {
  if (unit.size() > limits::kAccessUnitBytes) return too_large();
  ByteReader reader(unit);
  for (std::size_t count = 0; reader.remaining() > 0; ++count) {
    if (count == limits::kNalUnitsPerAccessUnit) return too_large();
    const std::uint32_t length = reader.u32();
    reader.skip(length);
    if (!reader.ok() || length == 0) {
      return fail(ErrorKind::InvalidArgument, "access unit: the length of a NAL unit does not fit");
    }
  }
  return {};
}

void AccessUnitWriter::clear() {
  bytes_.clear();
  nal_units_ = 0;
  open_ = false;
}

Result<> AccessUnitWriter::append(ByteView nal) {
  if (nal.empty()) return {};
  TRY_VOID(begin(nal[0]));
  TRY_VOID(extend(nal.subspan(1)));
  end();
  return {};
}

Result<> AccessUnitWriter::begin(std::uint8_t header) {
  JAL_ASSERT(!open_);
  if (nal_units_ == limits::kNalUnitsPerAccessUnit) return too_large();
  if (bytes_.size() + kLengthBytes + 1 > limits::kAccessUnitBytes) return too_large();
  open_at_ = bytes_.size();
  open_ = true;
  bytes_.extend(kLengthBytes + 1)[kLengthBytes] = header;
  return {};
}

Result<> AccessUnitWriter::extend(ByteView more) {
  JAL_ASSERT(open_);
  if (more.size() > limits::kAccessUnitBytes - bytes_.size()) {
    abandon();
    return too_large();
  }
  bytes_.append(more);
  return {};
}

void AccessUnitWriter::end() {
  JAL_ASSERT(open_);
  ByteView nal = open_nal();
  while (nal.size() > 1 && nal.back() == 0) nal = nal.first(nal.size() - 1);
  bytes_.truncate(open_at_ + kLengthBytes + nal.size());
  ByteWriter length(bytes_.bytes().subspan(open_at_, kLengthBytes));
  length.u32(static_cast<std::uint32_t>(nal.size()));
  open_ = false;
  ++nal_units_;
}

ByteView AccessUnitWriter::open_nal() const {
  return open_ ? bytes_.view().subspan(open_at_ + kLengthBytes) : ByteView();
}

void AccessUnitWriter::abandon() {
  if (!open_) return;
  bytes_.truncate(open_at_);
  open_ = false;
}

namespace h264 {

bool is_key_frame(ByteView unit) {
  return std::ranges::any_of(NalUnits(unit), [](ByteView nal) { return nal_type(nal) == NalType::IdrSlice; });
}

bool has_parameter_sets(ByteView unit) {
  const auto has = [unit](NalType type) {
    return std::ranges::any_of(NalUnits(unit), [type](ByteView nal) { return nal_type(nal) == type; });
  };
  return has(NalType::Sps) && has(NalType::Pps);
}

bool is_disposable(ByteView unit) {
  bool any = false;
  for (const ByteView nal : NalUnits(unit)) {
    if (!is_picture_data(nal_type(nal))) continue;
    if (nal_ref_idc(nal[0]) != 0) return false;
    any = true;
  }
  return any;
}

bool has_b_slices(ByteView unit) {
  return std::ranges::any_of(NalUnits(unit), [](ByteView nal) {
    const auto start = parse_slice_start(nal);
    return start && start->type == SliceType::B;
  });
}

Buffer with_parameter_sets(ByteView unit, ByteView sps, ByteView pps) {
  Buffer result;
  result.reserve(unit.size() + sps.size() + pps.size() + 2 * kLengthBytes);
  const auto add = [&result](ByteView nal) {
    const std::size_t at = result.size();
    result.resize(at + kLengthBytes);
    ByteWriter(MutableBytes(result).subspan(at)).u32(static_cast<std::uint32_t>(nal.size()));
    result.insert(result.end(), nal.begin(), nal.end());
  };
  add(sps);
  add(pps);
  for (const ByteView nal : NalUnits(unit)) {
    if (!is_parameter_set(nal_type(nal))) add(nal);
  }
  return result;
}

}  // namespace h264

namespace h265 {
namespace {

template <class Is>
bool any_picture(ByteView unit, Is is) {
  return std::ranges::any_of(NalUnits(unit), [is](ByteView nal) {
    const NalHeader header(nal);
    return is_picture_data(header) && is(header.type);
  });
}

}  // namespace

bool is_key_frame(ByteView unit) { return any_picture(unit, is_random_access); }
bool is_rasl_picture(ByteView unit) { return any_picture(unit, is_rasl); }

}  // namespace h265
}  // namespace jalousie::codec
