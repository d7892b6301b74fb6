#include "http/router.h"

#include <gtest/gtest.h>

#include "http/response_writer.h"
#include "io/loop_thread.h"

namespace jalousie::http {
namespace {

Handler says(std::string what) {
  return [what = std::move(what)](Request request) -> io::Task<Response> {
    std::string text = what;
    for (const auto& [name, value] : request.parameters) text += " " + name + "=" + value;
    return [](std::string body) -> io::Task<Response> {
      co_return Response::text(200, std::move(body));
    }(std::move(text));
  };
}

class Routes : public ::testing::Test {
 protected:
  Response ask(std::string method, std::string path, bool secure = false) {
    Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.secure = secure;
    return io::run_and_wait(thread.loop(), router.handle(std::move(request)));
  }

  io::LoopThread thread;
  Router router;
};

TEST_F(Routes, ALiteralWinsOverANameAndTheSearchGoesBack) {
  router.add("GET", "/a/{x}", says("name"));
  router.add("GET", "/a/b", says("literal"));
  router.add("GET", "/a/{x}/c", says("deep"));
  router.add("GET", "/a/b/d", says("deep literal"));
  router.add("POST", "/a/{y}", says("post"));
  router.add("GET", "/", says("root"));
  EXPECT_EQ(ask("GET", "/").body, "root");
  EXPECT_EQ(ask("GET", "/a/b").body, "literal");
  EXPECT_EQ(ask("GET", "/a/z").body, "name x=z");
  EXPECT_EQ(ask("GET", "/a/b/c").body, "deep x=b");
  EXPECT_EQ(ask("GET", "/a/b/d").body, "deep literal");
  EXPECT_EQ(ask("POST", "/a/b").body, "post y=b");
  EXPECT_EQ(ask("GET", "/a").status, 404);
  EXPECT_EQ(ask("GET", "/a/").status, 404);  // a name takes no empty segment
  EXPECT_EQ(ask("GET", "/a/b/").status, 404);
}

TEST_F(Routes, OtherMethodsHeadAndOptions) {
  router.add("GET", "/x", says("get"));
  router.add("DELETE", "/x", says("delete"));
  router.add("OPTIONS", "/y", says("own options"));
  const Response put = ask("PUT", "/x");
  EXPECT_EQ(put.status, 405);
  EXPECT_EQ(put.headers.find("Allow"), "DELETE, GET, HEAD, OPTIONS");
  EXPECT_EQ(ask("HEAD", "/x").body, "get");  // the connection leaves the body out
  const Response options = ask("OPTIONS", "/x");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.headers.find("Allow"), "DELETE, GET, HEAD, OPTIONS");
  EXPECT_EQ(ask("OPTIONS", "/y").body, "own options");
  EXPECT_EQ(ask("OPTIONS", "/none").status, 404);
}

TEST_F(Routes, TheFallbackTakesWhatNoRouteFits) {
  router.add("GET", "/x", says("x"));
  router.fallback(says("fallback"));
  EXPECT_EQ(ask("GET", "/other").body, "fallback");
  EXPECT_EQ(ask("PUT", "/x").status, 405);
}

TEST_F(Routes, EveryAnswerCarriesTheSecurityFields) {
  router.add("GET", "/cached", [](Request) -> io::Task<Response> {
    Response response = Response::text(200, "x");
    response.headers.set("cache-control", "max-age=5");
    co_return response;
  });
  const Response none = ask("GET", "/none");
  EXPECT_EQ(none.headers.find("Cache-Control"), "no-store");
  EXPECT_EQ(none.headers.find("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(none.headers.find("Referrer-Policy"), "no-referrer");
  EXPECT_NE(none.headers.find("Content-Security-Policy")->find("frame-ancestors 'none'"),
            std::string_view::npos);
  EXPECT_FALSE(none.headers.find("Strict-Transport-Security"));
  EXPECT_TRUE(ask("GET", "/none", true).headers.find("Strict-Transport-Security"));
  const Response cached = ask("GET", "/cached");
  EXPECT_EQ(cached.headers.find("Cache-Control"), "max-age=5");
}

TEST_F(Routes, AddingOneRouteTwiceIsAsserted) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  router.add("GET", "/a/{x}", says("one"));
  EXPECT_DEATH(router.add("GET", "/a/{y}", says("two")), "added");
}

TEST(Message, ProblemsEscapeTheirText) {
  EXPECT_EQ(Response::problem(400, "T", "a \"b\"\n\\ \x01").body,
            R"({"title":"T","status":400,"detail":"a \"b\"\u000a\\ \u0001"})");
  EXPECT_EQ(Response::problem(400, "T", "\xff").body, R"({"title":"T","status":400,"detail":"?"})");
  EXPECT_EQ(Response::problem(400, "T", "x").headers.find("content-type"), "application/problem+json");
}

TEST(Message, InternalErrorsKeepTheirTextToTheLog) {
  const Response internal = Response::from(Error(ErrorKind::Internal, "secret detail"));
  EXPECT_EQ(internal.status, 500);
  EXPECT_EQ(internal.body.find("secret"), std::string::npos);
  const Response unknown = Response::from(Error(ErrorKind::NotFound, "no such camera"));
  EXPECT_EQ(unknown.status, 404);
  EXPECT_NE(unknown.body.find("no such camera"), std::string::npos);
}

TEST(Message, SettingAHeaderReplacesAllOfItsName) {
  Headers headers;
  headers.add("A", "1");
  headers.add("B", "2");
  headers.add("a", "3");
  headers.set("A", "4");
  EXPECT_EQ(headers.find("a"), "4");
  EXPECT_EQ(std::distance(headers.begin(), headers.end()), 2);
}

TEST(Message, CookiesOfARequest) {
  Request request;
  request.headers.add("Cookie", "a=1; b=2");
  request.headers.add("cookie", "c=3");
  EXPECT_EQ(request.cookie("b"), "2");
  EXPECT_EQ(request.cookie("c"), "3");
  EXPECT_FALSE(request.cookie("d"));
}

TEST(ResponseWriter, AFieldCannotBeginAnother) {
  Response response = Response::text(200, "x");
  response.headers.add("Location", "/a\r\nSet-Cookie: b=1");
  const std::string header = write_header(response, {});
  EXPECT_EQ(header.find("Set-Cookie"), std::string::npos);
  EXPECT_NE(header.find("Content-Length: 1\r\n"), std::string::npos);
}

TEST(ResponseWriter, DatesAndLengths) {
  EXPECT_EQ(http_date(utc_from_us(784'111'777'000'000)),
            "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110 section 5.6.7
  EXPECT_EQ(write_header(Response::no_content(), {}).find("Content-Length"), std::string::npos);
  EXPECT_NE(write_header(Response::no_content(), {true, false, utc_from_us(0)})
                .find("Date: Thu, 01 Jan 1970 00:00:00 GMT"),
            std::string::npos);
}

TEST(ResponseWriter, EventsKeepTheirLines) {
  EXPECT_EQ(write_event("camera", "{}"), "event: camera\ndata: {}\n\n");
  EXPECT_EQ(write_event("a\nb", "x\r\ny\rz\n"), "event: ab\ndata: x\ndata: y\ndata: z\ndata: \n\n");
  EXPECT_EQ(write_event("", ""), "data: \n\n");
  EXPECT_EQ(write_comment("still\nhere"), ": still\n: here\n\n");
}

}  // namespace
}  // namespace jalousie::http
