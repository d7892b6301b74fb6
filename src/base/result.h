// Result<T>: a value, or an Error that says what happened, of what kind, and where. Expected outcomes are
// values; an Error is what the caller cannot go on from. Our code throws nothing; wrappers catch what other
// libraries throw.
//
//   TRY(auto port, parse_port(text));     // returns the error to our caller, or declares port
//   TRY_VOID(check(port));                // the same for Result<void>
//   CO_TRY(auto stream, co_await connect(...)); CO_TRY_VOID(co_await ...);   // inside a coroutine
#pragma once

#include <cstdint>
#include <expected>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

namespace jalousie {

/// What kind of failure: maps once to an HTTP status, an RTSP status and a log level.
enum class ErrorKind : std::uint8_t {
  InvalidArgument,   // malformed input: says what was expected
  Unauthenticated,   // nobody is signed in, or the password is wrong
  PermissionDenied,  // somebody is, and may not
  NotFound,          // also for what the asker may not know exists
  AlreadyExists,
  FailedPrecondition,  // not in this state
  ResourceExhausted,   // a limit was reached
  Unavailable,         // try again later; the peer or a disk is away
  DeadlineExceeded,
  Cancelled,
  DataLoss,     // stored or sent data is damaged
  Unsupported,  // understood, and not something we do
  Internal,     // our mistake
};

std::string_view to_string(ErrorKind kind);

class [[nodiscard]] Error {
 public:
  Error(ErrorKind kind, std::string message, std::source_location where = std::source_location::current())
      : kind_(kind), message_(std::move(message)), where_(where) {}

  ErrorKind kind() const { return kind_; }
  /// For people: what happened, with its context in front ("rtsp://host: SETUP: 461 Unsupported Transport").
  /// No secrets.
  const std::string& message() const { return message_; }
  const std::source_location& where() const { return where_; }

  /// The same error with `context: ` in front of its message.
  Error within(std::string_view context) &&;

 private:
  ErrorKind kind_;
  std::string message_;
  std::source_location where_;
};

template <class T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string message,
                                   std::source_location where = std::source_location::current()) {
  return std::unexpected<Error>(Error(kind, std::move(message), where));
}

}  // namespace jalousie

#define JAL_CONCAT_INNER(a, b) a##b
#define JAL_CONCAT(a, b) JAL_CONCAT_INNER(a, b)
#define JAL_TRY_WITH(result, give_back, declaration, ...)            \
  auto result = (__VA_ARGS__);                                       \
  if (!result) give_back std::unexpected(std::move(result).error()); \
  declaration = *std::move(result)
#define JAL_TRY_VOID_WITH(give_back, ...)                        \
  do {                                                           \
    if (auto jal_result_ = (__VA_ARGS__); !jal_result_)          \
      give_back std::unexpected(std::move(jal_result_).error()); \
  } while (false)
#define TRY(declaration, ...) JAL_TRY_WITH(JAL_CONCAT(jal_try_, __LINE__), return, declaration, __VA_ARGS__)
#define TRY_VOID(...) JAL_TRY_VOID_WITH(return, __VA_ARGS__)
#define CO_TRY(declaration, ...) \
  JAL_TRY_WITH(JAL_CONCAT(jal_try_, __LINE__), co_return, declaration, __VA_ARGS__)
#define CO_TRY_VOID(...) JAL_TRY_VOID_WITH(co_return, __VA_ARGS__)
