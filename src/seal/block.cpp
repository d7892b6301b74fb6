#include "seal/block.h"

#include <algorithm>
#include <string>

#include "base/assert.h"

namespace jalousie::seal {
namespace {

constexpr std::uint8_t kSuite = 1;  // HMAC-SHA-512 and AES-256-GCM

bool is_kind(std::uint8_t number) {
  return number >= static_cast<std::uint8_t>(BlockKind::Video) &&
         number <= static_cast<std::uint8_t>(BlockKind::Recording);
}

std::array<std::uint8_t, 16> sixteen(ByteReader& reader) {
  std::array<std::uint8_t, 16> taken;
  std::ranges::copy(reader.bytes(taken.size()), taken.begin());
  return taken;
}

}  // namespace

std::array<std::uint8_t, kHeaderBytes> BlockHeader::encode() const {
  std::array<std::uint8_t, kHeaderBytes> bytes;
  ByteWriter writer(bytes);
  writer.bytes(as_bytes("JSB1"));
  writer.u8(kSuite);
  writer.u8(static_cast<std::uint8_t>(kind));
  writer.u16(flags);
  writer.bytes(label.label.home.view());
  writer.bytes(label.label.camera.view());
  writer.u64(to_number(label.label.tenure));
  writer.u32(to_number(label.stream));
  writer.u32(epoch);
  writer.u64(sequence);
  writer.u64(static_cast<std::uint64_t>(to_us(capture)));
  writer.bytes(salt);
  writer.bytes(previous);
  writer.u32(chunk);
  writer.u32(plaintext_bytes);
  return bytes;
}

std::optional<VideoCoding> BlockHeader::video_coding() const {
  const auto coding = static_cast<VideoCoding>(flags >> 8);
  if (kind != BlockKind::Video || coding > VideoCoding::Jpeg) return std::nullopt;
  return coding;
}

std::optional<AudioCoding> BlockHeader::audio_coding() const {
  const auto coding = static_cast<AudioCoding>(flags >> 8);
  if (kind != BlockKind::Audio || coding < AudioCoding::Aac || coding > AudioCoding::Opus)
    return std::nullopt;
  return coding;
}

Result<BlockHeader> BlockHeader::parse(ByteView bytes) {
  if (bytes.size() < kHeaderBytes)
    return fail(ErrorKind::InvalidArgument, "a block is shorter than its header");
  ByteReader reader(bytes.first(kHeaderBytes));
  if (as_text(reader.bytes(4)) != "JSB1")
    return fail(ErrorKind::InvalidArgument, "a block does not begin with JSB1");
  if (reader.u8() != kSuite) return fail(ErrorKind::InvalidArgument, "a block is of an unknown suite");
  const std::uint8_t kind = reader.u8();
  if (!is_kind(kind)) return fail(ErrorKind::InvalidArgument, "a block is of an unknown kind");
  BlockHeader header;
  header.kind = static_cast<BlockKind>(kind);
  header.flags = reader.u16();
  header.label.label.home.bytes = sixteen(reader);
  header.label.label.camera.bytes = sixteen(reader);
  header.label.label.tenure = static_cast<Tenure>(reader.u64());
  header.label.stream = static_cast<StreamId>(reader.u32());
  header.epoch = reader.u32();
  header.sequence = reader.u64();
  header.capture = utc_from_us(static_cast<std::int64_t>(reader.u64()));
  header.salt = sixteen(reader);
  header.previous = sixteen(reader);
  header.chunk = reader.u32();
  header.plaintext_bytes = reader.u32();
  if (header.plaintext_bytes > kMaxPlaintextBytes)
    return fail(ErrorKind::InvalidArgument, "a block is too long");
  return header;
}

Block::Block(const BlockHeader& header, Buffer bytes) : header_(header), bytes_(std::move(bytes)) {
  JAL_ASSERT(bytes_.size() == kOverheadBytes + header_.plaintext_bytes);
  // What openers read of the header must be what they authenticate.
  JAL_ASSERT(std::ranges::equal(header_.encode(), header_bytes()));
}

Result<std::shared_ptr<const Block>> Block::from_bytes(Buffer bytes) {
  TRY(const BlockHeader header, BlockHeader::parse(bytes));
  if (bytes.size() != kOverheadBytes + header.plaintext_bytes) {
    return fail(ErrorKind::InvalidArgument, "a block is not as long as its header says");
  }
  return std::make_shared<const Block>(header, std::move(bytes));
}

}  // namespace jalousie::seal
