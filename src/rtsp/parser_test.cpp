#include "rtsp/parser.h"

#include <random>

#include <gtest/gtest.h>

#include "base/limits.h"

namespace jalousie::rtsp {
namespace {

/// An item with a copy of its payload, so that it can be kept and compared.
std::string shown(const Item& item) {
  if (const auto* frame = std::get_if<InterleavedFrame>(&item)) {
    return "$" + std::to_string(frame->channel) + ":" + std::string(as_text(frame->payload));
  }
  if (const auto* request = std::get_if<Request>(&item)) return write(*request);
  return write(std::get<Response>(item));
}

struct Parsed {
  std::vector<std::string> items;
  std::optional<ErrorKind> error;
  friend bool operator==(const Parsed&, const Parsed&) = default;
};

template <class Sizes>
Parsed parse_in_pieces(std::string_view text, Sizes next_size) {
  Parser parser;
  Parsed parsed;
  while (!text.empty()) {
    const auto count = std::min(text.size(), next_size());
    parser.feed(as_bytes(text.substr(0, count)));
    text.remove_prefix(count);
    while (true) {
      auto item = parser.next();
      if (!item) {
        parsed.error = item.error().kind();
        EXPECT_FALSE(parser.next().has_value()) << "an error must be final";
        return parsed;
      }
      if (!*item) break;
      parsed.items.push_back(shown(**item));
    }
  }
  return parsed;
}

Parsed parse_whole(std::string_view text) {
  return parse_in_pieces(text, [text] { return text.size(); });
}

std::string frame(std::uint8_t channel, std::string_view payload) {
  const auto header = interleaved_header(channel, static_cast<std::uint16_t>(payload.size()));
  return std::string(as_text(header)) + std::string(payload);
}

std::string session() {
  return "RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS,\r\n  PLAY\r\n\r\n" + frame(0, "abc") + frame(1, "") +
         "rtsp/1.0 401 Unauthorized\nCSeq:2\nno colon here\nContent-length: 5\n\nhello" +
         frame(0, "RTSP/1.0 200 OK\r\n\r\n") + "\r\n\r\nOPTIONS rtsp://h/x RTSP/1.0\r\nCSeq: 9\r\n\r\n" +
         frame(255, std::string(65535, 'z')) + "RTSP/1.0 200\r\n\r\n";
}

TEST(RtspParser, ReadsBothDirectionsWithFramesBetween) {
  const auto parsed = parse_whole(session());
  ASSERT_FALSE(parsed.error);
  ASSERT_EQ(parsed.items.size(), 8u);
  EXPECT_EQ(parsed.items[0], "RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS, PLAY\r\n\r\n");
  EXPECT_EQ(parsed.items[1], "$0:abc");
  EXPECT_EQ(parsed.items[2], "$1:");
  EXPECT_EQ(parsed.items[3],
            "RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nContent-length: 5\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(parsed.items[4], "$0:RTSP/1.0 200 OK\r\n\r\n");
  EXPECT_EQ(parsed.items[5], "OPTIONS rtsp://h/x RTSP/1.0\r\nCSeq: 9\r\n\r\n");
  EXPECT_EQ(parsed.items[6].size(), 5u + 65535u);
  EXPECT_EQ(parsed.items[7], "RTSP/1.0 200 OK\r\n\r\n");
}

TEST(RtspParser, GivesTheSameForEverySplit) {
  const auto text = session();
  const auto whole = parse_whole(text);
  EXPECT_EQ(parse_in_pieces(text, [] { return std::size_t{1}; }), whole);
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    EXPECT_EQ(parse_in_pieces(text, [&] { return std::size_t{1} + random() % (1u << random() % 13); }), whole)
        << seed;
  }
}

TEST(RtspParser, AsksForMoreAtEveryTruncation) {
  const auto text = session();
  const auto whole = parse_whole(text);
  for (std::size_t length = 0; length < 400; ++length) {
    const auto parsed = parse_whole(text.substr(0, length));
    EXPECT_FALSE(parsed.error) << length;
    ASSERT_LE(parsed.items.size(), whole.items.size());
    EXPECT_TRUE(std::equal(parsed.items.begin(), parsed.items.end(), whole.items.begin())) << length;
  }
}

TEST(RtspParser, RefusesWhatIsNotRtsp) {
  for (const std::string_view text :
       {"HTTP/1.1 400 Bad Request\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "hello\r\n", "OPTIONS\r\n",
        "OPTIONS x\r\n", "options x RTSP/1.0\r\n", "RTSP/1.0\r\n", "RTSP/1.0 abc OK\r\n",
        "RTSP/1.0 99 Low\r\n", "RTSP/1.0 20000 High\r\n", "\x16\x03\x01", "\xff\xd8\xff",
        "RTSP/1.0 200 OK\r\nContent-Length: x\r\n\r\n", "RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n"}) {
    EXPECT_EQ(parse_whole(text).error, ErrorKind::InvalidArgument) << text;
  }
}

TEST(RtspParser, KeepsToItsLimits) {
  const std::string line(limits::kRtspLineBytes, 'A');
  EXPECT_EQ(parse_whole(line + "A").error, ErrorKind::ResourceExhausted);  // no line end needed to see it
  EXPECT_EQ(parse_whole("RTSP/1.0 200 OK\r\n" + line + "A\r\n").error, ErrorKind::ResourceExhausted);

  const auto headers = [](std::size_t count) {
    std::string text = "RTSP/1.0 200 OK\r\n";
    for (std::size_t i = 0; i < count; ++i) text += "A: b\r\n";
    return text + "\r\n";
  };
  EXPECT_EQ(parse_whole(headers(limits::kRtspHeaders)).items.size(), 1u);
  EXPECT_EQ(parse_whole(headers(limits::kRtspHeaders + 1)).error, ErrorKind::ResourceExhausted);

  std::string wide = "RTSP/1.0 200 OK\r\n";
  for (std::size_t bytes = 0; bytes <= limits::kRtspHeaderBytes; bytes += 4000)
    wide += "A: " + std::string(3997, 'b') + "\r\n";
  EXPECT_EQ(parse_whole(wide).error, ErrorKind::ResourceExhausted);

  const auto body = [](std::size_t bytes) {
    return "RTSP/1.0 200 OK\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n" +
           std::string(bytes, 'x');
  };
  EXPECT_EQ(parse_whole(body(limits::kRtspBodyBytes)).items.size(), 1u);
  EXPECT_EQ(parse_whole(body(limits::kRtspBodyBytes + 1)).error, ErrorKind::ResourceExhausted);
  EXPECT_EQ(parse_whole("RTSP/1.0 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n").error,
            ErrorKind::InvalidArgument);
}

TEST(RtspParser, NeverHoldsMoreThanOneLargestFrame) {
  Parser parser;
  const auto text = frame(0, std::string(65535, 'x'));
  std::size_t largest = 0;
  for (int i = 0; i < 100; ++i) {
    for (std::size_t at = 0; at < text.size(); at += 1000) {
      largest = std::max(largest, parser.prepare(1000).size());
      parser.feed(as_bytes(std::string_view(text).substr(at, 1000)));
      while (true) {
        const auto item = parser.next();
        ASSERT_TRUE(item.has_value());
        if (!*item) break;
      }
    }
  }
  EXPECT_LE(largest, 65539u + 2000u);
}

TEST(RtspParser, WipesWhatItHeld) {
  Parser parser;
  parser.feed(as_bytes(frame(0, "picture")));
  const auto item = parser.next();
  const auto view = std::get<InterleavedFrame>(**item).payload;
  EXPECT_EQ(as_text(view), "picture");
  parser.wipe_buffer();
  EXPECT_EQ(as_text(view), std::string_view("\0\0\0\0\0\0\0", 7));
}

}  // namespace
}  // namespace jalousie::rtsp
