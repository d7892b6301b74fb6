#include "base/result.h"

namespace jalousie {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidArgument:
      return "invalid_argument";
    case ErrorKind::Unauthenticated:
      return "unauthenticated";
    case ErrorKind::PermissionDenied:
      return "permission_denied";
    case ErrorKind::NotFound:
      return "not_found";
    case ErrorKind::AlreadyExists:
      return "already_exists";
    case ErrorKind::FailedPrecondition:
      return "failed_precondition";
    case ErrorKind::ResourceExhausted:
      return "resource_exhausted";
    case ErrorKind::Unavailable:
      return "unavailable";
    case ErrorKind::DeadlineExceeded:
      return "deadline_exceeded";
    case ErrorKind::Cancelled:
      return "cancelled";
    case ErrorKind::DataLoss:
      return "data_loss";
    case ErrorKind::Unsupported:
      return "unsupported";
    case ErrorKind::Internal:
      return "internal";
  }
  return "unknown";
}

Error Error::within(std::string_view context) && {
  message_.insert(0, ": ");
  message_.insert(0, context);
  return std::move(*this);
}

}  // namespace jalousie
