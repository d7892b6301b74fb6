#include "app/page_files.h"

#include <algorithm>

#include "web/assets.h"

namespace jalousie::app {

namespace {

const web::Asset* find(std::string_view path) {
  const auto all = web::assets();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const web::Asset& asset) { return asset.path == path; });
  return found == all.end() ? nullptr : &*found;
}

/// RFC 9110 12.5.3, as much as matters for two choices: gzip is listed and not with a quality of 0.
bool takes_gzip(const http::Request& request) {
  const auto accepted = request.headers.find("accept-encoding");
  if (!accepted) return false;
  const auto at = accepted->find("gzip");
  if (at == std::string_view::npos) return false;
  const std::string_view after = accepted->substr(at + 4, 6);
  return !after.starts_with(";q=0") || after.starts_with(";q=0.");
}

http::Response answer(const web::Asset& asset, const http::Request& request) {
  http::Response response;
  response.headers.set("ETag", std::string(asset.etag));
  response.headers.set("Cache-Control", asset.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.set("Vary", "Accept-Encoding");
  if (const auto known = request.headers.find("if-none-match"); known && *known == asset.etag) {
    response.status = 304;
    return response;
  }
  response.headers.set("Content-Type", std::string(asset.content_type));
  if (!asset.gzip.empty() && takes_gzip(request)) {
    response.headers.set("Content-Encoding", "gzip");
    response.borrowed_body = asset.gzip;
  } else {
    response.borrowed_body = asset.bytes;
  }
  return response;
}

io::Task<http::Response> serve(http::Request request) {
  if (request.path == "/api" || request.path.starts_with("/api/")) {
    co_return http::Response::problem(404, "Not found", "There is nothing here.");
  }
  if (request.method != "GET" && request.method != "HEAD") {
    http::Response refused = http::Response::problem(405, "Method not allowed", "Files are only read.");
    refused.headers.set("Allow", "GET, HEAD");
    co_return refused;
  }
  if (const web::Asset* asset = find(request.path); asset != nullptr) co_return answer(*asset, request);
  // A file that is not there, and no address of the page's own.
  if (request.path.starts_with("/assets/"))
    co_return http::Response::problem(404, "Not found", "There is nothing here.");
  const web::Asset* index = find("/index.html");
  if (index == nullptr) co_return http::Response::problem(404, "Not found", "This build has no page.");
  co_return answer(*index, request);
}

}  // namespace

void add_page(http::Router& router) { router.fallback(serve); }

}  // namespace jalousie::app
