// Real encoders and decoders against the room: x264's pictures, by FFmpeg, through packetizer and
// depacketizer; what is left after loss, decoded by FFmpeg; and FFmpeg's own RTP, taken apart by us. Made
// when the test runs.
#include <arpa/inet.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "codec/annex_b.h"
#include "codec/h264_nal.h"
#include "rtp/h264_depacketizer.h"
#include "rtp/h264_packetizer.h"

namespace jalousie::rtp {
namespace {

class Folder {
 public:
  Folder() {
    std::string name = "/tmp/jalousie_footage_XXXXXX";
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
  std::string_view input;
  std::string_view options;
  std::string_view profile;
  bool has_b_frames;
};

// vtest.avi, a street seen by a fixed camera, is in Debian's opencv-doc; without that package the drawn ones
// have to do.
constexpr std::string_view kStreet = "/usr/share/doc/opencv-doc/examples/data/vtest.avi";
const std::vector<Kind> kKinds{
    {"baseline in slices", "-f lavfi -i testsrc2=size=640x360:rate=25",
     "-profile:v baseline -x264-params slices=4:keyint=20", "42c0", false},
    {"main, 1080p", "-f lavfi -i testsrc2=size=1920x1080:rate=25", "-profile:v main -bf 0 -g 15 -b:v 4M",
     "4d40", false},
    {"high with B-frames", "-f lavfi -i testsrc2=size=640x360:rate=30",
     "-profile:v high -bf 2 -g 25 -x264-params aud=1", "6400", true},
    {"constant rate, with filler", "-f lavfi -i testsrc2=size=320x240:rate=15",
     "-profile:v high -bf 0 -g 30 -b:v 1M -maxrate 1M -bufsize 1M -x264-params nal-hrd=cbr:filler=1", "6400",
     false},
    {"street",
     "-i "
     "/usr/share/doc/opencv-doc/examples/data/vtest.avi",
     "-profile:v high -bf 0 -g 20", "6400", false},
};

std::string encode(const Folder& folder, const Kind& kind) {
  const std::string path = folder.file("in.h264");
  run(fmt::format(
      "ffmpeg -v error -y {} -frames:v 60 -pix_fmt yuv420p -c:v libx264 -preset veryfast {} -f h264 {}",
      kind.input, kind.options, path));
  return path;
}

std::vector<Buffer> units_of(const Buffer& stream) {
  codec::h264::AnnexBUnits source(stream);
  std::vector<Buffer> units;
  while (true) {
    const auto unit = source.next();
    EXPECT_TRUE(unit);
    if (!unit || unit->empty()) return units;
    units.emplace_back(unit->begin(), unit->end());
  }
}

void append_annex_b(Buffer& stream, ByteView unit) {
  for (const ByteView nal : codec::NalUnits(unit)) {
    stream.insert(stream.end(), {0, 0, 0, 1});
    stream.insert(stream.end(), nal.begin(), nal.end());
  }
}

/// The pictures that FFmpeg decodes from a stream, each by its MD5; it must have nothing to complain of.
std::vector<std::string> decode(const Folder& folder, const std::string& path) {
  const std::string sums = folder.file("sums");
  const std::string complaints = folder.file("complaints");
  run(fmt::format(
      "ffmpeg -v warning -y -err_detect explode -f h264 -i {} -fps_mode passthrough -f framemd5 {} 2>{}",
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
                            H264Depacketizer& depacketizer) {
  std::mt19937 random(7);
  PacketBatch batch;
  std::vector<Buffer> received;
  std::uint16_t sequence = 65'000;
  for (std::size_t i = 0; i < units.size(); ++i) {
    batch.clear();
    const auto count =
        H264Packetizer(1, 96).packetize(units[i], static_cast<std::uint32_t>(i * 3600), sequence, batch);
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

TEST(Footage, ComesOutAsItWentIn) {
  for (const Kind& kind : kKinds) {
    if (kind.name == "street" && !std::filesystem::exists(kStreet)) continue;
    const Folder folder;
    const auto sent = units_of(read_file(encode(folder, kind)));
    ASSERT_EQ(sent.size(), 60U) << kind.name;
    H264Depacketizer depacketizer;
    EXPECT_EQ(through(sent, 0, depacketizer), sent) << kind.name;
    ASSERT_TRUE(depacketizer.format()) << kind.name;
    EXPECT_TRUE(depacketizer.format()->profile.starts_with(kind.profile))
        << kind.name << depacketizer.format()->profile;
    EXPECT_EQ(depacketizer.format()->has_b_frames, kind.has_b_frames) << kind.name;
    const bool b_slices =
        std::ranges::any_of(sent, [](const Buffer& unit) { return codec::h264::has_b_slices(unit); });
    EXPECT_EQ(b_slices, kind.has_b_frames) << kind.name;
  }
}

TEST(Footage, WhatIsLeftAfterLossDecodesToTheSamePictures) {
  for (const Kind& kind : kKinds) {
    if (kind.name == "street" && !std::filesystem::exists(kStreet)) continue;
    if (kind.name == "main, 1080p") continue;  // large, and nothing new here
    const Folder folder;
    const std::string original = encode(folder, kind);
    const auto whole = decode(folder, original);
    ASSERT_EQ(whole.size(), 60U) << kind.name;
    const std::set<std::string> genuine(whole.begin(), whole.end());
    const auto sent = units_of(read_file(original));
    std::size_t left = 0;
    for (const unsigned one_in : {60U, 200U}) {
      H264Depacketizer depacketizer;
      const auto received = through(sent, one_in, depacketizer);
      EXPECT_GT(depacketizer.stats().lost_packets, 0U) << kind.name;
      EXPECT_LT(received.size(), sent.size()) << kind.name;
      left += received.size();
      if (received.empty()) continue;
      Buffer stream;
      for (const Buffer& unit : received) append_annex_b(stream, unit);
      const std::string path = folder.file("left.h264");
      std::ofstream(path, std::ios::binary)
          .write(reinterpret_cast<const char*>(stream.data()), static_cast<std::streamsize>(stream.size()));
      const auto pictures = decode(folder, path);
      EXPECT_EQ(pictures.size(), received.size()) << kind.name;
      for (const std::string& picture : pictures) EXPECT_TRUE(genuine.contains(picture)) << kind.name;
    }
    EXPECT_GT(left, 0U) << kind.name;
  }
}

// FFmpeg's packetizer puts packets together in its own way: another size, and SPS, PPS and SEI with the first
// slice.
TEST(Footage, FromFfmpegsOwnRtp) {
  const Folder folder;
  const std::string path = encode(folder, kKinds[0]);
  const auto sent = units_of(read_file(path));
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ASSERT_GE(socket, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const int room = 4 << 20;
  setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  const timeval patience{.tv_sec = 2, .tv_usec = 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ASSERT_EQ(bind(socket, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const pid_t sender = fork();
  ASSERT_GE(sender, 0);
  if (sender == 0) {
    const std::string url = fmt::format("rtp://127.0.0.1:{}?pkt_size=900", ntohs(address.sin_port));
    execlp("ffmpeg", "ffmpeg", "-v", "quiet", "-sdp_file", "/dev/null", "-readrate", "4", "-r", "25", "-i",
           path.c_str(), "-c", "copy", "-f", "rtp", url.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  H264Depacketizer depacketizer;
  std::vector<Buffer> received;
  Buffer datagram(2048);
  while (received.size() + 1 <
         sent.size()) {  // the last waits for another timestamp, or goes with its marker
    const ssize_t bytes = recv(socket, datagram.data(), datagram.size(), 0);
    ASSERT_GT(bytes, 0) << "after " << received.size() << " units";
    const auto packet = PacketView::parse(ByteView(datagram).first(static_cast<std::size_t>(bytes)));
    ASSERT_TRUE(packet);
    ASSERT_TRUE(depacketizer.push(*packet));
    while (const auto unit = depacketizer.pull())
      received.emplace_back(unit->payload.begin(), unit->payload.end());
  }
  int status = 0;
  waitpid(sender, &status, 0);
  close(socket);
  EXPECT_EQ(depacketizer.stats().lost_packets, 0U);
  for (std::size_t i = 0; i < received.size(); ++i) EXPECT_EQ(as_text(received[i]), as_text(sent[i])) << i;
}

}  // namespace
}  // namespace jalousie::rtp
