#include "rtsp/failure.h"

#include <fmt/format.h>

#include "rtsp/message.h"

namespace jalousie::rtsp {

std::string_view to_string(FailureKind kind) {
  switch (kind) {
    case FailureKind::WrongPassword:
      return "wrong_password";
    case FailureKind::CredentialsNeeded:
      return "credentials_needed";
    case FailureKind::AuthUnsupported:
      return "auth_unsupported";
    case FailureKind::Forbidden:
      return "forbidden";
    case FailureKind::NotFound:
      return "not_found";
    case FailureKind::TransportRefused:
      return "transport_refused";
    case FailureKind::Busy:
      return "busy";
    case FailureKind::Redirected:
      return "redirected";
    case FailureKind::SessionLost:
      return "session_lost";
    case FailureKind::Refused:
      return "refused";
    case FailureKind::ServerError:
      return "server_error";
    case FailureKind::BadDescription:
      return "bad_description";
    case FailureKind::Protocol:
      return "protocol";
    case FailureKind::NoAnswer:
      return "no_answer";
  }
  return "";
}

namespace {

FailureKind kind_of(int status) {
  switch (status) {
    case 403:
      return FailureKind::Forbidden;
    case 404:
    case 410:
      return FailureKind::NotFound;
    case 453:
    case 503:
      return FailureKind::Busy;
    case 454:
      return FailureKind::SessionLost;
    case 461:
      return FailureKind::TransportRefused;
    default:
      break;
  }
  if (status < 400) return FailureKind::Redirected;
  return status < 500 ? FailureKind::Refused : FailureKind::ServerError;
}

}  // namespace

Failure failure_of(std::string_view method, int status) {
  return {kind_of(status), status, fmt::format("{}: {} {}", method, status, reason_phrase(status))};
}

}  // namespace jalousie::rtsp
