// Requests and answers as values. Header names compare without case.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/result.h"
#include "io/task.h"

namespace jalousie::http {

class Headers {
 public:
  std::optional<std::string_view> find(std::string_view name) const;  // the first one
  void set(std::string name, std::string value);                      // replaces
  void add(std::string name, std::string value);
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct Request {
  std::string method;  // upper case
  std::string path;  // percent-decoded, begins with '/', without query; never holds NUL, "//" or dot segments
  std::map<std::string, std::string, std::less<>> query;       // percent-decoded; the first of equal names
  std::map<std::string, std::string, std::less<>> parameters;  // of the route: {"id": ...}
  Headers headers;
  std::string body;  // at most limits::kHttpBodyBytes
  Endpoint peer;
  Endpoint local;       // the address of ours that the client reached
  bool secure = false;  // came by TLS

  std::optional<std::string> cookie(std::string_view name) const;
};

/// Writes a stream of server-sent events (WHATWG HTML, 9.2). An error means that the client is gone.
class EventStream {
 public:
  virtual ~EventStream() = default;
  virtual io::Task<Result<>> send(std::string_view event, std::string_view data) = 0;
  virtual io::Task<Result<>> comment(std::string_view text) = 0;  // keeps proxies and clients awake
};

/// How a WebSocket is closed (RFC 6455 section 7.4); `reason` has at most 123 bytes.
struct WebSocketEnd {
  std::uint16_t code = 1000;
  std::string reason;
};

/// Our side of a WebSocket: sends messages, one at a time. An error means that the client is gone.
class WebSocket {
 public:
  virtual ~WebSocket() = default;
  virtual io::Task<Result<>> send_text(std::string_view text) = 0;
  /// Not copied on the way: `message` stays as it is until the task ends.
  virtual io::Task<Result<>> send_binary(ByteView message) = 0;
  /// Ends it now, without a word, also what is being sent.
  virtual void cut() = 0;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  /// When set, the answer is text/event-stream: the server calls it after the header and closes when it
  /// returns. It runs on the connection's loop and is cancelled when the client goes away.
  std::function<io::Task<>(EventStream&)> events;
  /// When set, the connection is a WebSocket from here on (http/web_socket.h makes such answers). It runs on
  /// the connection's loop, is cancelled when the client goes away, and says how to close.
  std::function<io::Task<WebSocketEnd>(WebSocket&)> web_socket;
  /// Sent instead of body, without a copy: static content that outlives the server (embedded files), or what
  /// body_owner keeps.
  ByteView borrowed_body;
  /// What borrowed_body lies in when nobody else keeps it; goes, and wipes itself if it does that, once the
  /// answer was sent or the client is gone.
  std::shared_ptr<const void> body_owner;

  static Response text(int status, std::string body,
                       std::string_view content_type = "text/plain; charset=utf-8");
  static Response json(int status, std::string body);
  /// RFC 9457 problem details, application/problem+json; `detail` is for people.
  static Response problem(int status, std::string_view title, std::string_view detail);
  /// The kind's status, its message as the detail. Internal errors keep their message to the log.
  static Response from(const Error& error);
  static Response no_content();
};

/// The HTTP status of a kind (NotFound 404, Unauthenticated 401, ...).
int status_of(ErrorKind kind);

using Handler = std::function<io::Task<Response>(Request)>;

}  // namespace jalousie::http
