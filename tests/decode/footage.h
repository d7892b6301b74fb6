// Access units of a test camera, and a place to decode them: what both test files need.
#pragma once

#include <filesystem>
#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include "base/metrics.h"
#include "camera/encoder.h"
#include "camera/painter.h"
#include "camera/scene.h"
#include "crypto/system_random.h"
#include "decode/decoders.h"
#include "identity/picture.h"
#include "identity/read.h"
#include "io/loop_thread.h"

namespace jalousie::decode {

/// The units of `frames` pictures of one GOP, which say that they are `who`'s.
inline std::vector<Buffer> film(const identity::Identity& who, unsigned frames, std::size_t width = 640,
                                std::size_t height = 360) {
  const unsigned fps = 25;
  camera::Painter painter(
      std::make_unique<camera::DrawnSource>(camera::make_scene(camera::SceneKind::Room, who.home, who.camera),
                                            width, height, fps),
      who, "Test");
  auto encoder =
      camera::Encoder::create(
          {.width = width, .height = height, .fps = fps, .gop_frames = frames, .kilobits_per_second = 3000})
          .value();
  std::vector<Buffer> units;
  for (unsigned i = 0; i < frames; ++i) {
    const auto unit = encoder->encode(painter.paint(i, {1'700'000'000 + i / fps, 0})).value();
    units.emplace_back(unit.bytes.begin(), unit.bytes.end());
  }
  return units;
}

inline Request request_of(const std::vector<Buffer>& units, std::uint16_t width = 0) {
  Request request(Codec::H264, width);
  for (const Buffer& unit : units) EXPECT_TRUE(request.add(unit));
  return request;
}

class DecodersTest : public testing::Test {
 protected:
  explicit DecodersTest(std::string program)
      : decoders_(loops_, Decoders::Parts{workers_, clock_, random_, metrics_, std::move(program)}) {}
  void TearDown() override { decoders_.close(); }

  Result<Picture> decode(HomeId home, Request request) {
    return io::run_and_wait(asks_.loop(), decoders_.decode(home, std::move(request)));
  }
  /// Whose pictures `picture` is of, in at least 12 of 16 tiles; fails the test where that is not one.
  identity::IdentityFound read(const Picture& picture) {
    const auto decoded = identity::decode_picture(picture.jpeg.view());
    EXPECT_TRUE(decoded) << decoded.error().message();
    if (!decoded) return {};
    EXPECT_EQ(decoded->size.width, picture.width);
    EXPECT_EQ(decoded->size.height, picture.height);
    const auto found = identity::identities_in(identity::read_identity(decoded->view()));
    EXPECT_EQ(found.size(), 1U);
    if (found.empty()) return {};
    EXPECT_GE(found[0].tiles, 12U);
    return found[0];
  }

  SystemClock clock_;
  crypto::SystemRandom random_;
  Metrics metrics_;
  io::LoopThread asks_;
  io::LoopThread first_;
  io::LoopThread second_;
  std::array<io::Loop*, 2> loops_{&first_.loop(), &second_.loop()};
  io::Workers workers_{2};
  Decoders decoders_;
};

}  // namespace jalousie::decode
