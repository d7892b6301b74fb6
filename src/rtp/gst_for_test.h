// Runs a GStreamer pipeline that writes its RTP packets ({rtp}, by rtpstreampay: RFC 4571) and what it made
// them of ({raw}) into files, and reads those. For tests only.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace jalousie::rtp::test {

class Gst {
 public:
  explicit Gst(std::string pipeline) {
    std::string name = "/tmp/jalousie_gst_XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    replace(pipeline, "{rtp}", folder_ + "/rtp");
    replace(pipeline, "{raw}", folder_ + "/raw");
    const std::string command = "gst-launch-1.0 -q " + pipeline;
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
  }
  ~Gst() { std::filesystem::remove_all(folder_); }
  Gst(const Gst&) = delete;
  Gst& operator=(const Gst&) = delete;

  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  Buffer raw() const { return read("raw"); }
  std::vector<Buffer> packets() const {
    const Buffer bytes = read("rtp");
    ByteReader reader(bytes);
    std::vector<Buffer> packets;
    while (reader.remaining() > 0) {
      const ByteView packet = reader.bytes(reader.u16());
      packets.emplace_back(packet.begin(), packet.end());
    }
    EXPECT_TRUE(reader.ok());
    return packets;
  }

 private:
  static void replace(std::string& text, std::string_view name, const std::string& value) {
    if (const auto at = text.find(name); at != std::string::npos) text.replace(at, name.size(), value);
  }
  Buffer read(const std::string& name) const {
    std::ifstream stream(file(name), std::ios::binary);
    return Buffer(std::istreambuf_iterator<char>(stream), {});
  }
  std::string folder_;
};

}  // namespace jalousie::rtp::test
