#include "codec/aac_config.h"

#include <algorithm>
#include <array>

#include "base/limits.h"

namespace jalousie::codec {

namespace {

// ISO/IEC 14496-3, table 1.18: samplingFrequencyIndex.
constexpr std::array<std::uint32_t, 13> kRates{96'000, 88'200, 64'000, 48'000, 44'100, 32'000, 24'000,
                                               22'050, 16'000, 12'000, 11'025, 8'000,  7'350};
constexpr std::uint32_t kRateFollows = 15;
// Table 1.19: channelConfiguration.
constexpr std::array<std::uint8_t, 8> kChannels{0, 1, 2, 3, 4, 5, 6, 8};
constexpr std::uint32_t kSyncExtension = 0x2B7;
constexpr std::uint32_t kSyncExtensionPs = 0x548;

std::unexpected<Error> malformed(const char* what) { return fail(ErrorKind::InvalidArgument, what); }

/// 1.6.2.1: GetAudioObjectType()
std::uint32_t object_type(RawBits& bits) {
  const std::uint32_t type = bits.bits(5);
  return type == 31 ? 32 + bits.bits(6) : type;
}

std::uint32_t sampling_frequency(RawBits& bits) {
  const std::uint32_t index = bits.bits(4);
  if (index == kRateFollows) return bits.bits(24);
  return index < kRates.size() ? kRates[index] : 0;
}

/// 4.4.1: GASpecificConfig(), of object types that have neither a layer nor error resilience.
void general_audio_config(RawBits& bits, AacConfig& config) {
  if (bits.flag()) config.frame_samples = 960;  // frameLengthFlag
  if (bits.flag()) bits.skip(14);               // dependsOnCoreCoder, coreCoderDelay
  bits.skip(1);                                 // extensionFlag: nothing follows for these types
}

/// Behind all the rest, where old decoders do not look (1.6.5.3).
void implicit_extension(RawBits& bits, AacConfig& config) {
  if (config.object != AacObject::LowComplexity || bits.remaining() < 16) return;
  if (bits.bits(11) != kSyncExtension || object_type(bits) != 5 || !bits.flag()) return;
  const std::uint32_t rate = sampling_frequency(bits);
  if (!bits.ok() || rate == 0) return;  // what follows the config is padding, then
  config.object = AacObject::Sbr;
  config.output_rate = rate;
  if (bits.remaining() >= 12 && bits.bits(11) == kSyncExtensionPs && bits.flag())
    config.object = AacObject::Ps;
}

}  // namespace

Result<AacConfig> parse_aac_config(RawBits& bits) {
  AacConfig config;
  std::uint32_t type = object_type(bits);
  config.rate = sampling_frequency(bits);
  const std::uint32_t channels = bits.bits(4);
  config.output_rate = config.rate;
  if (type == 5 || type == 29) {
    config.object = static_cast<AacObject>(type);
    config.output_rate = sampling_frequency(bits);
    type = object_type(bits);
  }
  if (!bits.ok()) return malformed("AAC config: too short");
  if (type != 2) return fail(ErrorKind::Unsupported, "AAC config: neither AAC-LC nor HE-AAC");
  if (config.rate == 0 || config.rate > limits::kAudioRate || config.output_rate == 0 ||
      config.output_rate > limits::kAudioRate)
    return malformed("AAC config: no sampling frequency");
  if (channels == 0) return fail(ErrorKind::Unsupported, "AAC config: channels by program config element");
  if (channels >= kChannels.size()) return malformed("AAC config: unknown channels");
  config.channels = kChannels[channels];
  general_audio_config(bits, config);
  if (!bits.ok()) return malformed("AAC config: too short");
  return config;
}

Result<AacConfig> parse_aac_config(ByteView bytes) {
  if (bytes.size() > limits::kAacConfigBytes) return malformed("AAC config: too long");
  RawBits bits(bytes);
  TRY(AacConfig config, parse_aac_config(bits));
  implicit_extension(bits, config);
  if (config.output_rate > limits::kAudioRate) return malformed("AAC config: no sampling frequency");
  return config;
}

Result<Buffer> write_aac_config(const AacConfig& config) {
  const auto channels = std::ranges::find(kChannels, config.channels);
  if (config.channels == 0 || channels == kChannels.end()) return malformed("AAC config: channels");
  RawBitWriter bits;
  const auto rate = [&bits](std::uint32_t hz) {
    const auto found = std::ranges::find(kRates, hz);
    if (found != kRates.end()) return bits.bits(4, static_cast<std::uint32_t>(found - kRates.begin()));
    bits.bits(4, kRateFollows);
    bits.bits(24, hz);
  };
  bits.bits(5, static_cast<std::uint32_t>(config.object));
  rate(config.rate);
  bits.bits(4, static_cast<std::uint32_t>(channels - kChannels.begin()));
  if (config.object != AacObject::LowComplexity) {
    rate(config.output_rate);
    bits.bits(5, static_cast<std::uint32_t>(AacObject::LowComplexity));
  }
  bits.bits(1, config.frame_samples == 960 ? 1 : 0);
  bits.bits(2, 0);
  return bits.bytes();
}

}  // namespace jalousie::codec
