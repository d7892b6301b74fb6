#include "io/tls_stream.h"

#include <algorithm>

#include <fmt/format.h>
#include <openssl/err.h>

#include "base/assert.h"
#include "base/wipe_at_end.h"

namespace jalousie::io {

namespace {

constexpr std::size_t kRecordBytes = 16 * 1024;  // plaintext in one TLS record, RFC 8446 section 5.1
constexpr std::size_t kReadBytes = kRecordBytes + 512;
constexpr std::size_t kFlushBytes = 8 * kRecordBytes;  // encrypted bytes gathered before they are sent

}  // namespace

std::string openssl_reason() {
  const unsigned long code = ERR_peek_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

TlsStream::TlsStream(std::unique_ptr<Stream> tcp, SslPtr ssl, Loop& loop)
    : tcp_(std::move(tcp)), ssl_(std::move(ssl)), flushed_(loop), cipher_(kReadBytes) {
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  JAL_ASSERT(in != nullptr && out != nullptr);
  BIO_set_mem_eof_return(in, -1);
  SSL_set_bio(ssl_.get(), in, out);
}

// Clears the flag however the flush ends, and wakes who waits for it.
struct TlsStream::Flushing {
  explicit Flushing(TlsStream& of) : stream(of) { stream.flushing_ = true; }
  ~Flushing() {
    stream.flushing_ = false;
    stream.flushed_.notify();
  }
  Flushing(const Flushing&) = delete;
  Flushing& operator=(const Flushing&) = delete;
  TlsStream& stream;
};

Task<Result<>> TlsStream::handshake(Microseconds timeout, std::string (*explain)()) {
  const Due due(timeout);
  for (;;) {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    const int state = SSL_get_error(ssl_.get(), done);
    auto failed =
        fail(ErrorKind::InvalidArgument, fmt::format("{}: TLS handshake: {}", peer().to_string(), explain()));
    auto flushed = co_await flush(due);  // also the alert that says why
    if (done == 1) co_return flushed;
    if (state != SSL_ERROR_WANT_READ) co_return failed;
    CO_TRY_VOID(std::move(flushed));
    CO_TRY(const bool more, co_await fill(due));
    if (!more)
      co_return fail(ErrorKind::Unavailable,
                     fmt::format("{}: TLS handshake: the peer went away", peer().to_string()));
  }
}

Task<Result<std::size_t>> TlsStream::read_some(MutableBytes target, Microseconds timeout) {
  JAL_ASSERT(!target.empty());
  const Due due(timeout);
  for (;;) {
    ERR_clear_error();
    std::size_t got = 0;
    const int done = SSL_read_ex(ssl_.get(), target.data(), target.size(), &got);
    if (done == 1) co_return got;
    const int state = SSL_get_error(ssl_.get(), done);
    if (state == SSL_ERROR_ZERO_RETURN) co_return std::size_t{0};
    auto failed = fail(ErrorKind::DataLoss, fmt::format("{}: TLS: {}", peer().to_string(), openssl_reason()));
    auto flushed = co_await flush(due);  // an alert, or the answer to a key update
    if (state != SSL_ERROR_WANT_READ) co_return failed;
    CO_TRY_VOID(std::move(flushed));
    CO_TRY(const bool more, co_await fill(due));
    if (!more)
      co_return fail(ErrorKind::Unavailable,
                     fmt::format("{}: TLS: ended without close_notify", peer().to_string()));
  }
}

Task<Result<>> TlsStream::write(std::span<const ByteView> parts, Microseconds timeout) {
  const Due due(timeout);
  Buffer record;  // what is clear in it is somebody's picture, or their answer
  const WipeAtEnd wiped(record);
  std::size_t total = 0;
  for (const ByteView part : parts) total += part.size();
  record.reserve(std::min(total, kRecordBytes));
  for (const ByteView part : parts) {
    ByteView rest = part;
    while (!rest.empty()) {
      // Small parts share a record; a whole record's worth is encrypted from where it lies.
      const std::size_t take = std::min(rest.size(), kRecordBytes - record.size());
      if (take == kRecordBytes) {
        CO_TRY_VOID(encrypt(rest.first(take)));
      } else {
        record.insert(record.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(take));
      }
      rest = rest.subspan(take);
      if (record.size() == kRecordBytes) {
        CO_TRY_VOID(encrypt(record));
        wipe(record);
        record.clear();
      }
      if (pending() >= kFlushBytes) CO_TRY_VOID(co_await flush(due));
    }
  }
  if (!record.empty()) CO_TRY_VOID(encrypt(record));
  co_return co_await flush(due);
}

Task<Result<>> TlsStream::end_writing(Microseconds timeout) {
  ERR_clear_error();
  if (SSL_shutdown(ssl_.get()) < 0)
    co_return fail(ErrorKind::Unavailable, fmt::format("{}: TLS: {}", peer().to_string(), openssl_reason()));
  const Due due(timeout);
  CO_TRY_VOID(co_await flush(due));
  co_return co_await tcp_->end_writing(due.left());
}

void TlsStream::close() {
  tcp_->close();
  flushed_.notify();
}

Result<> TlsStream::encrypt(ByteView plain) {
  ERR_clear_error();
  std::size_t written = 0;
  if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written) != 1 || written != plain.size()) {
    return fail(ErrorKind::Unavailable, fmt::format("{}: TLS: {}", peer().to_string(), openssl_reason()));
  }
  return {};
}

// Sends what OpenSSL has written. Reading and writing tasks may both come here; records must leave in
// order.
Task<Result<>> TlsStream::flush(Due due) {
  while (flushing_) {
    if (!co_await flushed_.wait(due.left())) {
      co_return fail(ErrorKind::DeadlineExceeded,
                     fmt::format("{}: the peer does not read in time", peer().to_string()));
    }
  }
  while (pending() > 0) {
    const Flushing guard(*this);
    BIO* out = SSL_get_wbio(ssl_.get());
    sending_.resize(pending());
    const int taken = BIO_read(out, sending_.data(), static_cast<int>(sending_.size()));
    JAL_ASSERT(taken == static_cast<int>(sending_.size()));
    CO_TRY_VOID(co_await tcp_->write(sending_, due.left()));
  }
  co_return Result<>();
}

// False at the end of the stream below.
Task<Result<bool>> TlsStream::fill(Due due) {
  CO_TRY(const std::size_t got, co_await tcp_->read_some(cipher_, due.left()));
  if (got > 0)
    JAL_ASSERT(BIO_write(SSL_get_rbio(ssl_.get()), cipher_.data(), static_cast<int>(got)) ==
               static_cast<int>(got));
  co_return got > 0;
}

}  // namespace jalousie::io
