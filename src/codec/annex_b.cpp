#include "codec/annex_b.h"

#include <cstring>

#include "codec/h264_nal.h"
#include "codec/h264_slice.h"

namespace jalousie::codec {
namespace {

/// Behind a NAL unit only: one of H.265 may begin with a zero byte (TRAIL_N).
ByteView without_zeros_behind(ByteView bytes) {
  while (!bytes.empty() && bytes.back() == 0) bytes = bytes.first(bytes.size() - 1);
  return bytes;
}

}  // namespace

std::size_t find_start_code(ByteView bytes) {
  std::size_t from = 2;
  while (from < bytes.size()) {
    const void* const one = std::memchr(bytes.data() + from, 1, bytes.size() - from);
    if (one == nullptr) break;
    const auto at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(one) - bytes.data());
    if (bytes[at - 1] == 0 && bytes[at - 2] == 0) return at - 2;
    from = at + 1;
  }
  return bytes.size();
}

std::optional<ByteView> AnnexBNals::next() {
  while (!rest_.empty()) {
    const std::size_t end = find_start_code(rest_);
    const ByteView nal = without_zeros_behind(rest_.first(end));
    rest_ = end == rest_.size() ? ByteView() : rest_.subspan(end + 3);
    if (!nal.empty()) return nal;
  }
  return std::nullopt;
}

namespace h264 {
namespace {

bool begins_unit(ByteView nal) {
  const NalType type = nal_type(nal);
  if (type >= NalType::Sei && type <= NalType::AccessUnitDelimiter) return true;
  const auto start = parse_slice_start(nal);
  return start && start->first_mb == 0;
}

}  // namespace

Result<ByteView> AnnexBUnits::next() {
  writer_.clear();
  bool has_picture = false;
  for (auto nal = held_ ? held_ : nals_.next(); nal; nal = nals_.next()) {
    if (has_picture && begins_unit(*nal)) {
      held_ = nal;
      return writer_.view();
    }
    held_.reset();
    if (!is_kept(nal_type(*nal))) continue;
    TRY_VOID(writer_.append(*nal));
    has_picture = has_picture || is_picture_data(nal_type(*nal));
  }
  return writer_.view();
}

}  // namespace h264
}  // namespace jalousie::codec
