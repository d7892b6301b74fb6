#include "mp4/media_segment.h"

#include "base/assert.h"
#include "codec/access_unit.h"
#include "codec/h264_nal.h"
#include "codec/h265_nal.h"

namespace jalousie::mp4 {

namespace {

constexpr std::size_t kBoxBytes = 8;
constexpr std::size_t kMfhdBytes = kBoxBytes + 4 + 4;
constexpr std::size_t kTfhdBytes = kBoxBytes + 4 + 4;
constexpr std::size_t kTfdtBytes = kBoxBytes + 4 + 8;
constexpr std::size_t kTrunBytes = kBoxBytes + 4 + 4 + 4;
constexpr std::size_t kSampleBytes = 16;

constexpr std::uint32_t kDefaultBaseIsMoof = 0x020000;  // tfhd, clause 8.8.7
// trun, clause 8.8.8: data offset; duration, size, flags and composition offset of each sample.
constexpr std::uint32_t kTrunFlags = 0x000001 | 0x000100 | 0x000200 | 0x000400 | 0x000800;
// Clause 8.8.3.1: depends on no other; depends on others, and no place to start.
constexpr std::uint32_t kKeySample = 2U << 24;
constexpr std::uint32_t kOtherSample = 1U << 24 | 1U << 16;

void box(ByteWriter& to, std::size_t size, std::string_view type) {
  to.u32(static_cast<std::uint32_t>(size));
  to.bytes(as_bytes(type));
}

void full_box(ByteWriter& to, std::size_t size, std::string_view type, std::uint32_t version,
              std::uint32_t flags) {
  box(to, size, type);
  to.u32(version << 24 | flags);
}

bool is_avc_parameter_set(ByteView nal) { return codec::h264::is_parameter_set(codec::h264::nal_type(nal)); }

bool is_hevc_parameter_set(ByteView nal) {
  const codec::h265::NalHeader header(nal);
  return header.is_valid && codec::h265::is_parameter_set(header.type);
}

}  // namespace

void append_fragment_head(codec::WipedBuffer& to, const Fragment& fragment, std::span<const Sample> samples) {
  const std::size_t trun = kTrunBytes + kSampleBytes * samples.size();
  const std::size_t traf = kBoxBytes + kTfhdBytes + kTfdtBytes + trun;
  const std::size_t moof = kBoxBytes + kMfhdBytes + traf;
  std::size_t bytes = 0;
  for (const Sample& sample : samples) bytes += sample.bytes;

  ByteWriter writer(to.extend(moof + kBoxBytes));
  box(writer, moof, "moof");
  full_box(writer, kMfhdBytes, "mfhd", 0, 0);
  writer.u32(fragment.sequence);
  box(writer, traf, "traf");
  full_box(writer, kTfhdBytes, "tfhd", 0, kDefaultBaseIsMoof);
  writer.u32(fragment.track);
  full_box(writer, kTfdtBytes, "tfdt", 1, 0);
  writer.u64(fragment.decode_time);
  full_box(writer, trun, "trun", 1, kTrunFlags);
  writer.u32(static_cast<std::uint32_t>(samples.size()));
  writer.u32(static_cast<std::uint32_t>(moof + kBoxBytes));
  for (const Sample& sample : samples) {
    writer.u32(sample.duration);
    writer.u32(sample.bytes);
    writer.u32(sample.is_key ? kKeySample : kOtherSample);
    writer.u32(static_cast<std::uint32_t>(sample.composition_offset));
  }
  box(writer, kBoxBytes + bytes, "mdat");
  JAL_ASSERT(writer.ok() && writer.remaining() == 0);
}

bool append_picture(codec::WipedBuffer& to, const Fragment& fragment, Sample picture, codec::VideoCodec codec,
                    ByteView unit) {
  const auto is_parameter_set =
      codec == codec::VideoCodec::H265 ? is_hevc_parameter_set : is_avc_parameter_set;
  picture.bytes = 0;
  for (const ByteView nal : codec::NalUnits(unit)) {
    if (!is_parameter_set(nal)) picture.bytes += static_cast<std::uint32_t>(codec::kLengthBytes + nal.size());
  }
  if (picture.bytes == 0) return false;
  append_fragment_head(to, fragment, std::span(&picture, 1));
  ByteWriter writer(to.extend(picture.bytes));
  for (const ByteView nal : codec::NalUnits(unit)) {
    if (is_parameter_set(nal)) continue;
    writer.u32(static_cast<std::uint32_t>(nal.size()));
    writer.bytes(nal);
  }
  JAL_ASSERT(writer.ok() && writer.remaining() == 0);
  return true;
}

}  // namespace jalousie::mp4
