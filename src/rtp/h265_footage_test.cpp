// x265's pictures, by FFmpeg, through packetizer and depacketizer; what is left after loss, decoded by
// FFmpeg. Made when the test runs.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "codec/annex_b.h"
#include "codec/h265_nal.h"
#include "codec/h265_slice.h"
#include "rtp/h265_depacketizer.h"
#include "rtp/h265_packetizer.h"

namespace jalousie::rtp {
namespace {

class Folder {
 public:
  Folder() {
    std::string name = "/tmp/jalousie_h265_XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

void run(const std::string& command) { ASSERT_EQ(std::system(command.c_str()), 0) << command; }

Buffer read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return Buffer(std::istreambuf_iterator<char>(file), {});
}

struct Kind {
  std::string_view name;
  std::string_view options;
  std::string_view profile;
  bool has_b_frames;
};

const Kind kKinds[] = {
    {"main in slices", "bframes=0:keyint=20:slices=4", "1.6.", false},
    {"open GOP with B-frames", "bframes=3:keyint=15:min-keyint=15:open-gop=1:b-adapt=0", "1.6.", true},
    {"closed GOP with B-frames and delimiters", "bframes=2:keyint=20:open-gop=0:aud=1:hash=1", "1.6.", true},
};

std::string encode(const Folder& folder, const Kind& kind) {
  const std::string path = folder.file("in.h265");
  run(fmt::format(
      "ffmpeg -v error -y -f lavfi -i testsrc2=size=416x240:rate=25 -frames:v 60 -pix_fmt yuv420p "
      "-c:v libx265 -preset ultrafast -x265-params log-level=none:repeat-headers=1:{} -f hevc {}",
      kind.options, path));
  return path;
}

/// Access units by their first slices, as what a camera would send.
std::vector<Buffer> units_of(const Buffer& stream) {
  std::vector<Buffer> units;
  codec::AccessUnitWriter writer;
  codec::AnnexBNals nals(stream);
  bool has_picture = false;
  for (auto nal = nals.next(); nal; nal = nals.next()) {
    const auto start = codec::h265::parse_slice_start(*nal);
    const codec::h265::NalHeader header(*nal);
    if (has_picture && (start ? start->is_first : header.type != codec::h265::NalType{40})) {
      units.emplace_back(writer.view().begin(), writer.view().end());
      writer.clear();
      has_picture = false;
    }
    has_picture = has_picture || start;
    if (codec::h265::is_kept(header)) EXPECT_TRUE(writer.append(*nal));
  }
  units.emplace_back(writer.view().begin(), writer.view().end());
  return units;
}

/// The pictures that FFmpeg decodes from a stream, each by its MD5; it must have nothing to complain of.
std::vector<std::string> decode(const Folder& folder, const std::string& path) {
  const std::string sums = folder.file("sums");
  const std::string complaints = folder.file("complaints");
  run(fmt::format(
      "ffmpeg -v warning -y -err_detect explode -f hevc -i {} -fps_mode passthrough -f framemd5 {} 2>{}",
      path, sums, complaints));
  std::vector<std::string> pictures;
  std::ifstream file(sums);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with('#')) pictures.push_back(line.substr(line.rfind(' ')));
  }
  std::ifstream complaint_file(complaints);
  for (std::string line; std::getline(complaint_file, line);) {
    // A bare stream has no timestamps, which the writer of the sums remarks upon; all else is a fault.
    EXPECT_TRUE(line.find("imestamp") != std::string::npos || line.find("repeated") != std::string::npos)
        << line;
  }
  return pictures;
}

/// Packetizes all units, loses one packet in `one_in` (0: none), and gives back what is passed on.
std::vector<Buffer> through(const std::vector<Buffer>& units, unsigned one_in,
                            H265Depacketizer& depacketizer) {
  std::mt19937 random(7);
  PacketBatch batch;
  std::vector<Buffer> received;
  std::uint16_t sequence = 65'000;
  for (std::size_t i = 0; i < units.size(); ++i) {
    batch.clear();
    const auto count =
        H265Packetizer(1, 96, 400).packetize(units[i], static_cast<std::uint32_t>(i * 3600), sequence, batch);
    EXPECT_TRUE(count);
    sequence = static_cast<std::uint16_t>(sequence + count.value_or(0));
    for (const ByteView packet : batch.packets()) {
      if (one_in != 0 && random() % one_in == 0) continue;
      EXPECT_TRUE(depacketizer.push(PacketView::parse(packet).value()));
      while (const auto unit = depacketizer.pull())
        received.emplace_back(unit->payload.begin(), unit->payload.end());
    }
  }
  return received;
}

TEST(H265Footage, ComesOutAsItWentIn) {
  for (const Kind& kind : kKinds) {
    const Folder folder;
    const auto sent = units_of(read_file(encode(folder, kind)));
    ASSERT_EQ(sent.size(), 60U) << kind.name;
    H265Depacketizer depacketizer;
    EXPECT_EQ(through(sent, 0, depacketizer), sent) << kind.name;
    ASSERT_TRUE(depacketizer.format()) << kind.name;
    EXPECT_TRUE(depacketizer.format()->profile.starts_with(kind.profile)) << depacketizer.format()->profile;
    EXPECT_EQ(depacketizer.format()->has_b_frames, kind.has_b_frames) << kind.name;
  }
}

TEST(H265Footage, WhatIsLeftAfterLossDecodesToTheSamePictures) {
  for (const Kind& kind : kKinds) {
    const Folder folder;
    const std::string original = encode(folder, kind);
    const auto whole = decode(folder, original);
    ASSERT_EQ(whole.size(), 60U) << kind.name;
    const std::set<std::string> genuine(whole.begin(), whole.end());
    const auto sent = units_of(read_file(original));
    std::size_t left = 0;
    for (const unsigned one_in : {60U, 200U}) {
      H265Depacketizer depacketizer;
      const auto received = through(sent, one_in, depacketizer);
      EXPECT_GT(depacketizer.stats().lost_packets, 0U) << kind.name;
      left += received.size();
      if (received.empty()) continue;
      Buffer stream;
      for (const Buffer& unit : received) {
        for (const ByteView nal : codec::NalUnits(unit)) {
          stream.insert(stream.end(), {0, 0, 0, 1});
          stream.insert(stream.end(), nal.begin(), nal.end());
        }
      }
      const std::string path = folder.file("left.h265");
      std::ofstream(path, std::ios::binary)
          .write(reinterpret_cast<const char*>(stream.data()), static_cast<std::streamsize>(stream.size()));
      const auto pictures = decode(folder, path);
      EXPECT_EQ(pictures.size(), received.size()) << kind.name;
      for (const std::string& picture : pictures) EXPECT_TRUE(genuine.contains(picture)) << kind.name;
    }
    EXPECT_GT(left, 0U) << kind.name;
  }
}

// As the same stream seen by somebody who comes in later: from a CRA picture on.
TEST(H265Footage, FromTheMiddleOfAnOpenGopStreamEveryPictureDecodes) {
  const Folder folder;
  const std::string original = encode(folder, kKinds[1]);
  const auto whole = decode(folder, original);
  const auto sent = units_of(read_file(original));
  const std::vector<Buffer> later(sent.begin() + 20, sent.end());
  H265Depacketizer depacketizer;
  const auto received = through(later, 0, depacketizer);
  EXPECT_EQ(depacketizer.stats().gaps, 0U);
  ASSERT_GT(received.size(), 20U);
  ASSERT_TRUE(codec::h265::is_key_frame(received.front()));
  EXPECT_FALSE(codec::h265::is_rasl_picture(received[1])) << "refers to what this viewer never had";
  Buffer stream;
  for (const Buffer& unit : received) {
    for (const ByteView nal : codec::NalUnits(unit)) {
      stream.insert(stream.end(), {0, 0, 0, 1});
      stream.insert(stream.end(), nal.begin(), nal.end());
    }
  }
  const std::string path = folder.file("later.h265");
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(stream.data()), static_cast<std::streamsize>(stream.size()));
  const auto pictures = decode(folder, path);
  EXPECT_EQ(pictures.size(), received.size());
  const std::set<std::string> genuine(whole.begin(), whole.end());
  for (const std::string& picture : pictures) EXPECT_TRUE(genuine.contains(picture));
}

}  // namespace
}  // namespace jalousie::rtp
