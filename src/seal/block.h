// JSB1, the sealed block: format in docs/ref/seal.md. A Block is immutable and shared by reference count; it
// is what rings, disks and buses hold. Nothing here needs or knows a key.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "seal/label.h"

namespace jalousie::seal {

inline constexpr std::size_t kHeaderBytes = 112;
inline constexpr std::size_t kCommitmentBytes = 32;
inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::size_t kOverheadBytes = kHeaderBytes + kCommitmentBytes + kTagBytes;
/// What one block may hold; an access unit is at most half of it, and what is longer goes in chunks.
inline constexpr std::size_t kMaxPlaintextBytes = std::size_t{16} << 20;

enum class BlockKind : std::uint8_t { Video = 1, Audio = 2, Still = 3, Segment = 4, Recording = 5 };

/// Bits of BlockHeader::flags; bits 8 to 15 say how a video or audio unit is coded.
enum : std::uint16_t {
  kFlagKeyFrame = 1,       // decoding can start here: the parameter sets are in it
  kFlagDisposable = 2,     // no other unit refers to it
  kFlagGap = 4,            // units before this one were lost on the way in
  kFlagRefersPastKey = 8,  // to units before the last key frame: who begins there leaves it out
};

enum class VideoCoding : std::uint8_t { H264 = 0, H265 = 1, Jpeg = 2 };
enum class AudioCoding : std::uint8_t { Aac = 1, Pcmu = 2, Pcma = 3, Opus = 4 };
constexpr std::uint16_t coding_flags(VideoCoding coding) {
  return static_cast<std::uint16_t>(static_cast<unsigned>(coding) << 8);
}
constexpr std::uint16_t coding_flags(AudioCoding coding) {
  return static_cast<std::uint16_t>(static_cast<unsigned>(coding) << 8);
}

/// Length of one epoch: 10 minutes of capture time, counted from 1970.
inline constexpr std::int64_t kEpochUs = std::int64_t{600} * 1'000'000;
constexpr std::uint32_t epoch_of(UtcTime capture) {
  return static_cast<std::uint32_t>(to_us(capture) / kEpochUs);
}

struct BlockHeader {
  BlockKind kind = BlockKind::Video;
  std::uint16_t flags = 0;
  StreamLabel label;
  std::uint32_t epoch = 0;
  std::uint64_t sequence = 0;
  UtcTime capture{};
  std::array<std::uint8_t, 16> salt{};
  std::array<std::uint8_t, 16> previous{};  // first half of the commitment of the block before
  std::uint32_t chunk = 0;
  std::uint32_t plaintext_bytes = 0;

  bool is_key_frame() const { return (flags & kFlagKeyFrame) != 0; }
  /// How the unit is coded; nothing where it is of another kind, or in a way that is not known here.
  std::optional<VideoCoding> video_coding() const;
  std::optional<AudioCoding> audio_coding() const;
  std::array<std::uint8_t, kHeaderBytes> encode() const;
  /// Of the first 112 bytes. InvalidArgument for another magic, suite or kind, or a length above
  /// kMaxPlaintextBytes.
  static Result<BlockHeader> parse(ByteView bytes);
};

class Block {
 public:
  /// Takes the whole of header, commitment, ciphertext and tag. InvalidArgument when sizes or magic do not
  /// fit; whether it is genuine only an opener can tell.
  static Result<std::shared_ptr<const Block>> from_bytes(Buffer bytes);

  const BlockHeader& header() const { return header_; }
  ByteView bytes() const { return bytes_; }
  ByteView header_bytes() const { return bytes().first(kHeaderBytes); }
  ByteView commitment() const { return bytes().subspan(kHeaderBytes, kCommitmentBytes); }
  ByteView ciphertext() const {
    return bytes().subspan(kHeaderBytes + kCommitmentBytes, header_.plaintext_bytes);
  }
  ByteView tag() const { return bytes().last(kTagBytes); }

  /// For sealers: `bytes` begins with `header`, encoded, and is as long as it says.
  Block(const BlockHeader& header, Buffer bytes);

 private:
  BlockHeader header_;
  Buffer bytes_;
};

using BlockPtr = std::shared_ptr<const Block>;

}  // namespace jalousie::seal
