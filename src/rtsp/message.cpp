#include "rtsp/message.h"

#include <fmt/format.h>

#include "rtsp/text.h"

namespace jalousie::rtsp {

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [key, value] : list_) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Headers::find_all(std::string_view name) const {
  std::vector<std::string_view> found;
  for (const auto& [key, value] : list_) {
    if (equal_ignoring_case(key, name)) found.push_back(value);
  }
  return found;
}

namespace {

std::optional<std::uint32_t> cseq_in(const Headers& headers) {
  const auto text = headers.find("CSeq");
  return text ? parse_number<std::uint32_t>(trim(*text)) : std::nullopt;
}

void write_rest(std::string& text, const Headers& headers, std::string_view body) {
  for (const auto& [name, value] : headers.list())
    text += fmt::format("{}: {}\r\n", one_line(name), one_line(value));
  if (!body.empty()) text += fmt::format("Content-Length: {}\r\n", body.size());
  text += "\r\n";
  text += body;
}

}  // namespace

std::optional<std::uint32_t> Request::cseq() const { return cseq_in(headers); }
std::optional<std::uint32_t> Response::cseq() const { return cseq_in(headers); }

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Moved Temporarily";
    case 303:
      return "See Other";
    case 305:
      return "Use Proxy";
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
      return "Request Time-out";
    case 413:
      return "Request Entity Too Large";
    case 414:
      return "Request-URI Too Large";
    case 415:
      return "Unsupported Media Type";
    case 451:
      return "Parameter Not Understood";
    case 453:
      return "Not Enough Bandwidth";
    case 454:
      return "Session Not Found";
    case 455:
      return "Method Not Valid in This State";
    case 457:
      return "Invalid Range";
    case 459:
      return "Aggregate operation not allowed";
    case 460:
      return "Only aggregate operation allowed";
    case 461:
      return "Unsupported transport";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "RTSP Version not supported";
    case 551:
      return "Option not supported";
    default:
      return "Unknown";
  }
}

std::string write(const Request& request) {
  auto text = fmt::format("{} {} RTSP/1.0\r\n", one_line(request.method), one_line(request.uri));
  write_rest(text, request.headers, request.body);
  return text;
}

std::string write(const Response& response) {
  const std::string_view reason =
      response.reason.empty() ? reason_phrase(response.status) : one_line(response.reason);
  auto text = fmt::format("RTSP/1.0 {} {}\r\n", response.status, reason);
  write_rest(text, response.headers, response.body);
  return text;
}

std::array<std::uint8_t, kInterleavedHeaderBytes> interleaved_header(std::uint8_t channel,
                                                                     std::uint16_t length) {
  return {'$', channel, static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length & 0xff)};
}

Response answer(const Request& request, int status) {
  Response response;
  response.status = status;
  if (const auto cseq = request.headers.find("CSeq")) response.headers.add("CSeq", *cseq);
  return response;
}

}  // namespace jalousie::rtsp
