// What an audio stream is, and a frame of it in a block.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/wiped_buffer.h"

namespace jalousie::codec {

/// The numbers are those of a sealed block's flags (docs/ref/seal.md).
enum class AudioCodec : std::uint8_t { Aac = 1, Pcmu = 2, Pcma = 3, Opus = 4 };
std::string_view to_string(AudioCodec codec);  // "AAC", "PCMU", "PCMA", "Opus"

struct AudioFormat {
  AudioCodec codec = AudioCodec::Pcmu;
  std::uint32_t rate = 8'000;  // in Hz; of AAC with SBR, what it decodes to
  std::uint8_t channels = 1;
  Buffer config;  // of AAC: the AudioSpecificConfig, at most limits::kAacConfigBytes

  friend bool operator==(const AudioFormat&, const AudioFormat&) = default;
};

/// A frame as an audio block holds it: with its format in front, so that each block stands by itself.
///
///     | rate u32 | channels u8 | config length u8 | config | frame |
struct AudioFrame {
  AudioFormat format;
  ByteView bytes;
};
/// Appends it to `target`. ResourceExhausted for a frame above limits::kAudioFrameBytes or a longer config.
Result<> write_audio_frame(const AudioFormat& format, ByteView frame, WipedBuffer& target);
/// `number`: the codec's, from the block's flags. InvalidArgument for what write_audio_frame() does not make.
Result<AudioFrame> parse_audio_frame(std::uint8_t number, ByteView plaintext);

}  // namespace jalousie::codec
