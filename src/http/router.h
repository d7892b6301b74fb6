// Which handler answers which request. Patterns are literal segments and {names}: "/api/v1/cameras/{id}".
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/message.h"

namespace jalousie::http {

class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  /// A literal segment wins over a name. Adding one route twice is our mistake and asserted.
  void add(std::string_view method, std::string_view pattern, Handler handler);
  /// For all else (static files); without one: 404.
  void fallback(Handler handler);
  /// Fills request.parameters. 404, 405 with Allow, and OPTIONS/HEAD for GET routes are answered here. Every
  /// answer gets Cache-Control: no-store unless its handler set one, and the security headers (CSP, nosniff,
  /// frame-ancestors, Referrer-Policy, Cross-Origin-*-Policy, Permissions-Policy).
  io::Task<Response> handle(Request request) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalousie::http
