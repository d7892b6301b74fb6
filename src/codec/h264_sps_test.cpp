#include "codec/h264_sps.h"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "codec/h264_slice.h"

namespace jalousie::codec::h264 {
namespace {

struct Sample {
  std::string_view from;
  std::string_view hex;
  std::string_view profile;
  std::uint32_t width;
  std::uint32_t height;
  double fps;
  std::optional<bool> reorders;
};

// x264 core 164's were made for this table; cameras' come from the sprop-parameter-sets of published session
// descriptions. What they say was read with FFmpeg's trace_headers.
const std::vector<Sample> kSamples{
    {"x264 baseline", "6742c01ed900a02ff97011000003000100000300320f162e48", "42c01e", 640, 360, 25, false},
    {"x264 main", "674d401fd9005005bb011000000300100000030320f1832480", "4d401f", 1280, 720, 25, false},
    {"x264 main, 2 B-frames", "674d401feca02802dd8088000003000800000301e078c18cb0", "4d401f", 1280, 720, 30,
     true},
    {"x264 high, 1080p", "67640028acb200f0044fcb80880000030008000003019078c19240", "640028", 1920, 1080, 25,
     false},
    {"x264 high, B-frames", "6764002aacd940780227e5c044000003000400000301903c60c658", "64002a", 1920, 1080,
     50, true},
    {"x264 high 4:2:2", "677a001ebcb2016824d808800000030080000019078b1724", "7a001e", 720, 576, 25, false},
    {"x264 high 4:4:4", "67f400159196406c7f9fc044000003000400000300c83c58b920", "f40015", 426, 240, 25,
     false},
    {"x264 interlaced", "67640028acd94078044fde0220000003002000000643e2c5b2c0", "640028", 1920, 1080, 25,
     true},
    {"x264 with HRD", "67640032acd9402800b5b01100000300010000030028626000f424001e84e4c30078c18cb0", "640032",
     2560, 1440, 20, true},
    {"x264 cropped both ways", "67640020acb200ac0c3cde0220000003002000000303c1e30649", "640020", 1366, 768,
     15, false},
    {"camera, main, order type 2, 1080p", "674d002a9da81e0089f966e020202040", "4d002a", 1920, 1080, 0, false},
    {"camera by GStreamer, HRD, 1080p",
     "67640029ac34c80780227e5c05b808080a000007d0000186a1d0c00017d6a000005f5a6977971a180002fad400000beb4d2ef2e"
     "1bea0",
     "640029", 1920, 1080, 25, false},
    {"camera, interlaced", "67640029ac133140780447de03ea020203e000000300200000065280", "640029", 1920, 1080,
     25, std::nullopt},
    {"streaming server, main", "674d0029e2900a00b7602dc040406907891150", "4d0029", 1280, 720, 0, false},
    {"camera, reordering said", "67640029ac34e5014016e84001974ec04c4b4023c60c4580", "640029", 1280, 720,
     23.976, true},
    {"camera, baseline, zeros at the end", "6742c01e8c8d40a0f900f08846a0000000", "42c01e", 320, 240, 0,
     false},
    {"RFC 6184 section 8.2", "6742000a9653058988", "42000a", 176, 144, 0, false},
    {"QuickTime", "6742001e8d680a03d9", "42001e", 640, 480, 0, false},
};

Buffer from_hex(std::string_view text) { return decode_hex(text).value(); }

TEST(Sps, SaysWhatRealStreamsAre) {
  for (const Sample& sample : kSamples) {
    const auto sps = parse_sps(from_hex(sample.hex));
    ASSERT_TRUE(sps) << sample.from << ": " << sps.error().message();
    EXPECT_EQ(sps->profile_level_id(), sample.profile) << sample.from;
    EXPECT_EQ(sps->width, sample.width) << sample.from;
    EXPECT_EQ(sps->height, sample.height) << sample.from;
    if (sample.fps > 0) {
      EXPECT_NEAR(sps->frames_per_second(), sample.fps, 0.001) << sample.from;
    }
    EXPECT_EQ(sps->reorders(), sample.reorders) << sample.from;
  }
}

TEST(Sps, TruncatedAnywhereIsAnErrorOrTheSameSize) {
  for (const Sample& sample : kSamples) {
    const Buffer whole = from_hex(sample.hex);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto sps = parse_sps(ByteView(whole).first(size));
      if (!sps) continue;  // else the cut is in the VUI, which may be missing
      EXPECT_EQ(sps->width, sample.width) << sample.from << " cut to " << size;
      EXPECT_EQ(sps->height, sample.height) << sample.from << " cut to " << size;
    }
  }
}

TEST(Sps, ADamagedVuiLeavesTheRestUsable) {
  const Buffer whole = from_hex(kSamples[2].hex);
  const auto sps = parse_sps(ByteView(whole).first(14));  // inside the timing
  ASSERT_TRUE(sps);
  EXPECT_EQ(sps->width, 1280U);
  EXPECT_FALSE(sps->vui);
  EXPECT_EQ(sps->frames_per_second(), 0);
  EXPECT_EQ(sps->reorders(), std::nullopt);
}

TEST(Sps, RefusesWhatCannotBe) {
  EXPECT_FALSE(parse_sps({}));
  EXPECT_FALSE(parse_sps(from_hex("68ee3c80"))) << "a PPS";
  EXPECT_FALSE(parse_sps(Buffer(5000, 0x67))) << "longer than the limit";
  // The height of this one, from a published session description, is 14 million: the emulation prevention is
  // wrong.
  const auto huge = parse_sps(from_hex("67640028ac1b1a807800001b0000030064000059e800"));
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().kind(), ErrorKind::Unsupported);
}

TEST(Pps, GivesItsIds) {
  const auto first = parse_pps(from_hex("68ebe3cb22c0"));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->id, 0U);
  EXPECT_EQ(first->sps_id, 0U);
  const auto second = parse_pps(Buffer{0x68, 0b010'011'11});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->id, 1U);
  EXPECT_EQ(second->sps_id, 2U);
  EXPECT_FALSE(parse_pps(Buffer{0x68}));
  EXPECT_FALSE(parse_pps(Buffer{0x67, 0xFF}));
  EXPECT_FALSE(parse_pps(Buffer{0x68, 0x01})) << "ends inside the first id";
  EXPECT_FALSE(parse_pps(Buffer{0x68, 0x80, 0x80, 0x80})) << "an SPS id of 127 or more";
}

TEST(Slice, StartNeedsNoParameterSet) {
  const auto idr = parse_slice_start(Buffer{0x65, 0x88, 0x84, 0x00});  // ue 0, ue 7, ue 0
  ASSERT_TRUE(idr);
  EXPECT_EQ(idr->first_mb, 0U);
  EXPECT_EQ(idr->type, SliceType::I);
  EXPECT_EQ(idr->pps_id, 0U);
  const auto b = parse_slice_start(Buffer{0x01, 0b010'010'01, 0b1'0000000});
  ASSERT_TRUE(b);
  EXPECT_EQ(b->first_mb, 1U);
  EXPECT_EQ(b->type, SliceType::B);
  EXPECT_EQ(b->pps_id, 2U);
  EXPECT_FALSE(parse_slice_start({}));
  EXPECT_FALSE(parse_slice_start(Buffer{0x65}));
  EXPECT_FALSE(parse_slice_start(Buffer{0x67, 0x88, 0x84}));
  EXPECT_FALSE(parse_slice_start(Buffer{0x65, 0b1'0001011, 0x80})) << "slice type 10";
}

TEST(Slice, HeaderByTheSps) {
  Sps sps;
  sps.frame_num_bits = 4;
  sps.pic_order_cnt_lsb_bits = 6;
  const Buffer idr{0x65, 0b1'0001000, 0b1'0000'011,
                   0b000110'00};  // first_mb, type 7, PPS 0; 0; idr_pic_id 2; lsb 6
  const auto header = parse_slice_header(idr, sps);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->type, SliceType::I);
  EXPECT_EQ(header->frame_num, 0U);
  EXPECT_EQ(header->idr_pic_id, 2U);
  EXPECT_EQ(header->pic_order_cnt_lsb, 6U);
  EXPECT_FALSE(parse_slice_header(ByteView(idr).first(3), sps));

  sps.frames_only = false;
  const Buffer field{0x41, 0b1'1'1'0101'1,
                     0b1'000011'0};  // first_mb 0, type 0, PPS 0, frame_num 5, field, bottom, lsb 3
  const auto bottom = parse_slice_header(field, sps);
  ASSERT_TRUE(bottom);
  EXPECT_EQ(bottom->frame_num, 5U);
  EXPECT_TRUE(bottom->is_field);
  EXPECT_TRUE(bottom->is_bottom_field);
  EXPECT_EQ(bottom->pic_order_cnt_lsb, 3U);
}

}  // namespace
}  // namespace jalousie::codec::h264
