#include "io/errors.h"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace jalousie::io {

namespace {

struct Meaning {
  int code;
  ErrorKind kind;
  std::string_view words;
};

constexpr Meaning kMeanings[] = {
    {ECONNREFUSED, ErrorKind::Unavailable, "connection refused"},
    {ENETUNREACH, ErrorKind::Unavailable, "no route"},
    {EHOSTUNREACH, ErrorKind::Unavailable, "no route"},
    {ENETDOWN, ErrorKind::Unavailable, "the network is down"},
    {ECONNRESET, ErrorKind::Unavailable, "connection reset by the peer"},
    {EPIPE, ErrorKind::Unavailable, "connection closed by the peer"},
    {ETIMEDOUT, ErrorKind::DeadlineExceeded, "no answer"},
    {EADDRINUSE, ErrorKind::AlreadyExists, "the port is taken; stop what uses it or choose another port"},
    {EADDRNOTAVAIL, ErrorKind::InvalidArgument, "this machine does not have that address"},
    {EACCES, ErrorKind::PermissionDenied, "permission denied"},
    {EPERM, ErrorKind::PermissionDenied, "operation not permitted"},
    {EROFS, ErrorKind::PermissionDenied, "the file system is read-only"},
    {ENOENT, ErrorKind::NotFound, "no such file"},
    {ENOTDIR, ErrorKind::NotFound, "part of the path is not a folder"},
    {EISDIR, ErrorKind::InvalidArgument, "it is a folder"},
    {EMFILE, ErrorKind::ResourceExhausted, "too many open files; raise LimitNOFILE or ulimit -n"},
    {ENFILE, ErrorKind::ResourceExhausted, "the machine has too many open files"},
    {ENOBUFS, ErrorKind::ResourceExhausted, "no buffer space"},
    {ENOMEM, ErrorKind::ResourceExhausted, "out of memory"},
    {ENOSPC, ErrorKind::ResourceExhausted, "the disk is full"},
    {EDQUOT, ErrorKind::ResourceExhausted, "the disk quota is used up"},
    {EIO, ErrorKind::DataLoss, "input/output error"},
};

}  // namespace

std::unexpected<Error> fail_errno(int code, std::string_view context, std::source_location where) {
  for (const Meaning& meaning : kMeanings) {
    if (meaning.code == code) return fail(meaning.kind, fmt::format("{}: {}", context, meaning.words), where);
  }
  return fail(ErrorKind::Unavailable, fmt::format("{}: {}", context, std::generic_category().message(code)),
              where);
}

}  // namespace jalousie::io
