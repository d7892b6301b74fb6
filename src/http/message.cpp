#include "http/message.h"

#include <algorithm>

#include <fmt/format.h>

#include "http/target.h"

namespace jalousie::http {

namespace {

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

void append_json_string(std::string& to, std::string_view text) {
  to.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      to.push_back('\\');
      to.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      to += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      to.push_back(c);
    }
  }
  to.push_back('"');
}

std::string_view title_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidArgument:
      return "The request is not right";
    case ErrorKind::Unauthenticated:
      return "Not signed in";
    case ErrorKind::PermissionDenied:
      return "Not permitted";
    case ErrorKind::NotFound:
      return "Not found";
    case ErrorKind::AlreadyExists:
      return "It exists already";
    case ErrorKind::FailedPrecondition:
      return "Not possible in this state";
    case ErrorKind::ResourceExhausted:
      return "A limit was reached";
    case ErrorKind::Unavailable:
      return "Not available now";
    case ErrorKind::DeadlineExceeded:
      return "It took too long";
    case ErrorKind::Cancelled:
      return "Cancelled";
    case ErrorKind::DataLoss:
      return "Damaged data";
    case ErrorKind::Unsupported:
      return "Not supported";
    case ErrorKind::Internal:
      return "An error of the server";
  }
  return "Error";
}

}  // namespace

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (same_name(key, name)) return value;
  }
  return std::nullopt;
}

void Headers::set(std::string name, std::string value) {
  const auto same = [&](const auto& field) { return same_name(field.first, name); };
  const auto first = std::find_if(fields_.begin(), fields_.end(), same);
  if (first == fields_.end()) return add(std::move(name), std::move(value));
  first->second = std::move(value);
  fields_.erase(std::remove_if(first + 1, fields_.end(), same), fields_.end());
}

void Headers::add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
}

std::optional<std::string> Request::cookie(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (!same_name(key, "cookie")) continue;
    const std::string_view found = find_cookie(value, name);
    if (!found.empty()) return std::string(found);
  }
  return std::nullopt;
}

Response Response::text(int status, std::string body, std::string_view content_type) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  response.headers.add("Content-Type", std::string(content_type));
  return response;
}

Response Response::json(int status, std::string body) {
  return text(status, std::move(body), "application/json");
}

Response Response::problem(int status, std::string_view title, std::string_view detail) {
  std::string body = R"({"title":)";
  append_json_string(body, title);
  body += fmt::format(R"(,"status":{},"detail":)", status);
  append_json_string(body, is_utf8(detail) ? detail : "?");
  body.push_back('}');
  return text(status, std::move(body), "application/problem+json");
}

Response Response::from(const Error& error) {
  const bool ours = error.kind() == ErrorKind::Internal || error.kind() == ErrorKind::DataLoss;
  return problem(status_of(error.kind()), title_of(error.kind()),
                 ours ? "the server's log says more" : error.message());
}

Response Response::no_content() {
  Response response;
  response.status = 204;
  return response;
}

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidArgument:
      return 400;
    case ErrorKind::Unauthenticated:
      return 401;
    case ErrorKind::PermissionDenied:
      return 403;
    case ErrorKind::NotFound:
      return 404;
    case ErrorKind::AlreadyExists:
      return 409;
    case ErrorKind::FailedPrecondition:
      return 409;
    case ErrorKind::ResourceExhausted:
      return 429;
    case ErrorKind::Unavailable:
      return 503;
    case ErrorKind::DeadlineExceeded:
      return 504;
    case ErrorKind::Cancelled:
      return 503;
    case ErrorKind::DataLoss:
      return 500;
    case ErrorKind::Unsupported:
      return 501;
    case ErrorKind::Internal:
      return 500;
  }
  return 500;
}

}  // namespace jalousie::http
