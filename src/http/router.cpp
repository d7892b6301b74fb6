#include "http/router.h"

#include <map>
#include <set>
#include <vector>

#include "base/assert.h"
#include "http/defaults.h"

namespace jalousie::http {

namespace {

struct Route {
  Handler handler;
  std::vector<std::string> names;  // of the parameters, in order
};

// One segment of the patterns; children are the next segments.
struct Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> any;
  std::map<std::string, Route, std::less<>> routes;  // by method
};

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const auto end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

// What was found on the way through the tree, the best match first.
struct Search {
  std::string_view method;
  const std::vector<std::string_view>& segments;
  std::vector<std::string_view> values;
  const Route* route = nullptr;
  std::vector<std::string_view> route_values;
  std::set<std::string_view> methods;  // of all nodes that fit the path

  void visit(const Node& node, std::size_t depth) {
    if (route != nullptr) return;
    if (depth == segments.size()) return arrive(node);
    if (const auto found = node.literals.find(segments[depth]); found != node.literals.end())
      visit(*found->second, depth + 1);
    if (node.any && !segments[depth].empty()) {
      values.push_back(segments[depth]);
      visit(*node.any, depth + 1);
      values.pop_back();
    }
  }

  void arrive(const Node& node) {
    for (const auto& [name, unused] : node.routes) methods.insert(name);
    auto found = node.routes.find(method);
    if (found == node.routes.end() && method == "HEAD") found = node.routes.find("GET");
    if (found == node.routes.end()) return;
    route = &found->second;
    route_values = values;
  }
};

std::string allow(const std::set<std::string_view>& methods) {
  std::set<std::string_view> all = methods;
  if (all.contains("GET")) all.insert("HEAD");
  all.insert("OPTIONS");
  std::string text;
  for (const std::string_view method : all) text.append(text.empty() ? "" : ", ").append(method);
  return text;
}

}  // namespace

struct Router::Impl {
  Node root;
  Handler fallback;

  io::Task<Response> answer(Request request) const {
    const std::vector<std::string_view> segments = split(request.path);
    Search search{request.method, segments, {}, nullptr, {}, {}};
    search.visit(root, 0);
    if (search.route != nullptr) {
      for (std::size_t i = 0; i < search.route_values.size(); ++i) {
        request.parameters.insert_or_assign(search.route->names[i], std::string(search.route_values[i]));
      }
      co_return co_await search.route->handler(std::move(request));
    }
    if (!search.methods.empty()) {
      Response response =
          request.method == "OPTIONS"
              ? Response::no_content()
              : Response::problem(405, "Method not allowed", "This address takes other methods; see Allow.");
      response.headers.set("Allow", allow(search.methods));
      co_return response;
    }
    if (fallback) co_return co_await fallback(std::move(request));
    co_return Response::problem(404, "Not found", "There is nothing at this address.");
  }
};

Router::Router() : impl_(std::make_unique<Impl>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(std::string_view method, std::string_view pattern, Handler handler) {
  JAL_ASSERT(pattern.starts_with('/') && handler);
  Node* node = &impl_->root;
  Route route{std::move(handler), {}};
  for (const std::string_view segment : split(pattern)) {
    std::unique_ptr<Node>* next = nullptr;
    if (segment.starts_with('{') && segment.ends_with('}')) {
      route.names.emplace_back(segment.substr(1, segment.size() - 2));
      next = &node->any;
    } else {
      next = &node->literals[std::string(segment)];
    }
    if (!*next) *next = std::make_unique<Node>();
    node = next->get();
  }
  const bool added = node->routes.try_emplace(std::string(method), std::move(route)).second;
  JAL_ASSERT(added);
}

void Router::fallback(Handler handler) { impl_->fallback = std::move(handler); }

io::Task<Response> Router::handle(Request request) const {
  const bool secure = request.secure;
  Response response = co_await impl_->answer(std::move(request));
  add_defaults(response, secure);
  co_return response;
}

}  // namespace jalousie::http
