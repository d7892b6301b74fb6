// RTSP 1.0 messages as values, and their text (RFC 2326 sections 4 to 7 and 10.12). Both directions:
// requests, responses and interleaved frames. No sockets, no clocks, no threads. parser.h reads them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace jalousie::rtsp {

/// Header lines in order. Names compare without case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> list) : list_(list) {}

  void add(std::string_view name, std::string_view value) { list_.emplace_back(name, value); }
  /// The first of that name, borrowed from here.
  std::optional<std::string_view> find(std::string_view name) const;
  std::vector<std::string_view> find_all(std::string_view name) const;

  std::vector<std::pair<std::string, std::string>>& list() { return list_; }
  const std::vector<std::pair<std::string, std::string>>& list() const { return list_; }
  friend bool operator==(const Headers&, const Headers&) = default;

 private:
  std::vector<std::pair<std::string, std::string>> list_;
};

struct Request {
  std::string method;  // upper case, as in section 6.1
  std::string uri;     // as written
  Headers headers;
  std::string body;

  std::optional<std::uint32_t> cseq() const;
  friend bool operator==(const Request&, const Request&) = default;
};

struct Response {
  int status = 200;
  std::string reason;  // empty: write() takes the usual one
  Headers headers;
  std::string body;

  std::optional<std::uint32_t> cseq() const;
  friend bool operator==(const Response&, const Response&) = default;
};

/// Section 10.12: RTP or RTCP between the messages of the same connection. The payload borrows.
///
///    0        1         2..3            4
///   +--------+---------+---------------+---------
///   | '$' 24 | channel | length (BE)   | payload
///   +--------+---------+---------------+---------
struct InterleavedFrame {
  std::uint8_t channel = 0;
  ByteView payload;
};
inline constexpr std::size_t kInterleavedHeaderBytes = 4;

/// The reason phrase of a status (section 7.1.1), "Unknown" where it has none.
std::string_view reason_phrase(int status);

/// Content-Length is added for a body, so leave it out of `headers`. Text is cut at line ends: no value can
/// start a line.
std::string write(const Request& request);
std::string write(const Response& response);
/// What stands in front of `length` bytes of payload.
std::array<std::uint8_t, kInterleavedHeaderBytes> interleaved_header(std::uint8_t channel,
                                                                     std::uint16_t length);

/// A response to `request` with its CSeq.
Response answer(const Request& request, int status);

}  // namespace jalousie::rtsp
