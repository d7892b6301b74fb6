#include "camera/footage.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "camera/encoder.h"

extern "C" {
#include <libavformat/avformat.h>
}

namespace jalousie::camera {
namespace {

/// A clip of 40 pictures at 10 fps, each one plain, 5 brighter than the one before; MP4, 4:3.
class Clip {
 public:
  Clip() : path_(testing::TempDir() + "/jalousie-footage-" + std::to_string(::getpid()) + ".mp4") { write(); }
  ~Clip() { std::filesystem::remove(path_); }
  Clip(const Clip&) = delete;
  Clip& operator=(const Clip&) = delete;
  const std::string& path() const { return path_; }

 private:
  void write() {
    auto encoder = Encoder::create({320, 240, 10, 10, 500});
    ASSERT_TRUE(encoder);
    AVFormatContext* out = nullptr;
    ASSERT_GE(avformat_alloc_output_context2(&out, nullptr, "mp4", path_.c_str()), 0);
    auto* stream = avformat_new_stream(out, nullptr);
    stream->time_base = {1, 10};
    describe(*stream->codecpar, (*encoder)->parameter_sets());
    ASSERT_GE(avio_open(&out->pb, path_.c_str(), AVIO_FLAG_WRITE), 0);
    ASSERT_GE(avformat_write_header(out, nullptr), 0);
    for (int i = 0; i < 40; ++i) {
      Frame frame(320, 240);
      std::fill(frame.bytes.begin(), frame.bytes.end(), std::uint8_t{128});
      std::fill_n(frame.bytes.begin(), 320 * 240, static_cast<std::uint8_t>(30 + 5 * i));
      const auto unit = (*encoder)->encode(frame);
      ASSERT_TRUE(unit);
      AVPacket* packet = av_packet_alloc();
      av_new_packet(packet, static_cast<int>(unit->bytes.size()));
      std::copy(unit->bytes.begin(), unit->bytes.end(), packet->data);
      packet->pts = packet->dts = av_rescale_q(i, {1, 10}, stream->time_base);
      packet->duration = av_rescale_q(1, {1, 10}, stream->time_base);
      packet->flags = unit->key_frame ? AV_PKT_FLAG_KEY : 0;
      ASSERT_GE(av_interleaved_write_frame(out, packet), 0);
      av_packet_free(&packet);
    }
    av_write_trailer(out);
    avio_closep(&out->pb);
    avformat_free_context(out);
  }

  static void describe(AVCodecParameters& parameters, const std::vector<Buffer>& sets) {
    parameters.codec_type = AVMEDIA_TYPE_VIDEO;
    parameters.codec_id = AV_CODEC_ID_H264;
    parameters.width = 320;
    parameters.height = 240;
    const auto& sps = sets.at(0);
    const auto& pps = sets.at(1);
    Buffer box = {1, sps[1], sps[2], sps[3], 0xff, 0xe1, 0, static_cast<std::uint8_t>(sps.size())};  // avcC
    box.insert(box.end(), sps.begin(), sps.end());
    box.insert(box.end(), {1, 0, static_cast<std::uint8_t>(pps.size())});
    box.insert(box.end(), pps.begin(), pps.end());
    parameters.extradata = static_cast<std::uint8_t*>(av_mallocz(box.size() + AV_INPUT_BUFFER_PADDING_SIZE));
    parameters.extradata_size = static_cast<int>(box.size());
    std::copy(box.begin(), box.end(), parameters.extradata);
  }

  std::string path_;
};

int shown(Footage& footage, std::uint64_t number) {  // which of the clip's pictures
  const auto& frame = footage.picture(number);
  return (frame.bytes[frame.width * frame.height / 2] - 30 + 2) / 5;
}

TEST(Footage, ShowsTheMomentOfTheFrameNumberAndLoops) {
  const Clip clip;
  auto footage = Footage::open(clip.path(), 640, 360, 25);
  ASSERT_TRUE(footage) << footage.error().message();
  for (std::uint64_t number = 0; number < 250; ++number) {  // 10 s of a clip of 4 s
    const auto expected = static_cast<int>(number % 100 * 2 / 5);
    EXPECT_NEAR(shown(**footage, number), expected, 1) << number;
  }
}

TEST(Footage, BeginsInTheMiddleWhenTheCameraHasRunForAWhile) {
  const Clip clip;
  auto footage = Footage::open(clip.path(), 640, 360, 25);
  ASSERT_TRUE(footage);
  EXPECT_NEAR(shown(**footage, 1'070), 28, 1);
  EXPECT_NEAR(shown(**footage, 1'071), 28, 1);
}

TEST(Footage, FillsPicturesOfEverySize) {
  const Clip clip;
  for (const auto& [width, height] :
       {std::pair<std::size_t, std::size_t>{1280, 720}, {640, 360}, {160, 480}}) {
    auto footage = Footage::open(clip.path(), width, height, 25);
    ASSERT_TRUE(footage);
    const auto& frame = (*footage)->picture(0);
    EXPECT_EQ(frame.bytes.size(), width * height * 3 / 2);
    EXPECT_NEAR(frame.bytes.front(), 30, 3);
    EXPECT_NEAR(frame.bytes[width * height - 1], 30, 3);
    EXPECT_NEAR(frame.bytes.back(), 128, 3);
  }
}

TEST(Footage, SaysWhatIsWrongWithAFile) {
  EXPECT_EQ(Footage::open("/nonexistent.mp4", 640, 360, 25).error().kind(), ErrorKind::NotFound);
  const auto path = testing::TempDir() + "/jalousie-no-footage";
  std::ofstream(path) << "this is no video";
  EXPECT_FALSE(Footage::open(path, 640, 360, 25));
  std::filesystem::remove(path);
}

TEST(Footage, KeepsItsLastPictureWhereTheFileIsDamaged) {
  const Clip clip;
  {
    std::fstream file(clip.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(3'000);
    for (int i = 0; i < 600; ++i) file.put('\x5a');
  }
  auto footage = Footage::open(clip.path(), 640, 360, 25);
  if (!footage) return;  // the damage hit what it cannot be opened without
  for (std::uint64_t number = 0; number < 300; ++number) EXPECT_EQ((*footage)->picture(number).width, 640u);
}

}  // namespace
}  // namespace jalousie::camera
