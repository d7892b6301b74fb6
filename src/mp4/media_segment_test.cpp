#include "mp4/media_segment.h"

#include "base/encoding.h"
#include "codec/access_unit.h"
#include "mp4/boxes_for_test.h"

namespace jalousie::mp4 {
namespace {

using codec::VideoCodec;

const Buffer kSps{0x67, 0x42, 0xC0};
const Buffer kPps{0x68, 0xCB};
const Buffer kSei{0x06, 0x05, 0x80};
const Buffer kIdr{0x65, 0x88, 0x84};

Buffer unit_of(const std::vector<Buffer>& nals) {
  codec::AccessUnitWriter writer;
  for (const Buffer& nal : nals) EXPECT_TRUE(writer.append(nal));
  return Buffer(writer.view().begin(), writer.view().end());
}

TEST(MediaSegment, IsMoofAndMdatWithOnePicture) {
  codec::WipedBuffer buffer;
  ASSERT_TRUE(append_picture(buffer, {.sequence = 3, .track = 1, .decode_time = 0x1'2345'6789},
                             {.duration = 3600, .composition_offset = -7200, .is_key = true},
                             VideoCodec::H264, unit_of({kSps, kPps, kSei, kIdr})));
  EXPECT_EQ(outline(buffer.view()), "moof[mfhd traf[tfhd tfdt trun]] mdat");
  EXPECT_EQ(encode_hex(find_box(buffer.view(), "moof/mfhd")), "0000000000000003");
  EXPECT_EQ(encode_hex(find_box(buffer.view(), "moof/traf/tfhd")), "0002000000000001");
  EXPECT_EQ(encode_hex(find_box(buffer.view(), "moof/traf/tfdt")), "010000000000000123456789");
  // One sample of 14 bytes, 112 bytes after the start of moof.
  EXPECT_EQ(encode_hex(find_box(buffer.view(), "moof/traf/trun")),
            "01000f01000000010000007000000e100000000e02000000ffffe3e0");
  EXPECT_EQ(encode_hex(find_box(buffer.view(), "mdat")), "0000000306058000000003658884");
}

TEST(MediaSegment, CarriesSeveralSamples) {
  codec::WipedBuffer buffer;
  const std::vector<Sample> samples{{.bytes = 2, .duration = 10, .is_key = true},
                                    {.bytes = 3, .duration = 11}};
  append_fragment_head(buffer, {.track = 2}, samples);
  buffer.append(Buffer{1, 2, 3, 4, 5});
  EXPECT_EQ(encode_hex(find_box(buffer.view(), "mdat")), "0102030405");
  ByteReader trun(find_box(buffer.view(), "moof/traf/trun"));
  trun.skip(4);
  EXPECT_EQ(trun.u32(), 2U);
  EXPECT_EQ(trun.u32(), buffer.size() - 5);
  trun.skip(16 + 8);
  EXPECT_EQ(trun.u32(), 0x01010000U);
}

TEST(MediaSegment, IsNothingWithoutAPicture) {
  codec::WipedBuffer buffer;
  EXPECT_FALSE(append_picture(buffer, {}, {}, VideoCodec::H264, unit_of({kSps, kPps})));
  EXPECT_FALSE(append_picture(buffer, {}, {}, VideoCodec::H264, {}));
  EXPECT_TRUE(buffer.empty());
}

TEST(MediaSegment, AWarmBufferStaysWhereItIs) {
  const Buffer unit = unit_of({kSei, Buffer(50'000, 0x41)});
  codec::WipedBuffer buffer;
  ASSERT_TRUE(append_picture(buffer, {}, {}, VideoCodec::H264, unit));
  const auto* const where = buffer.view().data();
  for (std::uint32_t i = 0; i < 100; ++i) {
    buffer.wipe();
    ASSERT_TRUE(append_picture(buffer, {.sequence = i}, {}, VideoCodec::H264, unit));
    ASSERT_EQ(buffer.view().data(), where);
  }
}

TEST(MediaSegment, LeavesOutTheParameterSetsOfItsCodecAlone) {
  const auto bytes_of = [](VideoCodec codec, const Buffer& nal) {
    codec::WipedBuffer buffer;
    return append_picture(buffer, {}, {}, codec, unit_of({nal})) ? find_box(buffer.view(), "mdat").size() : 0;
  };
  for (const Buffer& nal : {kSps, kPps}) EXPECT_EQ(bytes_of(VideoCodec::H264, nal), 0U);
  for (const Buffer& nal : {kSei, kIdr}) EXPECT_EQ(bytes_of(VideoCodec::H264, nal), 4 + nal.size());
  for (const std::uint8_t type : {32, 33, 34})
    EXPECT_EQ(bytes_of(VideoCodec::H265, {static_cast<std::uint8_t>(type << 1), 1}), 0U);
  for (const std::uint8_t type : {1, 19, 31, 35, 39})
    EXPECT_EQ(bytes_of(VideoCodec::H265, {static_cast<std::uint8_t>(type << 1), 1}), 6U);
}

}  // namespace
}  // namespace jalousie::mp4
