// What a camera connection is doing, in words for the camera's owner. Names as in docs/ref/api.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "codec/audio_format.h"
#include "codec/video_format.h"

namespace jalousie::ingest {

enum class State : std::uint8_t {
  Connecting,          // no answer yet, or no picture yet
  Live,                // pictures come
  Stalled,             // they came, and stopped
  WrongPassword,       // the name or password is refused, or missing
  Unreachable,         // nothing answers at the address
  NoStream,            // the camera answers, and sends no picture
  NoKeyFrame,          // it sends, and nothing that a picture could start with
  CodecNotSupported,   // it sends something that is not read here
  Refused,             // it answers, and says no
  Privacy,             // not taken in, by the owner's switch: said by who starts connections, never by one
  CertificateChanged,  // another than the one that was met first: nothing was sent to it
  Suspended,           // likewise, while the camera, its model or its home is suspended
};
std::string_view to_string(State state);  // "connecting", "wrong_password", ...

/// Why there are no pictures: whole sentences, without secrets. `advice` says what the owner can do; may be
/// empty.
struct Problem {
  State state = State::Connecting;
  std::string reason;
  std::string advice;
  friend bool operator==(const Problem&, const Problem&) = default;
};

struct Status {
  State state = State::Connecting;
  std::string reason;
  std::string advice;
  UtcTime since{};                          // when the state began
  std::optional<codec::VideoFormat> video;  // of this connection or, when there is none, of the last
  std::optional<codec::AudioFormat> sound;  // that comes; of this connection alone
  std::optional<UtcTime> newest_capture;    // of the newest picture when this was written
};

}  // namespace jalousie::ingest
