#include "rtsp/tunnel.h"

#include <random>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/limits.h"

namespace jalousie::rtsp {
namespace {

class CountingRandom final : public RandomSource {
 public:
  void fill(MutableBytes target) override {
    for (auto& byte : target) byte = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

Url url() { return parse_url("rtsp://cam/live?channel=1")->url; }

TEST(RtspTunnel, WritesTheTwoHeads) {
  EXPECT_EQ(write_tunnel_request(TunnelHalf::Get, url(), "cam", "C", ""),
            "GET /live?channel=1 HTTP/1.0\r\nHost: cam\r\nUser-Agent: Jalousie\r\nx-sessioncookie: C\r\n"
            "Accept: application/x-rtsp-tunnelled\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n\r\n");
  const auto post = write_tunnel_request(TunnelHalf::Post, url(), "cam:8080", "C", "Basic eDp5");
  EXPECT_TRUE(post.starts_with("POST /live?channel=1 HTTP/1.0\r\nHost: cam:8080\r\n"));
  EXPECT_NE(post.find("\r\nAuthorization: Basic eDp5\r\n"), std::string::npos);
  EXPECT_NE(post.find("\r\nContent-Type: application/x-rtsp-tunnelled\r\nContent-Length: 32767\r\n"),
            std::string::npos);
  EXPECT_EQ(tunnel_path(parse_url("rtsp://cam")->url), "/");
  EXPECT_EQ(tunnel_path(parse_url("rtsp://cam?x=1")->url), "/?x=1");
}

TEST(RtspTunnel, ACookieIsNeverTheSame) {
  CountingRandom random;
  const auto first = make_tunnel_cookie(random);
  EXPECT_EQ(first.size(), 22u);
  EXPECT_NE(first, make_tunnel_cookie(random));
}

TEST(RtspTunnel, ReadsWhatItWrites) {
  for (const auto half : {TunnelHalf::Get, TunnelHalf::Post}) {
    auto text = write_tunnel_request(half, url(), "cam", "cookie", "");
    const auto size = text.size();
    text += "T1BUSU9OUw==";
    const auto request = parse_tunnel_request(as_bytes(text)).value().value();
    EXPECT_EQ(request.half, half);
    EXPECT_EQ(request.path, "/live?channel=1");
    EXPECT_EQ(request.cookie(), "cookie");
    EXPECT_EQ(request.size, size);
  }
}

TEST(RtspTunnel, ReadsReplies) {
  const std::string text =
      "HTTP/1.0 401  Unauthorized\nwww-authenticate : Basic realm=\"x\"\nno colon\n\nRTSP/1.0 200 OK";
  const auto reply = parse_tunnel_reply(as_bytes(text)).value().value();
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.headers.find("WWW-Authenticate"), "Basic realm=\"x\"");
  EXPECT_EQ(text.substr(reply.size), "RTSP/1.0 200 OK");
}

TEST(RtspTunnel, WaitsForTheWholeHead) {
  const std::string_view reply = "HTTP/1.1 200 OK\r\nContent-Type: application/x-rtsp-tunnelled\r\n\r\n";
  const auto request = write_tunnel_request(TunnelHalf::Post, url(), "cam", "c", "");
  for (std::size_t n = 0; n < reply.size(); ++n)
    EXPECT_FALSE(parse_tunnel_reply(as_bytes(reply.substr(0, n))).value().has_value()) << n;
  for (std::size_t n = 0; n < request.size(); ++n)
    EXPECT_FALSE(parse_tunnel_request(as_bytes(std::string_view(request).substr(0, n))).value().has_value())
        << n;
}

TEST(RtspTunnel, RefusesWhatIsNone) {
  for (const std::string_view text : {"RTSP/1.0 200 OK\r\n\r\n", "\x16\x03\x01", "HTTP/1.1 OK\r\n\r\n",
                                      "HTTP/1.1 99999 OK\r\n\r\n", "HTTP/1.1\r\n\r\n"})
    EXPECT_FALSE(parse_tunnel_reply(as_bytes(text)).has_value()) << text;
  for (const std::string_view text : {"OPTIONS * RTSP/1.0\r\n\r\n", "GET / RTSP/1.0\r\n\r\n",
                                      "GET  HTTP/1.0\r\n\r\n", "GETS / HTTP/1.0\r\n"})
    EXPECT_FALSE(parse_tunnel_request(as_bytes(text)).has_value()) << text;
}

TEST(RtspTunnel, BoundsAHead) {
  std::string text = "HTTP/1.1 200 OK\r\n";
  for (std::size_t i = 0; i <= limits::kRtspHeaders; ++i) text += "a: b\r\n";
  EXPECT_EQ(parse_tunnel_reply(as_bytes(text)).error().kind(), ErrorKind::ResourceExhausted);
  text = "HTTP/1.1 200 OK\r\nx: " + std::string(limits::kRtspHeaderBytes, 'x');
  EXPECT_EQ(parse_tunnel_reply(as_bytes(text)).error().kind(), ErrorKind::ResourceExhausted);
}

TEST(RtspTunnel, KnowsAPageByItsTypeInAnyCase) {
  const auto is_text = [](const std::string& type) {
    const auto text = "HTTP/1.0 200 OK\r\nContent-Type: " + type + "\r\n\r\n";
    return parse_tunnel_reply(as_bytes(text)).value().value().is_text();
  };
  for (const auto* type : {"text/html", "Text/HTML; charset=utf-8", "TEXT/plain"}) EXPECT_TRUE(is_text(type));
  for (const auto* type : {"application/x-rtsp-tunnelled", "texture/x", ""}) EXPECT_FALSE(is_text(type));
}

std::string decoded(std::string_view text) {
  TunnelDecoder decoder;
  const auto bytes = decoder.feed(as_bytes(text));
  return bytes ? std::string(as_text(*bytes)) : "no Base64";
}

TEST(RtspTunnel, DecodesPiecesThatAreEachPadded) {
  for (const std::string_view text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"})
    EXPECT_EQ(decoded(encode_tunnelled(as_bytes(text)) + encode_tunnelled(as_bytes("next"))),
              std::string(text) + "next");
  EXPECT_EQ(decoded("Zm9\r\nv Yg=\n="), "foob");
}

TEST(RtspTunnel, RefusesWhatIsNotBase64ForGood) {
  for (const std::string_view text : {"Zm9v*", "=", "Z===", "Zg=v", "Zm8=="}) {
    TunnelDecoder decoder;
    EXPECT_FALSE(decoder.feed(as_bytes(text)).has_value()) << text;
    EXPECT_FALSE(decoder.feed(as_bytes("Zm9v")).has_value()) << text;
  }
}

TEST(RtspTunnel, DecodesHoweverItWasCut) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string plain;
    std::string coded;
    for (int piece = 0; piece < 5; ++piece) {
      std::string text(random() % 20, '\0');
      for (auto& c : text) c = static_cast<char>(random());
      plain += text;
      coded += encode_tunnelled(as_bytes(text));
    }
    TunnelDecoder decoder;
    std::string got;
    for (std::size_t at = 0; at < coded.size();) {
      const auto size = std::min<std::size_t>(1 + random() % 7, coded.size() - at);
      got += as_text(decoder.feed(as_bytes(std::string_view(coded).substr(at, size))).value());
      at += size;
    }
    EXPECT_EQ(got, plain);
  }
}

}  // namespace
}  // namespace jalousie::rtsp
