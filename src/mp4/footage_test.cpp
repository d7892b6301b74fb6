// What is written, against FFmpeg: it must find the pictures and sounds of its own encoders in it, at the
// times that they have in a file of its own muxer.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "codec/annex_b.h"
#include "codec/bit_reader.h"
#include "mp4/init_segment.h"
#include "mp4/media_segment.h"

namespace jalousie::mp4 {
namespace {

class FootageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "jalousie_mp4_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string file(std::string_view name) const { return folder_ + "/" + std::string(name); }
  void ffmpeg(const std::string& arguments) const {
    const std::string command = "ffmpeg -v error -xerror -y " + arguments;
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  Buffer read(std::string_view name) const {
    std::ifstream stream(file(name), std::ios::binary);
    return Buffer(std::istreambuf_iterator<char>(stream), {});
  }
  void write(std::string_view name, ByteView bytes) const {
    std::ofstream stream(file(name), std::ios::binary);
    stream.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  /// What a program says, line by line.
  std::vector<std::string> lines_of(const std::string& command) const {
    EXPECT_EQ(std::system((command + " >" + file("said")).c_str()), 0) << command;
    std::ifstream stream(file("said"));
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }

  struct Packet {
    std::int64_t pts = 0;
    std::int64_t dts = 0;
    std::uint32_t duration = 0;
    bool is_key = false;
    friend bool operator==(const Packet&, const Packet&) = default;
  };
  std::vector<Packet> packets_of(std::string_view name) const {
    std::vector<Packet> packets;
    for (const std::string& line :
         lines_of("ffprobe -v error -show_entries packet=pts,dts,duration,flags -of csv=p=0 " + file(name))) {
      std::istringstream fields(line);
      Packet packet;
      char comma = 0;
      char flag = 0;
      fields >> packet.pts >> comma >> packet.dts >> comma >> packet.duration >> comma >> flag;
      packet.is_key = flag == 'K';
      packets.push_back(packet);
    }
    return packets;
  }
  std::vector<std::string> frames_of(std::string_view name) const {
    std::vector<std::string> frames;
    for (const std::string& line : lines_of("ffmpeg -v error -xerror -err_detect explode -i " + file(name) +
                                            " -map 0 -fps_mode passthrough -f framehash -hash md5 -")) {
      if (!line.starts_with('#')) frames.push_back(line.substr(line.rfind(' ')));
    }
    return frames;
  }

  /// Our file of the units, timed as FFmpeg's muxer timed them in `timed`, must be the same to it.
  void compare_video(const Track& track, std::span<const Buffer> units, codec::VideoCodec codec) {
    const std::vector<Packet> wanted = packets_of("timed.mp4");
    ASSERT_EQ(wanted.size(), units.size());
    codec::WipedBuffer ours;
    ours.append(init_segment(std::span(&track, 1)).value());
    // FFmpeg's decode times begin below zero where pictures are reordered; tfdt has none.
    const std::int64_t shift = -wanted.front().dts;
    for (std::size_t i = 0; i < units.size(); ++i) {
      const Packet& packet = wanted[i];
      ASSERT_TRUE(append_picture(ours,
                                 {.sequence = static_cast<std::uint32_t>(i + 1),
                                  .decode_time = static_cast<std::uint64_t>(packet.dts + shift)},
                                 {.duration = packet.duration,
                                  .composition_offset = static_cast<std::int32_t>(packet.pts - packet.dts),
                                  .is_key = packet.is_key},
                                 codec, units[i]));
    }
    write("ours.mp4", ours.view());
    std::vector<Packet> got = packets_of("ours.mp4");
    for (Packet& packet : got)
      packet = {packet.pts - shift, packet.dts - shift, packet.duration, packet.is_key};
    EXPECT_EQ(got, wanted);
    const auto pictures = frames_of("timed.mp4");
    EXPECT_EQ(pictures.size(), units.size());
    EXPECT_EQ(frames_of("ours.mp4"), pictures);
  }

 private:
  std::string folder_;
};

std::vector<Buffer> avc_units(ByteView stream) {
  codec::h264::AnnexBUnits source(stream);
  std::vector<Buffer> units;
  for (;;) {
    const auto unit = source.next();
    EXPECT_TRUE(unit);
    if (!unit || unit->empty()) return units;
    units.emplace_back(unit->begin(), unit->end());
  }
}

constexpr std::string_view kPictures =
    "-f lavfi -i testsrc2=size=320x180:rate=25 -frames:v 50 -pix_fmt yuv420p";
// 90 kHz, as our tracks have it.
constexpr std::string_view kTimed = "-c copy -video_track_timescale 90000";

struct H264Test : FootageTest, ::testing::WithParamInterface<const char*> {};
TEST_P(H264Test, IsWhatWasEncoded) {
  ffmpeg(fmt::format("{} -c:v libx264 -preset veryfast -g 20 {} {}", kPictures, GetParam(), file("in.mp4")));
  ffmpeg(fmt::format("-i {} {} {}", file("in.mp4"), kTimed, file("timed.mp4")));
  ffmpeg(fmt::format("-i {} -c copy -bsf:v h264_mp4toannexb -f h264 {}", file("timed.mp4"), file("in.h264")));
  const std::vector<Buffer> units = avc_units(read("in.h264"));
  const Track track{.entry = video_entry(codec::VideoCodec::H264, units.front()).value()};
  EXPECT_EQ(std::get<Avc>(track.entry).width, 320U);
  compare_video(track, units, codec::VideoCodec::H264);
}
INSTANTIATE_TEST_SUITE_P(Profiles, H264Test,
                         ::testing::Values("-profile:v baseline", "-profile:v high -bf 0",
                                           "-profile:v high -bf 2", "-profile:v main -x264-params slices=4"));

// Behind start codes; the header of an H.265 NAL unit may begin with a zero byte.
std::vector<ByteView> hevc_nals(ByteView stream) {
  std::vector<ByteView> nals;
  for (std::size_t at = codec::find_start_code(stream); at < stream.size();) {
    const ByteView rest = stream.subspan(at + 3);
    ByteView nal = rest.first(codec::find_start_code(rest));
    at += 3 + nal.size();
    while (!nal.empty() && nal.back() == 0) nal = nal.first(nal.size() - 1);
    nals.push_back(nal);
  }
  return nals;
}

TEST_F(FootageTest, H265IsWhatWasEncoded) {
  ffmpeg(fmt::format(
      "{} -c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=20:repeat-headers=1:aud=1 "
      "-tag:v hvc1 {} {}",
      kPictures, "-video_track_timescale 90000", file("timed.mp4")));
  ffmpeg(fmt::format("-i {} -c copy -bsf:v hevc_mp4toannexb -f hevc {}", file("timed.mp4"), file("in.h265")));
  const Buffer stream = read("in.h265");
  std::vector<Buffer> units;
  for (const ByteView nal : hevc_nals(stream)) {
    if ((nal[0] >> 1U & 0x3FU) == 35) {  // every unit begins with a delimiter
      units.emplace_back();
    }
    ASSERT_FALSE(units.empty());
    Buffer length(4);
    ByteWriter(length).u32(static_cast<std::uint32_t>(nal.size()));
    units.back().insert(units.back().end(), length.begin(), length.end());
    units.back().insert(units.back().end(), nal.begin(), nal.end());
  }
  const Track track{.entry = video_entry(codec::VideoCodec::H265, units.front()).value()};
  EXPECT_EQ(picture_size(track.entry), (PictureSize{320, 180}));
  EXPECT_EQ(codec_name(track.entry), "hvc1.1.6.L60.90");
  compare_video(track, units, codec::VideoCodec::H265);
}

/// A fragment for each frame.
Buffer sound_file(const Track& track, std::span<const Buffer> frames, std::uint32_t duration) {
  codec::WipedBuffer ours;
  ours.append(init_segment(std::span(&track, 1)).value());
  std::uint32_t sequence = 0;
  for (const Buffer& frame : frames) {
    const Sample sample{
        .bytes = static_cast<std::uint32_t>(frame.size()), .duration = duration, .is_key = true};
    append_fragment_head(ours, {.sequence = sequence + 1, .decode_time = std::uint64_t{sequence} * duration},
                         std::span(&sample, 1));
    ours.append(frame);
    ++sequence;
  }
  return Buffer(ours.view().begin(), ours.view().end());
}

constexpr std::string_view kSound = "-f lavfi -i sine=frequency=440:sample_rate=48000:duration=2 -ac 2";

TEST_F(FootageTest, AacIsWhatWasEncoded) {
  ffmpeg(fmt::format("{} -c:a aac -f adts {}", kSound, file("in.aac")));
  const Buffer stream = read("in.aac");
  std::vector<Buffer> frames;
  for (std::size_t at = 0; at + 7 <= stream.size();) {  // ISO/IEC 13818-7 clause 6.2: 7 bytes, then the frame
    const std::size_t size =
        (stream[at + 3] & 3U) << 11U | static_cast<unsigned>(stream[at + 4] << 3U) | stream[at + 5] >> 5U;
    ASSERT_LE(at + size, stream.size());
    frames.emplace_back(stream.begin() + static_cast<std::ptrdiff_t>(at + 7),
                        stream.begin() + static_cast<std::ptrdiff_t>(at + size));
    at += size;
  }
  const Track track{.timescale = 48'000, .entry = Aac{{0x11, 0x90}, 48'000, 2}};
  write("ours.mp4", sound_file(track, frames, 1024));
  EXPECT_EQ(packets_of("ours.mp4").size(), frames.size());
  EXPECT_EQ(frames_of("ours.mp4"), frames_of("in.aac"));
}

/// The packets of an Ogg file (RFC 3533) whose packets end in the page that they begin in.
std::vector<Buffer> ogg_packets(ByteView stream) {
  std::vector<Buffer> packets;
  ByteReader reader(stream);
  while (reader.remaining() > 0) {
    reader.skip(26);
    const ByteView lacing = reader.bytes(reader.u8());
    Buffer packet;
    for (const std::uint8_t part : lacing) {
      const ByteView bytes = reader.bytes(part);
      packet.insert(packet.end(), bytes.begin(), bytes.end());
      if (part == 255) continue;
      packets.push_back(packet);
      packet.clear();
    }
    EXPECT_TRUE(reader.ok() && packet.empty());
  }
  return packets;
}

TEST_F(FootageTest, OpusIsWhatWasEncoded) {
  ffmpeg(
      fmt::format("{} -c:a libopus -frame_duration 20 -f ogg -page_duration 1 {}", kSound, file("in.ogg")));
  std::vector<Buffer> packets = ogg_packets(read("in.ogg"));
  ASSERT_GT(packets.size(), 90U);
  packets.erase(packets.begin(), packets.begin() + 2);  // OpusHead, OpusTags
  const Track track{.timescale = 48'000, .entry = Opus{.channels = 2, .pre_skip = 312}};
  write("ours.mp4", sound_file(track, packets, 960));
  EXPECT_EQ(packets_of("ours.mp4").size(), packets.size());
  const auto sounds = frames_of("ours.mp4");
  ASSERT_EQ(sounds.size(), packets.size());
  const auto wanted = frames_of("in.ogg");
  // Their last packet is cut to the length of the sound, and the first by the pre-skip in both.
  EXPECT_TRUE(std::equal(sounds.begin() + 1, sounds.end() - 1, wanted.begin() + 1));
}

}  // namespace
}  // namespace jalousie::mp4
