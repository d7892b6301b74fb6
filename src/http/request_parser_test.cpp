#include "http/request_parser.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace jalousie::http {
namespace {

// Feeds `text` in pieces of `step` bytes; the status of the refusal, 200 when a request came out, 0 when more
// is wanted.
struct Outcome {
  int status = 0;
  std::string reason;
  std::size_t used = 0;
  Request request;
};

Outcome parse(std::string_view text, std::size_t step = std::string_view::npos) {
  RequestParser parser;
  Outcome outcome;
  while (!parser.done() && outcome.used < text.size()) {
    const auto used = parser.feed(as_bytes(text.substr(outcome.used, step)));
    if (!used) {
      outcome.status = used.error().status;
      outcome.reason = used.error().reason;
      return outcome;
    }
    outcome.used += *used;
  }
  if (parser.done()) {
    outcome.status = 200;
    outcome.request = parser.take();
  }
  return outcome;
}

constexpr std::string_view kPost =
    "POST /api/v1/a%20b?x=1&y=a+b HTTP/1.1\r\nHost: Example.org:8080\r\nContent-Length: 5\r\nX-Thing: "
    "1\r\nx-thing: 2\r\n\r\nhello";
constexpr std::string_view kChunked =
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
    "chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n";

void expect_post(const Outcome& outcome) {
  ASSERT_EQ(outcome.status, 200) << outcome.reason;
  EXPECT_EQ(outcome.request.method, "POST");
  EXPECT_EQ(outcome.request.path, "/api/v1/a b");
  EXPECT_EQ(outcome.request.query.at("x"), "1");
  EXPECT_EQ(outcome.request.query.at("y"), "a b");
  EXPECT_EQ(outcome.request.headers.find("X-THING"), "1");
  EXPECT_EQ(outcome.request.body, "hello");
}

TEST(RequestParser, ReadsARequestHoweverItIsSplit) {
  for (std::size_t step = 1; step <= kPost.size(); ++step) expect_post(parse(kPost, step));
  for (std::size_t step = 1; step <= kChunked.size(); ++step) {
    const Outcome chunked = parse(kChunked, step);
    ASSERT_EQ(chunked.status, 200) << step << ": " << chunked.reason;
    EXPECT_EQ(chunked.request.body, "abc0123456789");
    EXPECT_FALSE(chunked.request.headers.find("Trailer"));  // a trailer must not become a header
  }
}

TEST(RequestParser, WantsMoreOfEveryTruncation) {
  for (std::size_t size = 0; size < kPost.size(); ++size)
    EXPECT_EQ(parse(kPost.substr(0, size)).status, 0) << size;
  for (std::size_t size = 0; size < kChunked.size(); ++size)
    EXPECT_EQ(parse(kChunked.substr(0, size)).status, 0) << size;
}

TEST(RequestParser, LeavesTheNextRequestAlone) {
  for (const std::string_view first : {kPost, kChunked}) {
    const std::string both = std::string(first) + "GET /next HTTP/1.1\r\n";
    const Outcome outcome = parse(both);
    EXPECT_EQ(outcome.status, 200);
    EXPECT_EQ(outcome.used, first.size());
  }
}

struct Case {
  const char* name;
  std::string text;
  int status;
};

std::vector<Case> cases() {
  const std::string host = "Host: a\r\n";
  const auto with = [&](const std::string& fields) { return "POST / HTTP/1.1\r\n" + host + fields + "\r\n"; };
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  return {
      {"garbage", "\x16\x03\x01\x02\x01\r\n\r\n", 400},
      {"length of another kind", with("Content-Length: 3x\r\n"), 400},
      {"empty length", with("Content-Length:\r\n"), 400},
      {"negative length", with("Content-Length: -3\r\n"), 400},
      {"no version", "GET /\r\n\r\n", 400},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"HTTP/0.9 in disguise", "GET / HTTP/0.9\r\n\r\n", 505},
      {"lower-case method", "get / HTTP/1.1\r\n" + host + "\r\n", 400},
      {"method too long", std::string(40, 'A') + " / HTTP/1.1\r\n" + host + "\r\n", 400},
      {"CONNECT", "CONNECT a:1 HTTP/1.1\r\n" + host + "\r\n", 501},
      {"TRACE", "TRACE / HTTP/1.1\r\n" + host + "\r\n", 501},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", "GET / HTTP/1.1\r\n" + host + host + "\r\n", 400},
      {"malformed Host", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"Host with credentials", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
      {"length and chunked", with("Content-Length: 3\r\n" + chunked), 400},
      {"chunked and length", with(chunked + "Content-Length: 3\r\n"), 400},
      {"two lengths", with("Content-Length: 3\r\nContent-Length: 4\r\n"), 400},
      {"the same length twice", with("Content-Length: 3\r\nContent-Length: 3\r\n"), 400},
      {"a list of lengths", with("Content-Length: 3, 3\r\n"), 400},
      {"signed length", with("Content-Length: +3\r\n"), 400},
      {"hex length", with("Content-Length: 0x3\r\n"), 400},
      {"huge length", with("Content-Length: 99999999999999999999\r\n"), 400},
      {"two codings", with(chunked + chunked), 400},
      {"chunked, chunked", with("Transfer-Encoding: chunked, chunked\r\n"), 501},
      {"gzip, chunked", with("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {"chunked, identity", with("Transfer-Encoding: chunked, identity\r\n"), 501},
      {"coding in disguise", with("Transfer-Encoding: xchunked\r\n"), 501},
      {"coding in HTTP/1.0", "POST / HTTP/1.0\r\n" + chunked + "\r\n", 400},
      {"folded line", with("X: a\r\n b\r\n"), 400},
      {"folded by a tab", with("X: a\r\n\tb\r\n"), 400},
      {"space before the colon", with("Content-Length : 3\r\n"), 400},
      {"line without a colon", with("nonsense\r\n"), 400},
      {"bare LF", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
      {"bare CR", with("X: a\rb\r\n"), 400},
      {"NUL", with(std::string("X: a\0b\r\n", 8)), 400},
      {"three empty lines", "\r\n\r\n\r\nGET / HTTP/1.1\r\n" + host + "\r\n", 400},
      {"other expectation", with("Expect: miracles\r\n"), 417},
      {"body over the limit", with("Content-Length: " + std::to_string(limits::kHttpBodyBytes + 1) + "\r\n"),
       413},
      {"chunk over the limit", with(chunked) + "FFFFFFF\r\n", 413},
      {"bare LF after a chunk's length", with(chunked) + "3\nabc\r\n0\r\n\r\n", 400},
      {"bare LF after a chunk", with(chunked) + "3\r\nabc\n0\r\n\r\n", 400},
      {"chunk length with a sign", with(chunked) + "+3\r\nabc\r\n0\r\n\r\n", 400},
      {"chunk length with 0x", with(chunked) + "0x3\r\nabc\r\n0\r\n\r\n", 400},
      {"control character in an extension", with(chunked) + "3;a=\x01\r\nabc\r\n0\r\n\r\n", 400},
      {"bare LF in the trailer", with(chunked) + "0\r\nA: b\n\r\n", 400},
      {"padded chunk lengths", with(chunked) + "0003 ;x\r\nabc\r\n000\r\n\r\n", 200},
      {"chunk length overflows", with(chunked) + "FFFFFFFFFFFFFFFFF\r\n", 400},
      {"chunk length not hex", with(chunked) + "3g\r\nabc\r\n", 400},
      {"chunk length missing", with(chunked) + ";x\r\n\r\n", 400},
      {"chunk longer than said", with(chunked) + "3\r\nabcd\r\n0\r\n\r\n", 400},
      {"endless chunk extension", with(chunked) + "3;x=" + std::string(5000, 'x'), 400},
      {"endless trailer", with(chunked) + "0\r\nX: " + std::string(5000, 'x'), 400},
      {"target with a space", "GET /a b HTTP/1.1\r\n" + host + "\r\n", 400},
      {"target without a slash", "GET a HTTP/1.1\r\n" + host + "\r\n", 400},
      {"dot segments", "GET /a/../b HTTP/1.1\r\n" + host + "\r\n", 400},
      {"asterisk for GET", "GET * HTTP/1.1\r\n" + host + "\r\n", 400},
      {"long target", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n" + host + "\r\n", 414},
      {"endless target", "GET /" + std::string(17'000, 'a'), 414},
      {"long header", "GET / HTTP/1.1\r\n" + host + "X: " + std::string(17'000, 'a'), 431},
      {"many fields",
       "GET / HTTP/1.1\r\n" + host +
           [] {
             std::string fields;
             for (int i = 0; i < 101; ++i) fields += "A: 1\r\n";
             return fields;
           }() +
           "\r\n",
       431},
      {"empty line first", "\r\nGET / HTTP/1.1\r\n" + host + "\r\n", 200},
      {"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", 200},
      {"absolute form", "GET http://B.example/x?y=1 HTTP/1.1\r\n" + host + "\r\n", 200},
      {"absolute form without a path", "GET http://b.example HTTP/1.1\r\n" + host + "\r\n", 200},
      {"absolute form of another scheme", "GET ftp://b/x HTTP/1.1\r\n" + host + "\r\n", 400},
      {"absolute form with credentials", "GET http://u:p@b/x HTTP/1.1\r\n" + host + "\r\n", 400},
      {"OPTIONS *", "OPTIONS * HTTP/1.1\r\n" + host + "\r\n", 200},
  };
}

TEST(RequestParser, AnswersEachKindOfWrongRequestWithItsStatus) {
  for (const Case& one : cases()) {
    for (const std::size_t step : {std::string::npos, std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
      const Outcome outcome = parse(one.text, step);
      EXPECT_EQ(outcome.status, one.status) << one.name << " in steps of " << step << ": " << outcome.reason;
    }
  }
}

TEST(RequestParser, KnowsTheHostAndWhetherTheConnectionStays) {
  const auto parsed = [](std::string_view text) {
    auto parser = std::make_unique<RequestParser>();
    EXPECT_TRUE(parser->feed(as_bytes(text)));
    EXPECT_TRUE(parser->done());
    return parser;
  };
  EXPECT_EQ(parsed("GET / HTTP/1.1\r\nHost: Example.ORG:8080\r\n\r\n")->host(), "example.org");
  EXPECT_EQ(parsed("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n")->host(), "::1");
  EXPECT_EQ(parsed("GET http://c/ HTTP/1.1\r\nHost: a\r\n\r\n")->host(), "c");
  EXPECT_TRUE(parsed("GET / HTTP/1.1\r\nHost: a\r\n\r\n")->keep_alive());
  EXPECT_FALSE(parsed("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")->keep_alive());
  EXPECT_FALSE(parsed("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")->keep_alive());
  EXPECT_TRUE(parsed("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")->is_server_wide());
}

TEST(RequestParser, TellsWhenTheClientWaitsToBeToldToGoOn) {
  RequestParser parser;
  const auto used =
      parser.feed(as_bytes("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\n"));
  ASSERT_TRUE(used);
  EXPECT_TRUE(parser.header_done());
  EXPECT_TRUE(parser.wants_continue());
  EXPECT_FALSE(parser.done());
  EXPECT_EQ(parser.feed(as_bytes("xy")).value(), 1U);
  EXPECT_EQ(parser.take().body, "x");
}

TEST(RequestParser, ABodyOfExactlyTheLimitPasses) {
  const std::string body(limits::kHttpBodyBytes, 'b');
  const Outcome whole = parse(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body,
      1000);
  EXPECT_EQ(whole.status, 200) << whole.reason;
  EXPECT_EQ(whole.request.body, body);
}

}  // namespace
}  // namespace jalousie::http
