#include "http/target.h"

#include <gtest/gtest.h>

namespace jalousie::http {
namespace {

TEST(Target, DecodesOnce) {
  const auto path = [](std::string_view text) { return parse_target(text).value().path; };
  EXPECT_EQ(path("/"), "/");
  EXPECT_EQ(path("/a/b"), "/a/b");
  EXPECT_EQ(path("/a/"), "/a/");
  EXPECT_EQ(path("/a%20b"), "/a b");
  EXPECT_EQ(path("/%2561"), "/%61");
  EXPECT_EQ(path("/a+b"), "/a+b");
  EXPECT_EQ(path("/%e2%82%ac"), "/\xe2\x82\xac");
  EXPECT_EQ(path("/..."), "/...");
  EXPECT_EQ(path("/a?/../"), "/a");
}

TEST(Target, RefusesWhatCouldMeanAnotherPath) {
  for (const char* wrong : {"",
                            "a",
                            "*",
                            "//",
                            "//a",
                            "/a//b",
                            "/.",
                            "/..",
                            "/a/./b",
                            "/a/../b",
                            "/%2e%2e/",
                            "/a/%2E",
                            "/a%2fb",
                            "/a%2Fb",
                            "/a%5cb",
                            "/a%00b",
                            "/a%0a",
                            "/a%7f",
                            "/%",
                            "/%1",
                            "/%zz",
                            "/%%",
                            "/a#b",
                            "/a\\b\x01",
                            "/\xe2\x82\xac",
                            "/%ff",
                            "/%c0%af",
                            "/%ed%a0%80",
                            "/%f4%90%80%80",
                            "/%e2%82",
                            "/?a=%",
                            "/?a=%00",
                            "/?a=%ff",
                            "/?%zz=1"}) {
    const auto parsed = parse_target(wrong);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().kind(), ErrorKind::InvalidArgument);
  }
}

TEST(Target, QueriesKeepTheFirstOfEqualNames) {
  const auto query = parse_target("/?a=1&a=2&&b&=c&d=x%26y%3Dz+w&e=1=2").value().query;
  EXPECT_EQ(query.at("a"), "1");
  EXPECT_EQ(query.at("b"), "");
  EXPECT_EQ(query.at(""), "c");
  EXPECT_EQ(query.at("d"), "x&y=z w");
  EXPECT_EQ(query.at("e"), "1=2");
  std::string many = "/?";
  for (int i = 0; i < 65; ++i) many += "a&";
  EXPECT_FALSE(parse_target(many));
}

TEST(Host, NamesAndAddresses) {
  EXPECT_EQ(parse_host("A.Example").value(), "a.example");
  EXPECT_EQ(parse_host("a:8080").value(), "a");
  EXPECT_EQ(parse_host("127.0.0.1:1").value(), "127.0.0.1");
  EXPECT_EQ(parse_host("[::1]").value(), "::1");
  EXPECT_EQ(parse_host("[::1]:443").value(), "::1");
  for (const char* wrong : {"", ":80", "a:b", "a:123456", "[::1", "[]", "[a]", "[::1]x", "a/b", "a@b", "a b",
                            "a,b", "::1", "a\"b"}) {
    EXPECT_FALSE(parse_host(wrong)) << wrong;
  }
  EXPECT_FALSE(parse_host(std::string(254, 'a')));
}

TEST(Cookie, FindsTheWholeNameOnly) {
  constexpr std::string_view kField = "a=1; __Host-x=s3cret; xa=2;a=3 ;empty=; bare; b=c=d";
  EXPECT_EQ(find_cookie(kField, "a"), "1");
  EXPECT_EQ(find_cookie(kField, "__Host-x"), "s3cret");
  EXPECT_EQ(find_cookie(kField, "x"), "");
  EXPECT_EQ(find_cookie(kField, "empty"), "");
  EXPECT_EQ(find_cookie(kField, "bare"), "");
  EXPECT_EQ(find_cookie(kField, "b"), "c=d");
  EXPECT_EQ(find_cookie("", "a"), "");
  EXPECT_EQ(find_cookie(";;;=;", "a"), "");
}

}  // namespace
}  // namespace jalousie::http
