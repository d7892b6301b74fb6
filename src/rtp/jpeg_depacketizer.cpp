#include "rtp/jpeg_depacketizer.h"

#include <array>
#include <utility>

#include "base/assert.h"
#include "base/limits.h"
#include "rtp/jpeg_tables.h"

namespace jalousie::rtp {

namespace {

constexpr std::uint8_t kRestartBit = 64;
constexpr std::uint8_t kInBand = 128;
constexpr std::uint8_t kNeverKept = 255;  // section 3.1.8: its tables may differ from image to image

std::unexpected<Error> malformed(const char* what) { return fail(ErrorKind::InvalidArgument, what); }

/// A marker segment: its length counts itself (T.81 B.1.1.4).
void append_segment(codec::WipedBuffer& image, std::uint8_t marker, std::initializer_list<ByteView> parts) {
  std::size_t length = 2;
  for (const ByteView part : parts) length += part.size();
  image.append(std::array<std::uint8_t, 4>{0xFF, marker, static_cast<std::uint8_t>(length >> 8),
                                           static_cast<std::uint8_t>(length)});
  for (const ByteView part : parts) image.append(part);
}

constexpr std::uint8_t high(std::uint16_t value) { return static_cast<std::uint8_t>(value >> 8); }
constexpr std::uint8_t low(std::uint16_t value) { return static_cast<std::uint8_t>(value); }

}  // namespace

Result<> JpegDepacketizer::push(const PacketView& packet) {
  JAL_ASSERT(!ready_);
  ++stats_.packets;
  const auto place = order_.place(packet);
  stats_.lost_packets = order_.lost();
  stats_.late_packets = order_.late();
  if (place == PacketOrder::Place::Late) return {};
  const std::int64_t timestamp = timestamps_.unwrap(packet.timestamp);
  if (place == PacketOrder::Place::AfterGap || (open_ && timestamp != timestamp_)) drop();
  if (place == PacketOrder::Place::AfterGap && !gap_pending_) {
    gap_pending_ = true;
    ++stats_.gaps;
  }
  timestamp_ = timestamp;
  if (packet.payload.empty()) return {};
  auto handled = handle(packet.payload, packet.marker);
  if (!handled) {
    ++stats_.malformed_packets;
    drop();
    gap_pending_ = true;
  }
  return handled;
}

Result<> JpegDepacketizer::handle(ByteView payload, bool is_last) {
  ByteReader reader(payload);
  reader.skip(1);  // type-specific: which field of an interlaced picture, which nobody sends
  const std::size_t offset = reader.u24();
  const std::uint8_t type = reader.u8();
  const std::uint8_t q = reader.u8();
  TRY(const Parameters parameters, read_parameters(reader, type, q));
  if (offset == 0) {
    drop();
    TRY(const Tables* tables, read_tables(reader, q));
    begin(parameters, *tables);
  } else if (!open_) {
    return {};  // the rest of an image whose beginning is missing
  }
  if (*open_ != parameters) return malformed("JPEG: fragments of different images");
  if (offset != image_.size() - scan_at_) return malformed("JPEG: a fragment in the wrong place");
  if (image_.size() + reader.remaining() + 2 > limits::kAccessUnitBytes)
    return fail(ErrorKind::ResourceExhausted, "JPEG: an image that is too long");
  image_.append(reader.rest());
  if (is_last) finish();
  return {};
}

Result<JpegDepacketizer::Parameters> JpegDepacketizer::read_parameters(ByteReader& reader, std::uint8_t type,
                                                                       std::uint8_t q) const {
  Parameters parameters{.type = type, .q = q, .size = {}};
  parameters.size.width = static_cast<std::uint16_t>(reader.u8() * 8);
  parameters.size.height = static_cast<std::uint16_t>(reader.u8() * 8);
  if (type >= kRestartBit && type < kInBand) {
    parameters.restart_interval = reader.u16();
    reader.skip(2);  // where in the image this fragment begins: of use to who shows half an image
  }
  if (!reader.ok()) return malformed("JPEG: header too short");
  if ((type & ~kRestartBit) > 1)
    return fail(ErrorKind::Unsupported, "JPEG: a type of image that is not taken");
  if (q == 0 || (q > 99 && q < kInBand)) return fail(ErrorKind::Unsupported, "JPEG: a reserved Q");
  if (parameters.size.width == 0 || parameters.size.height == 0) {
    if (!described_size_) return fail(ErrorKind::Unsupported, "JPEG: a size that RTP cannot say");
    parameters.size = *described_size_;
  }
  return parameters;
}

Result<const JpegDepacketizer::Tables*> JpegDepacketizer::read_tables(ByteReader& reader, std::uint8_t q) {
  if (q < kInBand) {
    Tables& tables = tables_[q];
    if (tables.bytes.empty()) {
      const auto made = jpeg_quantizers(q);
      tables.bytes.assign(made.begin(), made.end());
    }
    return &tables;
  }
  reader.skip(1);
  const std::uint8_t precision = reader.u8();
  const std::size_t length = reader.u16();
  const ByteView bytes = reader.bytes(length);
  if (!reader.ok()) return malformed("JPEG: quantization tables do not fit");
  Tables& tables = tables_[q];
  if (length > 0) {
    const std::size_t luma = (precision & 1) != 0 ? 2 * kJpegTable : kJpegTable;
    const std::size_t chroma = (precision & 2) != 0 ? 2 * kJpegTable : kJpegTable;
    if (length != luma && length != luma + chroma)
      return malformed("JPEG: not one or two quantization tables");
    tables = {precision, Buffer(bytes.begin(), bytes.end())};
  } else if (q == kNeverKept) {
    tables = {};
  }
  if (tables.bytes.empty()) return malformed("JPEG: no quantization tables");
  return &tables;
}

/// RFC 2435 appendix B, with the header of JFIF in front and its numbers of components.
void JpegDepacketizer::begin(const Parameters& parameters, const Tables& tables) {
  image_.clear();
  image_.append(std::array<std::uint8_t, 2>{0xFF, 0xD8});
  append_segment(image_, 0xE0,
                 {std::array<std::uint8_t, 14>{'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0}});
  write_tables(tables);
  if (parameters.restart_interval != 0) {
    append_segment(image_, 0xDD,
                   {std::array{high(parameters.restart_interval), low(parameters.restart_interval)}});
  }
  const auto [width, height] = parameters.size;
  const std::uint8_t sampling = (parameters.type & 1) == 0 ? 0x21 : 0x22;
  const std::uint8_t chroma = tables.bytes.size() > kJpegTable * ((tables.precision & 1U) + 1) ? 1 : 0;
  append_segment(image_, 0xC0,
                 {std::array<std::uint8_t, 15>{8, high(height), low(height), high(width), low(width), 3,  //
                                               1, sampling, 0, 2, 0x11, chroma, 3, 0x11, chroma}});
  for (const ByteView table : jpeg_huffman_tables()) append_segment(image_, 0xC4, {table});
  append_segment(image_, 0xDA, {std::array<std::uint8_t, 10>{3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0}});
  scan_at_ = image_.size();
  open_ = parameters;
}

void JpegDepacketizer::write_tables(const Tables& tables) {
  ByteView rest = tables.bytes;
  for (std::uint8_t number = 0; !rest.empty(); ++number) {
    const auto wide = static_cast<std::uint8_t>(tables.precision >> number & 1U);
    const std::size_t size = wide != 0 ? 2 * kJpegTable : kJpegTable;
    append_segment(image_, 0xDB,
                   {std::array{static_cast<std::uint8_t>(wide << 4 | number)}, rest.first(size)});
    rest = rest.subspan(size);
  }
}

void JpegDepacketizer::finish() {
  const ByteView scan = image_.view().subspan(scan_at_);
  if (scan.size() < 2 || scan[scan.size() - 2] != 0xFF || scan[scan.size() - 1] != 0xD9)
    image_.append(std::array<std::uint8_t, 2>{0xFF, 0xD9});
  format_ = codec::VideoFormat{.codec = codec::VideoCodec::Jpeg,
                               .profile = {},
                               .width = open_->size.width,
                               .height = open_->size.height};
  open_.reset();
  ready_ = true;
  gap_before_ = std::exchange(gap_pending_, false);
}

void JpegDepacketizer::drop() {
  if (!open_) return;
  open_.reset();
  ++stats_.dropped_units;
  if (!gap_pending_) ++stats_.gaps;
  gap_pending_ = true;
}

std::optional<VideoUnit> JpegDepacketizer::pull() {
  if (!ready_) return std::nullopt;
  ready_ = false;
  ++stats_.units;
  return VideoUnit{.payload = image_.view(),
                   .timestamp = timestamp_,
                   .is_key_frame = true,
                   .is_disposable = true,
                   .gap_before = gap_before_};
}

}  // namespace jalousie::rtp
