// Byte streams: TCP, and TLS over it, behind one interface. Used on the loop they were made on. One read and
// one write may be under way at a time. Every operation has a time limit; when it passes, the result is
// DeadlineExceeded and the stream is good for nothing but close().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/result.h"
#include "base/time.h"
#include "io/loop.h"
#include "io/task.h"

namespace jalousie::io {

class Stream {
 public:
  virtual ~Stream() = default;
  /// At least one byte into `target`; 0 at the orderly end of the stream.
  virtual Task<Result<std::size_t>> read_some(MutableBytes target, Microseconds timeout) = 0;
  /// All of `parts`, in order, gathered into as few system calls as the kernel allows.
  virtual Task<Result<>> write(std::span<const ByteView> parts, Microseconds timeout) = 0;
  /// Tells the peer that nothing more is sent (TCP FIN, TLS close_notify); reading goes on.
  virtual Task<Result<>> end_writing(Microseconds timeout);
  /// A write ends when all but about `bytes` of it are on their way (Linux: TCP_NOTSENT_LOWAT), so that what
  /// is written next is not queued behind what is old. Without it the kernel takes megabytes.
  virtual void limit_unsent(std::size_t bytes) = 0;
  /// Ends operations under way with Cancelled. Idempotent.
  virtual void close() = 0;
  virtual Endpoint peer() const = 0;
  virtual Endpoint local() const = 0;
  virtual bool is_secure() const = 0;

  Task<Result<>> write(ByteView bytes, Microseconds timeout);
};

/// Resolves `host` (name or address) and connects to the first address that answers. TCP_NODELAY is set.
/// Errors name HOST:PORT: NotFound (no such name), Unavailable (connection refused, no route),
/// DeadlineExceeded (no answer).
Task<Result<std::unique_ptr<Stream>>> connect_tcp(std::string host, std::uint16_t port, Microseconds timeout);
/// The same, to those of its addresses alone that `may_connect` says yes to: PermissionDenied when there is
/// none. The name is looked up once, so that what was asked about is what is connected to.
Task<Result<std::unique_ptr<Stream>>> connect_tcp(std::string host, std::uint16_t port, Microseconds timeout,
                                                  std::function<bool(const Endpoint&)> may_connect);

class TcpListener {
 public:
  /// AlreadyExists when the port is taken, PermissionDenied when it may not be used: the message says what to
  /// do.
  static Result<std::unique_ptr<TcpListener>> listen(Loop& loop, const Endpoint& at);
  ~TcpListener();
  Task<Result<std::unique_ptr<Stream>>> accept();
  /// The same, but the stream is made on `on` (a loop of another thread may serve what this one accepts): the
  /// accepted socket must be handed over by on.post() before it is used.
  Task<Result<std::unique_ptr<Stream>>> accept_for(Loop& on);
  Endpoint local() const;
  void close();

  struct Impl;
  explicit TcpListener(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

/// A server's certificate chain and key, TLS 1.2 and later.
class TlsServerContext {
 public:
  /// PEM files. InvalidArgument says which of them is wrong and why (not found, no match, expired).
  static Result<std::shared_ptr<TlsServerContext>> load(const std::string& certificate_path,
                                                        const std::string& key_path);
  ~TlsServerContext();
  /// When the certificate ends.
  UtcTime not_after() const;

  struct Impl;
  explicit TlsServerContext(std::unique_ptr<Impl> impl);
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

Task<Result<std::unique_ptr<Stream>>> accept_tls(std::unique_ptr<Stream> tcp,
                                                 std::shared_ptr<TlsServerContext> context,
                                                 Microseconds timeout);

/// What a TLS server has shown of itself. Nothing was sent to it yet: the caller judges, and only then
/// speaks.
struct TlsConnection {
  std::unique_ptr<Stream> stream;
  std::string fingerprint;   // SHA-256 of its certificate, hex
  bool is_verified = false;  // a certificate for `host`, from an authority that this system trusts
};

/// What TLS clients share: which ciphers, and the authorities that this system trusts. Does not change; safe
/// from any thread.
class TlsClientContext {
 public:
  /// Reads the authorities, which takes tens of milliseconds.
  static Result<std::shared_ptr<const TlsClientContext>> create();
  /// The one of this process, made by the first call: let that not be on a loop where others wait.
  static const Result<std::shared_ptr<const TlsClientContext>>& shared();
  ~TlsClientContext();
  TlsClientContext(const TlsClientContext&) = delete;
  TlsClientContext& operator=(const TlsClientContext&) = delete;
  struct Impl;
  const Impl& impl() const { return *impl_; }  // for io/*.cpp

 private:
  explicit TlsClientContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// TLS 1.2 or later over `tcp`. Any certificate is taken: devices in homes sign their own. InvalidArgument
/// says why the handshake failed, in words for who owns the device. Without a context: the shared one.
Task<Result<TlsConnection>> connect_tls(std::unique_ptr<Stream> tcp, std::string host, Microseconds timeout,
                                        std::shared_ptr<const TlsClientContext> context = nullptr);

}  // namespace jalousie::io
