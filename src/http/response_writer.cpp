#include "http/response_writer.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/log.h"

namespace jalousie::http {

namespace {

bool is_field_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

// Calls `line` for each line of `text`, which CRLF, CR or LF end.
template <class F>
void each_line(std::string_view text, F line) {
  for (;;) {
    const auto end = text.find_first_of("\r\n");
    line(text.substr(0, end));
    if (end == std::string_view::npos) return;
    const bool both = text.substr(end, 2) == "\r\n";
    text.remove_prefix(end + (both ? 2 : 1));
  }
}

}  // namespace

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";  // may be empty, RFC 9112 section 4
  }
}

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

std::string_view body_of(const Response& response) {
  return response.borrowed_body.empty() ? std::string_view(response.body) : as_text(response.borrowed_body);
}

std::string http_date(UtcTime time) {
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<Seconds>(time - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string write_header(const Response& response, Framing framing) {
  std::string header;
  header.reserve(1024);
  fmt::format_to(std::back_inserter(header), "HTTP/1.1 {} {}\r\n", response.status,
                 reason_phrase(response.status));
  for (const auto& [name, value] : response.headers) {
    if (!is_field_text(name) || !is_field_text(value)) {
      log::error("http", "a header field of ours has a line break", {{"name", name}});
      continue;
    }
    header.append(name).append(": ").append(value).append("\r\n");
  }
  if (framing.events) {
    header.append("Content-Type: text/event-stream\r\nX-Accel-Buffering: no\r\n");
  } else if (may_have_body(response.status)) {
    fmt::format_to(std::back_inserter(header), "Content-Length: {}\r\n", body_of(response).size());
  }
  if (framing.date) header.append("Date: ").append(http_date(*framing.date)).append("\r\n");
  if (framing.close || framing.events) header.append("Connection: close\r\n");
  header.append("\r\n");
  return header;
}

std::string write_event(std::string_view event, std::string_view data) {
  std::string text;
  if (!event.empty()) {
    text.append("event: ");
    std::copy_if(event.begin(), event.end(), std::back_inserter(text),
                 [](char c) { return c != '\r' && c != '\n'; });
    text.push_back('\n');
  }
  each_line(data, [&](std::string_view line) { text.append("data: ").append(line).append("\n"); });
  text.push_back('\n');
  return text;
}

std::string write_comment(std::string_view text) {
  std::string written;
  each_line(text, [&](std::string_view line) { written.append(": ").append(line).append("\n"); });
  written.push_back('\n');
  return written;
}

}  // namespace jalousie::http
