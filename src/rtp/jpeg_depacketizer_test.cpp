#include "rtp/jpeg_depacketizer.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "base/limits.h"
#include "rtp/gst_for_test.h"
#include "rtp/jpeg_tables.h"

namespace jalousie::rtp {
namespace {

struct Image {
  std::uint8_t type = 1;
  std::uint8_t q = 50;
  std::uint8_t width_8 = 80;
  std::uint8_t height_8 = 60;
  std::uint16_t restart = 0;
  Buffer tables = {};  // with q of 128 and more
  std::uint8_t precision = 0;
  Buffer scan = {};
};

class Sender {
 public:
  std::vector<Buffer> packets(const Image& image, std::size_t mtu = 900) {
    std::vector<Buffer> result;
    for (std::size_t offset = 0; offset < image.scan.size(); offset += mtu) {
      const std::size_t size = std::min(mtu, image.scan.size() - offset);
      Buffer payload(12 + 4 + image.tables.size() + size);
      ByteWriter writer(payload);
      writer.u8(0);
      writer.u24(static_cast<std::uint32_t>(offset));
      writer.u8(image.type);
      writer.u8(image.q);
      writer.u8(image.width_8);
      writer.u8(image.height_8);
      if (image.type >= 64) writer.u16(image.restart), writer.u16(0xFFFF);
      if (image.q >= 128 && offset == 0) {
        writer.u8(0);
        writer.u8(image.precision);
        writer.u16(static_cast<std::uint16_t>(image.tables.size()));
        writer.bytes(image.tables);
      }
      writer.bytes(ByteView(image.scan).subspan(offset, size));
      result.push_back(packet(writer.written(), offset + size == image.scan.size()));
    }
    timestamp_ += 9000;
    return result;
  }

 private:
  Buffer packet(ByteView payload, bool marker) {
    Buffer bytes(kHeaderBytes + payload.size());
    ByteWriter writer(bytes);
    write_header(writer, {marker, 26, sequence_++, timestamp_, 5});
    writer.bytes(payload);
    return bytes;
  }
  std::uint16_t sequence_ = 65'500;
  std::uint32_t timestamp_ = 0xFFFF'0000;
};

Buffer noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  Buffer bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random() % 255);  // no markers
  return bytes;
}

struct Got {
  Buffer bytes;
  std::int64_t timestamp = 0;
  bool gap_before = false;
};

Result<std::optional<Got>> feed(JpegDepacketizer& depacketizer, ByteView packet) {
  TRY_VOID(depacketizer.push(PacketView::parse(packet).value()));
  const auto unit = depacketizer.pull();
  if (!unit) return std::nullopt;
  EXPECT_TRUE(unit->is_key_frame);
  EXPECT_FALSE(depacketizer.pull());
  return Got{Buffer(unit->payload.begin(), unit->payload.end()), unit->timestamp, unit->gap_before};
}

/// What stands between the header and EOI.
ByteView scan_of(ByteView image) {
  std::size_t at = 2;
  while (image[at + 1] != 0xDA) at += 2 + (std::size_t{image[at + 2]} << 8 | image[at + 3]);
  at += 2 + (std::size_t{image[at + 2]} << 8 | image[at + 3]);
  return image.subspan(at, image.size() - at - 2);
}

Buffer segment(ByteView image, std::uint8_t marker) {
  for (std::size_t at = 2; image[at + 1] != 0xDA;) {
    const std::size_t length = std::size_t{image[at + 2]} << 8 | image[at + 3];
    if (image[at + 1] == marker)
      return Buffer(image.begin() + static_cast<std::ptrdiff_t>(at) + 4,
                    image.begin() + static_cast<std::ptrdiff_t>(at + 2 + length));
    at += 2 + length;
  }
  return {};
}

TEST(JpegDepacketizer, MakesAWholeImageOfAnyType) {
  for (const std::uint8_t type : {0, 1, 64, 65}) {
    Sender sender;
    JpegDepacketizer depacketizer;
    for (unsigned i = 0; i < 5; ++i) {
      const Image image{.type = type, .restart = 17, .scan = noise(1 + i * 1500, i)};
      std::optional<Got> got;
      for (const Buffer& packet : sender.packets(image)) {
        EXPECT_FALSE(got);
        auto result = feed(depacketizer, packet);
        ASSERT_TRUE(result) << result.error().message();
        got = *std::move(result);
      }
      ASSERT_TRUE(got);
      EXPECT_EQ(got->timestamp, 0xFFFF'0000 + std::int64_t{9000} * i);
      EXPECT_FALSE(got->gap_before);
      EXPECT_EQ(codec::jpeg_size(got->bytes).value(), (codec::JpegSize{640, 480}));
      EXPECT_TRUE(std::ranges::equal(scan_of(got->bytes), image.scan));
      EXPECT_EQ(segment(got->bytes, 0xDD), type >= 64 ? Buffer({0, 17}) : Buffer());
      EXPECT_EQ(segment(got->bytes, 0xC0)[7], (type & 1) == 0 ? 0x21 : 0x22) << "sampling";
      EXPECT_EQ(got->bytes[got->bytes.size() - 1], 0xD9);
    }
    ASSERT_TRUE(depacketizer.format());
    EXPECT_EQ(depacketizer.format()->codec, codec::VideoCodec::Jpeg);
    EXPECT_EQ(depacketizer.format()->width, 640U);
    EXPECT_EQ(depacketizer.format()->height, 480U);
    EXPECT_EQ(depacketizer.stats().units, 5U);
  }
}

TEST(JpegDepacketizer, TablesByQAreTheStandardsAt50AndScaled) {
  const auto at_50 = jpeg_quantizers(50);
  EXPECT_EQ(at_50[0], 16);
  EXPECT_EQ(at_50[63], 99);
  EXPECT_EQ(at_50[64], 17);
  EXPECT_EQ(jpeg_quantizers(25)[0], 32);
  EXPECT_EQ(jpeg_quantizers(75)[0], 8);
  EXPECT_EQ(jpeg_quantizers(1)[0], 255);
  EXPECT_EQ(jpeg_quantizers(99)[2], 1);  // never 0
}

TEST(JpegDepacketizer, TablesInBandAreKeptByQButNotFor255) {
  Sender sender;
  JpegDepacketizer depacketizer;
  Image image{.q = 200, .tables = noise(128, 1), .scan = noise(100, 2)};
  const Buffer tables = image.tables;
  auto got = feed(depacketizer, sender.packets(image)[0]);
  ASSERT_TRUE(got && *got);
  EXPECT_TRUE(
      std::ranges::equal(ByteView(segment((*got)->bytes, 0xDB)).subspan(1), ByteView(tables).first(64)));
  image.tables.clear();
  got = feed(depacketizer, sender.packets(image)[0]);
  ASSERT_TRUE(got && *got);
  EXPECT_TRUE(
      std::ranges::equal(ByteView(segment((*got)->bytes, 0xDB)).subspan(1), ByteView(tables).first(64)));
  image.q = 201;
  EXPECT_FALSE(feed(depacketizer, sender.packets(image)[0])) << "never seen";
  image.q = 255;
  image.tables = noise(64, 3);
  EXPECT_TRUE(feed(depacketizer, sender.packets(image)[0])) << "one for all";
  image.tables.clear();
  EXPECT_FALSE(feed(depacketizer, sender.packets(image)[0]));
  image.tables = noise(192, 4);
  image.precision = 1;
  got = feed(depacketizer, sender.packets(image)[0]);
  ASSERT_TRUE(got && *got);
  EXPECT_EQ(segment((*got)->bytes, 0xDB).size(), 129U) << "16 bits each";
}

TEST(JpegDepacketizer, LossDropsThatImageAndDamagesNone) {
  std::mt19937 random(5);
  Sender sender;
  JpegDepacketizer depacketizer;
  std::size_t passed = 0;
  bool missing = false;
  for (unsigned i = 0; i < 2000; ++i) {
    const Image image{.type = static_cast<std::uint8_t>(random() % 2), .scan = noise(1 + random() % 6000, i)};
    bool whole = true;
    std::optional<Got> got;
    for (const Buffer& packet : sender.packets(image)) {
      if (random() % 12 == 0) {
        whole = false;
        continue;
      }
      const auto result = feed(depacketizer, packet);
      ASSERT_TRUE(result);
      if (*result) got = **result;
    }
    ASSERT_EQ(got.has_value(), whole) << i;
    if (got) {
      EXPECT_TRUE(std::ranges::equal(scan_of(got->bytes), image.scan));
      if (passed > 0) {
        EXPECT_EQ(got->gap_before, missing);
      }
      ++passed;
    }
    missing = !whole || (missing && !got);
  }
  EXPECT_GT(passed, 500U);
  EXPECT_GT(depacketizer.stats().lost_packets, 100U);
}

TEST(JpegDepacketizer, RefusesWhatItCannotShow) {
  const auto kind = [](const Image& image,
                       std::optional<codec::JpegSize> size = {}) -> std::optional<ErrorKind> {
    JpegDepacketizer depacketizer;
    if (size) depacketizer.set_size(*size);
    const auto result = feed(depacketizer, Sender().packets(image)[0]);
    if (result) return std::nullopt;
    EXPECT_EQ(depacketizer.stats().malformed_packets, 1U);
    return result.error().kind();
  };
  const Buffer scan = noise(50, 1);
  EXPECT_EQ(kind({.scan = scan}), std::nullopt);
  EXPECT_EQ(kind({.type = 2, .scan = scan}), ErrorKind::Unsupported);
  EXPECT_EQ(kind({.type = 66, .scan = scan}), ErrorKind::Unsupported);
  EXPECT_EQ(kind({.type = 129, .scan = scan}), ErrorKind::Unsupported);
  EXPECT_EQ(kind({.q = 0, .scan = scan}), ErrorKind::Unsupported);
  EXPECT_EQ(kind({.q = 100, .scan = scan}), ErrorKind::Unsupported);
  EXPECT_EQ(kind({.width_8 = 0, .scan = scan}), ErrorKind::Unsupported);
  EXPECT_EQ(kind({.width_8 = 0, .height_8 = 0, .scan = scan}, codec::JpegSize{2560, 1440}), std::nullopt);
  EXPECT_EQ(kind({.q = 128, .tables = noise(100, 1), .scan = scan}), ErrorKind::InvalidArgument);
}

TEST(JpegDepacketizer, AnImageIsBounded) {
  JpegDepacketizer depacketizer;
  bool refused = false;
  for (const Buffer& packet :
       Sender().packets({.scan = noise(limits::kAccessUnitBytes + 10'000, 1)}, 60'000)) {
    const auto result = feed(depacketizer, packet);
    if (!result) {
      EXPECT_EQ(result.error().kind(), ErrorKind::ResourceExhausted);
      refused = true;
    }
  }
  EXPECT_TRUE(refused);
}

TEST(JpegDepacketizer, TruncatedAnywhereIsAnErrorOrNoImage) {
  const Buffer whole = Sender().packets(
      {.type = 65, .q = 255, .restart = 4, .tables = noise(128, 1), .scan = noise(20, 1)})[0];
  for (std::size_t size = kHeaderBytes; size < whole.size() - 20; ++size) {
    JpegDepacketizer depacketizer;
    const auto got = feed(depacketizer, ByteView(whole).first(size));
    EXPECT_TRUE(!got || !*got) << size;
  }
}

// GStreamer's encoder and packetizer; what a decoder makes of our images is what it makes of the originals.
TEST(JpegDepacketizer, FromGStreamersOwnRtpDecodesToTheSamePixels) {
  for (const std::string format : {"I420", "Y42B"}) {
    const test::Gst gst(
        "videotestsrc num-buffers=10 pattern=ball ! video/x-raw,width=640,height=360,format=" + format +
        " ! jpegenc quality=70 ! tee name=t ! queue ! rtpjpegpay ! rtpstreampay ! "
        "filesink location={rtp} t. ! queue ! filesink location={raw}");
    JpegDepacketizer depacketizer;
    std::ofstream ours(gst.file("ours"), std::ios::binary);
    std::size_t images = 0;
    for (const Buffer& packet : gst.packets()) {
      const auto got = feed(depacketizer, packet);
      ASSERT_TRUE(got) << got.error().message();
      if (!*got) continue;
      ++images;
      ours.write(reinterpret_cast<const char*>((*got)->bytes.data()),
                 static_cast<std::streamsize>((*got)->bytes.size()));
    }
    ours.close();
    EXPECT_EQ(images, 10U) << format;
    const std::string compare =
        "cd " + gst.file("") +
        " && for i in ours raw; do ffmpeg -loglevel error -f mjpeg -i $i -f framemd5 $i.md5 || exit 1; done; "
        "test $(grep -vc '^#' ours.md5) = 10 && cmp ours.md5 raw.md5";
    EXPECT_EQ(std::system(compare.c_str()), 0) << compare;
  }
}

}  // namespace
}  // namespace jalousie::rtp
