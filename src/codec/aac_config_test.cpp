#include "codec/aac_config.h"

#include <random>

#include <gtest/gtest.h>

#include "base/limits.h"

namespace jalousie::codec {
namespace {

struct Case {
  const char* name;
  Buffer bytes;
  AacConfig config;
};

const std::vector<Case> kCases{
    {"LC, 44.1 kHz, stereo", {0x12, 0x10}, {AacObject::LowComplexity, 44'100, 44'100, 2, 1024}},
    {"LC, 16 kHz, mono", {0x14, 0x08}, {AacObject::LowComplexity, 16'000, 16'000, 1, 1024}},
    {"LC, 8 kHz, mono", {0x15, 0x88}, {AacObject::LowComplexity, 8'000, 8'000, 1, 1024}},
    {"LC, 48 kHz, 5.1", {0x11, 0xB0}, {AacObject::LowComplexity, 48'000, 48'000, 6, 1024}},
    {"LC, 960 samples", {0x15, 0x8C}, {AacObject::LowComplexity, 8'000, 8'000, 1, 960}},
    {"LC, a rate of its own",
     {0x17, 0x80, 0x0F, 0xA0, 0x08},
     {AacObject::LowComplexity, 8'000, 8'000, 1, 1024}},
    {"HE-AAC, explicit", {0x2B, 0x92, 0x08, 0x00}, {AacObject::Sbr, 22'050, 44'100, 2, 1024}},
    {"HE-AAC, as FFmpeg signals it",
     {0x13, 0x90, 0x56, 0xE5, 0xA0},
     {AacObject::Sbr, 22'050, 44'100, 2, 1024}},
    {"HE-AAC v2, explicit", {0xEB, 0x8A, 0x08, 0x00}, {AacObject::Ps, 22'050, 44'100, 1, 1024}},
    {"HE-AAC v2, at the end",
     {0x13, 0x88, 0x56, 0xE5, 0xA5, 0x48, 0x80},
     {AacObject::Ps, 22'050, 44'100, 1, 1024}},
    {"LC, SBR said to be absent",
     {0x12, 0x10, 0x56, 0xE5, 0x00},
     {AacObject::LowComplexity, 44'100, 44'100, 2, 1024}},
    {"LC, padding behind",
     {0x12, 0x10, 0x00, 0x00, 0x00},
     {AacObject::LowComplexity, 44'100, 44'100, 2, 1024}},
};

TEST(AacConfig, ReadsWhatEncodersWrite) {
  for (const Case& one : kCases) {
    const auto config = parse_aac_config(one.bytes);
    ASSERT_TRUE(config) << one.name << ": " << config.error().message();
    EXPECT_EQ(*config, one.config) << one.name;
  }
}

TEST(AacConfig, WhatIsWrittenIsReadAgain) {
  for (const Case& one : kCases) {
    const auto bytes = write_aac_config(one.config);
    ASSERT_TRUE(bytes) << one.name;
    EXPECT_EQ(parse_aac_config(*bytes).value(), one.config) << one.name;
  }
  EXPECT_EQ(write_aac_config({AacObject::LowComplexity, 44'100, 44'100, 2, 1024}).value(),
            (Buffer{0x12, 0x10}));
  EXPECT_EQ(
      parse_aac_config(write_aac_config({AacObject::LowComplexity, 12'345, 12'345, 1, 1024}).value())->rate,
      12'345U);
  EXPECT_FALSE(write_aac_config({AacObject::LowComplexity, 44'100, 44'100, 7, 1024}));
  EXPECT_FALSE(write_aac_config({AacObject::LowComplexity, 44'100, 44'100, 0, 1024}));
}

TEST(AacConfig, RefusesWhatItDoesNotKnow) {
  const auto kind = [](const Buffer& bytes) {
    const auto config = parse_aac_config(bytes);
    return config ? std::optional<ErrorKind>() : config.error().kind();
  };
  EXPECT_EQ(kind({}), ErrorKind::InvalidArgument);
  EXPECT_EQ(kind({0x0A, 0x10}), ErrorKind::Unsupported) << "AAC Main";
  EXPECT_EQ(kind({0xB9, 0x88, 0x00}), ErrorKind::Unsupported) << "AAC-LD";
  EXPECT_EQ(kind({0xF8, 0xE8, 0x50, 0x00}), ErrorKind::Unsupported) << "AAC-ELD, whose type takes 11 bits";
  EXPECT_EQ(kind({0x12, 0x00}), ErrorKind::Unsupported) << "a program config element";
  EXPECT_EQ(kind({0x12, 0x40}), ErrorKind::InvalidArgument) << "channels 8";
  EXPECT_EQ(kind({0x16, 0x90}), ErrorKind::InvalidArgument) << "a reserved rate";
  EXPECT_EQ(kind({0x17, 0x80, 0x00, 0x00, 0x08}), ErrorKind::InvalidArgument) << "0 Hz";
  EXPECT_EQ(kind({0x17, 0xFF, 0xFF, 0xFF, 0x88}), ErrorKind::InvalidArgument) << "16 MHz";
  Buffer longer(limits::kAacConfigBytes + 1);
  longer[0] = 0x12;
  longer[1] = 0x10;
  EXPECT_EQ(kind(longer), ErrorKind::InvalidArgument);
  longer.pop_back();
  EXPECT_EQ(kind(longer), std::nullopt);
}

TEST(AacConfig, TruncatedIsAnErrorOrTheConfigWithoutItsExtension) {
  for (const Case& one : kCases) {
    for (std::size_t size = 0; size < one.bytes.size(); ++size) {
      const auto config = parse_aac_config(ByteView(one.bytes).first(size));
      if (config) {
        EXPECT_EQ(config->channels, one.config.channels) << one.name << ", " << size;
      }
    }
    EXPECT_FALSE(parse_aac_config(ByteView(one.bytes).first(1)));
  }
}

TEST(AacConfig, AnythingIsReadWithinItsBytes) {
  std::minstd_rand random(4);
  for (int i = 0; i < 20'000; ++i) {
    Buffer bytes(random() % 12);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    if (const auto config = parse_aac_config(bytes)) {
      EXPECT_LE(config->channels, limits::kAudioChannels);
      EXPECT_GT(config->rate, 0U);
      EXPECT_EQ(parse_aac_config(write_aac_config(*config).value()).value(), *config);
    }
  }
}

TEST(RawBits, ReadsAcrossBytesAndIsSticky) {
  const Buffer bytes{0b1010'0110, 0x00, 0x00, 0x03, 0xFF};
  RawBits bits(bytes);
  EXPECT_EQ(bits.bits(3), 0b101U);
  EXPECT_EQ(bits.bits(0), 0U);
  EXPECT_EQ(bits.bits(32), 0b00110'00000000'00000000'00000011'111U) << "no emulation prevention here";
  EXPECT_EQ(bits.remaining(), 5U);
  EXPECT_EQ(bits.bits(6), 0U);
  EXPECT_FALSE(bits.ok());
  EXPECT_EQ(bits.bits(1), 0U) << "one that is left, but after an error";
}

}  // namespace
}  // namespace jalousie::codec
