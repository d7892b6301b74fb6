// What a camera is, and which streams it offers. Values, made once at the start.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "camera/quirks.h"
#include "codec/audio_format.h"

namespace jalousie::camera {

struct StreamFacts {
  std::string path;  // "/main"
  std::size_t width = 0;
  std::size_t height = 0;
  unsigned fps = 25;
  unsigned kilobits_per_second = 0;
  std::vector<Buffer> parameter_sets;  // SPS, PPS
};

struct CameraFacts {
  std::string name;
  std::string model;
  std::string firmware;
  Seconds session_timeout{60};
  std::string root;  // a path that is the first stream, too; "/" for most
  std::vector<StreamFacts> streams;
  std::optional<codec::AudioFormat> sound = {};  // beside the pictures of each stream
  std::string redirect_to = {};                  // Location of the 302 that DESCRIBE gets; empty: none
  Quirks quirks = {};

  /// As in the Server header: "Model/firmware".
  std::string product() const { return model + "/" + firmware; }
};

/// Tracks of every stream: the pictures, and the sound where there is some.
inline constexpr std::size_t kPictureTrack = 0;
inline constexpr std::size_t kSoundTrack = 1;
inline constexpr std::size_t kTracks = 2;

inline constexpr std::uint8_t kPayloadType = 96;
inline constexpr std::uint32_t kVideoClock = 90'000;

/// By RFC 3551 of G.711; of others the one after the pictures'.
std::uint8_t sound_payload_type(codec::AudioCodec codec);

/// "trackID=1": the pictures'.
std::string control_of(std::size_t track);

/// The session description of one stream (RFC 8866, RFC 2326 appendix C, RFC 6184 section 8.2.1, RFC 3640
/// section 4, RFC 7587 section 7); `address` is the camera's, as text.
std::string describe(const CameraFacts& camera, const StreamFacts& stream, std::string_view address);

}  // namespace jalousie::camera
