#include "http/web_socket_frame.h"

#include <random>

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace jalousie::http {
namespace {

constexpr std::size_t kMost = 1000;

// As a client sends it: masked.
Buffer frame(std::uint8_t first, std::string_view payload) {
  Buffer bytes{first};
  if (payload.size() < 126) {
    bytes.push_back(static_cast<std::uint8_t>(0x80 | payload.size()));
  } else {
    bytes.insert(bytes.end(), {0xFE, static_cast<std::uint8_t>(payload.size() >> 8),
                               static_cast<std::uint8_t>(payload.size())});
  }
  const Buffer mask{0x37, 0xFA, 0x21, 0x3D};
  bytes.insert(bytes.end(), mask.begin(), mask.end());
  for (std::size_t i = 0; i < payload.size(); ++i)
    bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint8_t>(payload[i]) ^ mask[i % 4]));
  return bytes;
}

Buffer operator+(Buffer a, const Buffer& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// What comes of `bytes` in pieces: "text:Hello ping:x close(1000):bye", and "!1002" for a fault.
template <class Step>
std::string outcome(ByteView bytes, Step step) {
  FrameReader reader(kMost);
  std::string text;
  while (!bytes.empty()) {
    ByteView piece = bytes.first(std::min<std::size_t>(step(), bytes.size()));
    bytes = bytes.subspan(piece.size());
    while (!piece.empty()) {
      const auto used = reader.feed(piece);
      if (!used) return text + "!" + std::to_string(static_cast<int>(used.error().code));
      EXPECT_GT(*used, 0U);
      piece = piece.subspan(*used);
      const auto received = reader.take();
      if (!received) continue;
      constexpr std::string_view kNames[] = {"", "text", "binary", "",     "",    "",
                                             "", "",     "close",  "ping", "pong"};
      text += kNames[static_cast<std::size_t>(received->opcode)];
      if (received->opcode == Opcode::Close)
        text += "(" + std::to_string(static_cast<int>(received->code)) + ")";
      text += ":" + std::string(as_text(received->payload)) + " ";
    }
  }
  return text;
}
std::string outcome(ByteView bytes) {
  return outcome(bytes, [&] { return bytes.size(); });
}

TEST(FrameReader, ReadsTheExampleOfTheStandard) {  // RFC 6455 section 5.7
  EXPECT_EQ(outcome(*decode_hex("818537fa213d7f9f4d5158")), "text:Hello ");
}

TEST(FrameReader, PutsFragmentsTogetherAroundControlFrames) {
  const Buffer bytes = frame(0x02, "ab") + frame(0x89, "there?") + frame(0x00, "") + frame(0x80, "cd") +
                       frame(0x8A, "") + frame(0x88, "\x03\xE8 bye");
  EXPECT_EQ(outcome(bytes), "ping:there? binary:abcd pong: close(1000): bye ");
}

TEST(FrameReader, GivesTheSameForAnyPieces) {
  const std::string text(700, 'x');
  const Buffer bytes = frame(0x01, "\xC3") + frame(0x89, std::string(125, 'p')) + frame(0x80, "\xA4") +
                       frame(0x82, text) + frame(0x88, "");
  const std::string whole = outcome(bytes);
  EXPECT_EQ(whole, "ping:" + std::string(125, 'p') + " text:\xC3\xA4 binary:" + text + " close(1005): ");
  EXPECT_EQ(outcome(bytes, [] { return 1; }), whole);
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round)
    ASSERT_EQ(outcome(bytes, [&] { return 1 + random() % 40; }), whole);
}

TEST(FrameReader, AnyTruncationOnlyWaits) {
  const Buffer bytes = frame(0x01, "Hello") + frame(0x8A, "x");
  const std::string whole = outcome(bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string part = outcome(ByteView(bytes).first(size));
    EXPECT_EQ(part.find('!'), std::string::npos);
    EXPECT_TRUE(whole.starts_with(part));
  }
}

TEST(FrameReader, FailsWhatTheStandardForbids) {
  struct Case {
    const char* what;
    Buffer bytes;
    std::string outcome;
  };
  const Case cases[] = {
      {"not masked", {0x81, 0x01, 'x'}, "!1002"},
      {"not masked, and longer", {0x81, 0x7E, 0x01, 0x00, 0, 0, 0, 0}, "!1002"},
      {"reserved bits", frame(0xC1, "x"), "!1002"},
      {"unknown opcode", frame(0x83, "x"), "!1002"},
      {"unknown control opcode", frame(0x8B, "x"), "!1002"},
      {"a ping in pieces", frame(0x09, "x"), "!1002"},
      {"a ping of 126", frame(0x89, std::string(126, 'x')), "!1002"},
      {"a fragment of nothing", frame(0x80, "x"), "!1002"},
      {"a message within a message", frame(0x01, "x") + frame(0x81, "y"), "!1002"},
      {"16 bits of length for 125", {0x82, 0xFE, 0, 125, 0, 0, 0, 0}, "!1002"},
      {"64 bits of length for 65535", {0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0}, "!1002"},
      {"a length with the highest bit", {0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "!1002"},
      {"a long message", {0x82, 0xFE, 0x03, 0xE9, 0, 0, 0, 0}, "!1009"},
      {"a huge message", {0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0}, "!1009"},
      {"a message that grows", frame(0x02, std::string(999, 'x')) + frame(0x80, "yz"), "!1009"},
      {"text that is none", frame(0x81, "\xC3"), "!1007"},
      {"half a code", frame(0x88, "\x03"), "!1002"},
      {"a code that is never sent", frame(0x88, "\x03\xED"), "!1002"},
      {"a code of no meaning", frame(0x88, "\x07\xD0"), "!1002"},
      {"a reason that is no text", frame(0x88, "\x03\xE8\xFF"), "!1007"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(outcome(one.bytes), one.outcome) << one.what;
    EXPECT_EQ(outcome(one.bytes, [] { return 1; }), one.outcome) << one.what;
  }
  EXPECT_EQ(outcome(frame(0x82, std::string(kMost, 'x'))), "binary:" + std::string(kMost, 'x') + " ");
}

TEST(FrameHeader, HasTheShortestLength) {
  const auto header = [](Opcode opcode, std::size_t bytes) {
    return encode_hex(FrameHeader(opcode, bytes).view());
  };
  EXPECT_EQ(header(Opcode::Text, 5), "8105");
  EXPECT_EQ(header(Opcode::Ping, 0), "8900");
  EXPECT_EQ(header(Opcode::Binary, 125), "827d");
  EXPECT_EQ(header(Opcode::Binary, 126), "827e007e");
  EXPECT_EQ(header(Opcode::Binary, 65'535), "827effff");
  EXPECT_EQ(header(Opcode::Binary, 65'536), "827f0000000000010000");
}

TEST(ClosePayload, IsCodeAndReason) {
  EXPECT_EQ(encode_hex(close_payload(static_cast<CloseCode>(4000), "bye")), "0fa0627965");
  EXPECT_EQ(close_payload(CloseCode::Normal, std::string(200, 'x')).size(), 125U);
}

}  // namespace
}  // namespace jalousie::http
