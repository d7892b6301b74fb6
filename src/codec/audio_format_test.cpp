#include "codec/audio_format.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace jalousie::codec {
namespace {

const AudioFormat kAac{AudioCodec::Aac, 16'000, 1, {0x14, 0x08}};
const AudioFormat kPcmu{AudioCodec::Pcmu, 8'000, 1, {}};

Buffer written(const AudioFormat& format, ByteView frame) {
  WipedBuffer target;
  EXPECT_TRUE(write_audio_frame(format, frame, target));
  return Buffer(target.view().begin(), target.view().end());
}

TEST(AudioFrame, StandsByItself) {
  EXPECT_EQ(written(kAac, Buffer{7, 8, 9}), (Buffer{0, 0, 0x3E, 0x80, 1, 2, 0x14, 0x08, 7, 8, 9}));
  const Buffer bytes = written(kAac, Buffer{7, 8, 9});
  const auto frame = parse_audio_frame(1, bytes);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->format, kAac);
  EXPECT_EQ(Buffer(frame->bytes.begin(), frame->bytes.end()), (Buffer{7, 8, 9}));
  EXPECT_EQ(parse_audio_frame(2, written(kPcmu, Buffer{1}))->format, kPcmu);
}

TEST(AudioFrame, IsBoundedBothWays) {
  WipedBuffer target;
  EXPECT_FALSE(write_audio_frame(kPcmu, {}, target));
  EXPECT_FALSE(write_audio_frame(kPcmu, Buffer(limits::kAudioFrameBytes + 1), target));
  EXPECT_FALSE(write_audio_frame({AudioCodec::Pcmu, 8'000, 9, {}}, Buffer(1), target));
  EXPECT_FALSE(write_audio_frame({AudioCodec::Pcmu, 0, 1, {}}, Buffer(1), target));
  EXPECT_FALSE(write_audio_frame({AudioCodec::Aac, 8'000, 1, {}}, Buffer(1), target))
      << "AAC needs its config";
  EXPECT_TRUE(target.empty());
  const Buffer bytes = written(kAac, Buffer{7, 8, 9});
  EXPECT_FALSE(parse_audio_frame(0, bytes));
  EXPECT_FALSE(parse_audio_frame(5, bytes));
  EXPECT_FALSE(parse_audio_frame(2, bytes)) << "G.711 has no config";
  for (std::size_t size = 0; size < 9; ++size)
    EXPECT_FALSE(parse_audio_frame(1, ByteView(bytes).first(size)));
}

}  // namespace
}  // namespace jalousie::codec
