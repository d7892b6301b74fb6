#include "codec/audio_format.h"

#include <array>

#include "base/limits.h"

namespace jalousie::codec {

namespace {
constexpr std::size_t kFrameHeaderBytes = 6;

bool is_plausible(const AudioFormat& format) {
  return format.rate > 0 && format.rate <= limits::kAudioRate && format.channels > 0 &&
         format.channels <= limits::kAudioChannels && format.config.size() <= limits::kAacConfigBytes &&
         format.config.empty() == (format.codec != AudioCodec::Aac);
}
}  // namespace

std::string_view to_string(AudioCodec codec) {
  switch (codec) {
    case AudioCodec::Aac:
      return "AAC";
    case AudioCodec::Pcmu:
      return "PCMU";
    case AudioCodec::Pcma:
      return "PCMA";
    case AudioCodec::Opus:
      return "Opus";
  }
  return "unknown";
}

Result<> write_audio_frame(const AudioFormat& format, ByteView frame, WipedBuffer& target) {
  if (!is_plausible(format)) return fail(ErrorKind::InvalidArgument, "audio frame: no such format");
  if (frame.empty()) return fail(ErrorKind::InvalidArgument, "audio frame: empty");
  if (frame.size() > limits::kAudioFrameBytes)
    return fail(ErrorKind::ResourceExhausted, "audio frame: too long");
  std::array<std::uint8_t, kFrameHeaderBytes> header{};
  ByteWriter writer(header);
  writer.u32(format.rate);
  writer.u8(format.channels);
  writer.u8(static_cast<std::uint8_t>(format.config.size()));
  target.append(header);
  target.append(format.config);
  target.append(frame);
  return {};
}

Result<AudioFrame> parse_audio_frame(std::uint8_t number, ByteView plaintext) {
  if (number < static_cast<std::uint8_t>(AudioCodec::Aac) ||
      number > static_cast<std::uint8_t>(AudioCodec::Opus))
    return fail(ErrorKind::InvalidArgument, "audio frame: unknown codec");
  ByteReader reader(plaintext);
  AudioFrame frame;
  frame.format.codec = static_cast<AudioCodec>(number);
  frame.format.rate = reader.u32();
  frame.format.channels = reader.u8();
  const ByteView config = reader.bytes(reader.u8());
  frame.format.config.assign(config.begin(), config.end());
  frame.bytes = reader.rest();
  if (!reader.ok() || !is_plausible(frame.format) || frame.bytes.empty() ||
      frame.bytes.size() > limits::kAudioFrameBytes)
    return fail(ErrorKind::InvalidArgument, "audio frame: malformed");
  return frame;
}

}  // namespace jalousie::codec
