#include "mp4/init_segment.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "codec/access_unit.h"
#include "mp4/boxes_for_test.h"

namespace jalousie::mp4 {
namespace {

using codec::VideoCodec;

// x264, 640x360, High profile at level 3.
const Buffer kSps = *decode_hex("6764001eacd940a02ff970110000030001000003003c8f162d96");
const Buffer kPps = *decode_hex("68ebe3cb22c0");
const Buffer kIdr{0x65, 0x88, 0x84, 0x01};

Buffer unit_of(const std::vector<Buffer>& nals) {
  codec::AccessUnitWriter writer;
  for (const Buffer& nal : nals) EXPECT_TRUE(writer.append(nal));
  return Buffer(writer.view().begin(), writer.view().end());
}

Avc avc() { return std::get<Avc>(video_entry(VideoCodec::H264, unit_of({kSps, kPps, kIdr})).value()); }

Hevc hevc() {
  return {.vps = {{0x40, 1}},
          .sps = {{0x42, 1, 7}},
          .pps = {{0x44, 1}},
          .width = 1920,
          .height = 1080,
          .compatibility_flags = 0x60000000,
          .constraint_flags = 0xB00000000000,
          .level_idc = 93};
}

Buffer segment_of(std::vector<Track> tracks) { return init_segment(tracks).value(); }

TEST(Avc, IsTakenFromAKeyFrame) {
  const Avc taken = avc();
  EXPECT_EQ(taken.sps, kSps);
  EXPECT_EQ(taken.pps, std::vector<Buffer>(1, kPps));
  EXPECT_EQ(taken.width, 640U);
  EXPECT_EQ(taken.height, 360U);
  EXPECT_EQ(taken.bit_depth_luma, 8);
  EXPECT_EQ(video_entry(VideoCodec::Jpeg, unit_of({kIdr})).error().kind(), ErrorKind::Unsupported);
  EXPECT_EQ(video_entry(VideoCodec::H265, unit_of({kSps, kPps, kIdr})).error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(video_entry(VideoCodec::H264, unit_of({kIdr})).error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(video_entry(VideoCodec::H264, unit_of({kSps, kIdr})).error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(video_entry(VideoCodec::H264, unit_of({{0x67, 1}, kPps})).error().kind(),
            ErrorKind::InvalidArgument);
}

TEST(CodecName, IsWhatPlayersAsk) {
  EXPECT_EQ(codec_name(avc()), "avc1.64001e");
  EXPECT_EQ(codec_name(hevc()), "hvc1.1.6.L93.B0");  // the example of ISO/IEC 14496-15 annex E
  Hevc high = hevc();
  high.profile_space = 1;
  high.profile_idc = 4;
  high.high_tier = true;
  high.constraint_flags = 0x900000000080;
  EXPECT_EQ(codec_name(high), "hvc1.A4.6.H93.90.0.0.0.0.80");
  EXPECT_EQ(codec_name(Aac{{0x12, 0x10}, 44'100, 2}), "mp4a.40.2");
  EXPECT_EQ(codec_name(Aac{{0xF8, 0xE8}, 44'100, 2}), "mp4a.40.39");
  EXPECT_EQ(codec_names(std::vector<Track>{{.entry = avc()}, {.id = 2, .entry = Opus{}}}),
            "avc1.64001e,opus");
}

TEST(InitSegment, HasTheBoxesOfAFileWithoutSamples) {
  const std::string media = "dinf[dref] stbl[stsd stts stsc stco stsz]]]]";
  EXPECT_EQ(outline(segment_of({{.entry = avc()}})),
            "ftyp moov[mvhd trak[tkhd mdia[mdhd hdlr minf[vmhd " + media + " mvex[trex]]");
  EXPECT_EQ(outline(segment_of({{.entry = avc()}, {.id = 2, .timescale = 48'000, .entry = Opus{}}})),
            "ftyp moov[mvhd trak[tkhd mdia[mdhd hdlr minf[vmhd " + media +
                " trak[tkhd mdia[mdhd hdlr minf[smhd " + media + " mvex[trex trex]]");
}

TEST(InitSegment, SaysSizeTimescaleAndParameterSets) {
  const Buffer segment = segment_of({{.id = 7, .entry = avc()}});
  ByteReader tkhd(find_box(segment, "moov/trak/tkhd"));
  tkhd.skip(12);
  EXPECT_EQ(tkhd.u32(), 7U);
  tkhd.skip(84 - 16 - 8);
  EXPECT_EQ(tkhd.u32(), 640U << 16);
  EXPECT_EQ(tkhd.u32(), 360U << 16);
  EXPECT_EQ(tkhd.remaining(), 0U);
  ByteReader mdhd(find_box(segment, "moov/trak/mdia/mdhd"));
  mdhd.skip(12);
  EXPECT_EQ(mdhd.u32(), 90'000U);

  const ByteView stsd = find_box(segment, "moov/trak/mdia/minf/stbl/stsd");
  const auto entries = boxes_in(stsd.subspan(8));
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].type, "avc1");
  const auto inside = boxes_in(entries[0].content.subspan(78));
  ASSERT_EQ(inside.size(), 1U);
  EXPECT_EQ(inside[0].type, "avcC");
  EXPECT_EQ(encode_hex(inside[0].content),
            "0164001effe1001a" + encode_hex(kSps) + "010006" + encode_hex(kPps) + "fdf8f800");
}

TEST(InitSegment, LeavesOutWhatBaselineDoesNotHave) {
  Avc baseline = avc();
  baseline.sps[1] = 66;
  const Buffer segment = segment_of({{.entry = baseline}});
  const auto entries = boxes_in(find_box(segment, "moov/trak/mdia/minf/stbl/stsd").subspan(8));
  const auto inside = boxes_in(entries[0].content.subspan(78));
  EXPECT_TRUE(encode_hex(inside[0].content).ends_with(encode_hex(kPps)));
}

TEST(InitSegment, RefusesWhatItHasNoRoomFor) {
  Avc long_one = avc();
  long_one.sps.resize(limits::kParameterSetBytes + 1);
  Avc short_one = avc();
  short_one.sps.resize(3);
  Avc many = avc();
  many.pps.resize(32, kPps);
  Hevc empty = hevc();
  empty.vps.push_back({});
  const std::vector<SampleEntry> entries{
      long_one, short_one, many, empty, Aac{Buffer(65), 48'000, 2}, Opus{.channels = 6}};
  for (const SampleEntry& entry : entries)
    EXPECT_EQ(init_segment(std::vector<Track>{{.entry = entry}}).error().kind(), ErrorKind::InvalidArgument);
}

}  // namespace
}  // namespace jalousie::mp4
