#include "ingest/status.h"

namespace jalousie::ingest {

std::string_view to_string(State state) {
  switch (state) {
    case State::Connecting:
      return "connecting";
    case State::Live:
      return "live";
    case State::Stalled:
      return "stalled";
    case State::WrongPassword:
      return "wrong_password";
    case State::Unreachable:
      return "unreachable";
    case State::NoStream:
      return "no_stream";
    case State::NoKeyFrame:
      return "no_key_frame";
    case State::CodecNotSupported:
      return "codec_not_supported";
    case State::Refused:
      return "refused";
    case State::Privacy:
      return "privacy";
    case State::CertificateChanged:
      return "certificate_changed";
    case State::Suspended:
      return "suspended";
  }
  return "";
}

}  // namespace jalousie::ingest
