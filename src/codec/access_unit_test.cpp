#include "codec/access_unit.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "codec/annex_b.h"
#include "codec/parameter_sets.h"
#include "codec/video_format.h"

namespace jalousie::codec {
namespace {

const Buffer kSps = *decode_hex("6742c01ed900a02ff97011000003000100000300320f162e48");
const Buffer kOtherSps = *decode_hex("674d401fd9005005bb011000000300100000030320f1832480");
const Buffer kPps{0x68, 0xCB, 0x8C, 0xB2};
const Buffer kIdr{0x65, 0x88, 0x84, 0x01, 0x02};
const Buffer kSecondSlice{0x65, 0x42, 0x22, 0x33};  // first_mb 1
const Buffer kP{0x41, 0x9A, 0x11};
const Buffer kDisposableB{0x01, 0x9E, 0x22};  // slice type 6, nal_ref_idc 0
const Buffer kSei{0x06, 0x05, 0x01, 0xAA, 0x80};

Buffer unit_of(const std::vector<Buffer>& nals) {
  AccessUnitWriter writer;
  for (const Buffer& nal : nals) EXPECT_TRUE(writer.append(nal));
  return Buffer(writer.view().begin(), writer.view().end());
}

std::vector<Buffer> nals_of(ByteView unit) {
  std::vector<Buffer> nals;
  for (const ByteView nal : NalUnits(unit)) nals.emplace_back(nal.begin(), nal.end());
  return nals;
}

TEST(AccessUnit, IsLengthAndNalUnitInTurn) {
  const Buffer unit = unit_of({{0x65, 0xAA}, {0x06}});
  EXPECT_EQ(unit, (Buffer{0, 0, 0, 2, 0x65, 0xAA, 0, 0, 0, 1, 0x06}));
  EXPECT_EQ(nals_of(unit), (std::vector<Buffer>{{0x65, 0xAA}, {0x06}}));
  EXPECT_TRUE(check_access_unit(unit));
  EXPECT_TRUE(nals_of({}).empty());
}

TEST(AccessUnit, EveryTruncationEndsEarlyAndIsRefused) {
  const Buffer unit = unit_of({kSps, kPps, kIdr});
  for (std::size_t size = 0; size <= unit.size(); ++size) {
    const ByteView cut = ByteView(unit).first(size);
    EXPECT_LE(nals_of(cut).size(), 3U);
    const bool at_a_border =
        size == 0 || size == 4 + kSps.size() || size == 8 + kSps.size() + kPps.size() || size == unit.size();
    EXPECT_EQ(check_access_unit(cut).has_value(), at_a_border) << size;
  }
  EXPECT_FALSE(check_access_unit(Buffer{0, 0, 0, 0}));
  EXPECT_FALSE(check_access_unit(Buffer{0xFF, 0xFF, 0xFF, 0xFF, 1, 2}));
  EXPECT_TRUE(nals_of(Buffer{0xFF, 0xFF, 0xFF, 0xFF, 1, 2}).empty());
}

TEST(AccessUnitWriter, FragmentsMakeTheSameAsTheWhole) {
  AccessUnitWriter writer;
  ASSERT_TRUE(writer.append(kSps));
  ASSERT_TRUE(writer.begin(kIdr[0]));
  for (std::size_t i = 1; i < kIdr.size(); ++i) ASSERT_TRUE(writer.extend(ByteView(kIdr).subspan(i, 1)));
  EXPECT_TRUE(writer.is_open());
  EXPECT_EQ(Buffer(writer.open_nal().begin(), writer.open_nal().end()), kIdr);
  writer.end();
  EXPECT_EQ(Buffer(writer.view().begin(), writer.view().end()), unit_of({kSps, kIdr}));
  EXPECT_EQ(writer.nal_units(), 2U);

  ASSERT_TRUE(writer.begin(0x41));
  writer.abandon();
  EXPECT_EQ(Buffer(writer.view().begin(), writer.view().end()), unit_of({kSps, kIdr}));
  writer.clear();
  EXPECT_TRUE(writer.empty());
}

TEST(AccessUnitWriter, LeavesZerosAtTheEndOut) {
  EXPECT_EQ(unit_of({{0x67, 1, 2, 0, 0, 0}, {}}), unit_of({{0x67, 1, 2}}));
}

TEST(AccessUnitWriter, HoldsItsLimits) {
  AccessUnitWriter writer;
  for (std::size_t i = 0; i < limits::kNalUnitsPerAccessUnit; ++i) ASSERT_TRUE(writer.append(kP));
  const auto one_more = writer.append(kP);
  ASSERT_FALSE(one_more);
  EXPECT_EQ(one_more.error().kind(), ErrorKind::ResourceExhausted);
  EXPECT_TRUE(check_access_unit(writer.view()));

  writer.clear();
  ASSERT_TRUE(writer.append(kSps));
  const Buffer megabyte(std::size_t{1} << 20, 0x55);
  ASSERT_TRUE(writer.begin(0x65));
  Result<> extended;
  int megabytes = 0;
  while ((extended = writer.extend(megabyte))) ++megabytes;
  EXPECT_EQ(megabytes, 7);
  EXPECT_EQ(Buffer(writer.view().begin(), writer.view().end()), unit_of({kSps}))
      << "only what was whole is left";
}

TEST(AccessUnit, SaysWhatItIs) {
  using namespace h264;
  EXPECT_TRUE(is_key_frame(unit_of({kSei, kIdr})));
  EXPECT_FALSE(is_key_frame(unit_of({kSps, kPps, kP})));
  EXPECT_TRUE(has_parameter_sets(unit_of({kSps, kPps, kIdr})));
  EXPECT_FALSE(has_parameter_sets(unit_of({kSps, kIdr})));
  EXPECT_FALSE(has_parameter_sets(unit_of({kPps, kIdr})));
  EXPECT_TRUE(is_disposable(unit_of({kSei, kDisposableB})));
  EXPECT_FALSE(is_disposable(unit_of({kDisposableB, kP})));
  EXPECT_FALSE(is_disposable(unit_of({kSei})));
  EXPECT_TRUE(has_b_slices(unit_of({kSei, kDisposableB})));
  EXPECT_FALSE(has_b_slices(unit_of({kSps, kPps, kIdr, kP})));
}

TEST(AccessUnit, WithParameterSetsBeginsWithThemAndHasNoOthers) {
  EXPECT_EQ(h264::with_parameter_sets(unit_of({kSei, kIdr}), kSps, kPps), unit_of({kSps, kPps, kSei, kIdr}));
  EXPECT_EQ(h264::with_parameter_sets(unit_of({kSei, kOtherSps, kPps, kIdr, kSecondSlice}), kSps, kPps),
            unit_of({kSps, kPps, kSei, kIdr, kSecondSlice}));
}

TEST(VideoFormat, ComesFromTheSps) {
  const auto format = h264::video_format(unit_of({kSps, kPps, kIdr}));
  ASSERT_TRUE(format);
  EXPECT_EQ(*format, (VideoFormat{VideoCodec::H264, "42c01e", 640, 360, 25, false}));
  EXPECT_EQ(to_string(format->codec), "H264");
  const auto none = h264::video_format(unit_of({kP}));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind(), ErrorKind::NotFound);
}

TEST(AnnexB, SplitsAtStartCodesOfEitherLength) {
  const Buffer stream{0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 2, 0, 0, 3, 1, 0, 0, 0, 0, 1, 0x65, 9, 0, 0};
  AnnexBNals nals(stream);
  EXPECT_EQ(as_text(nals.next().value()), as_text(Buffer{0x67, 1}));
  EXPECT_EQ(as_text(nals.next().value()), as_text(Buffer{0x68, 2, 0, 0, 3, 1}));
  EXPECT_EQ(as_text(nals.next().value()), as_text(Buffer{0x65, 9}));
  EXPECT_FALSE(nals.next());
  AnnexBNals bare(kIdr);
  EXPECT_EQ(as_text(bare.next().value()), as_text(kIdr));
  EXPECT_FALSE(AnnexBNals(Buffer{0, 0, 1, 0, 0, 0, 1}).next());
}

TEST(AnnexB, GroupsAccessUnits) {
  Buffer stream;
  const Buffer delimiter{0x09, 0x10};
  for (const Buffer& nal :
       {delimiter, kSps, kPps, kSei, kIdr, kSecondSlice, delimiter, kP, kP, kSei, kDisposableB}) {
    stream.insert(stream.end(), {0, 0, 0, 1});
    stream.insert(stream.end(), nal.begin(), nal.end());
  }
  h264::AnnexBUnits units(stream);
  const std::vector<std::vector<Buffer>> expected{
      {kSps, kPps, kSei, kIdr, kSecondSlice}, {kP}, {kP}, {kSei, kDisposableB}, {}};
  for (const auto& nals : expected) {
    const auto unit = units.next();
    ASSERT_TRUE(unit);
    EXPECT_EQ(nals_of(*unit), nals);
  }
}

TEST(ParameterSets, LaterOnesReplaceEarlierOnesOfTheSameId) {
  h264::ParameterSets sets;
  EXPECT_FALSE(sets.complete());
  ASSERT_TRUE(sets.store(kPps));
  EXPECT_FALSE(sets.complete());
  EXPECT_FALSE(sets.for_slice(0));
  ASSERT_TRUE(sets.store(kSps));
  EXPECT_TRUE(sets.complete());
  EXPECT_EQ(sets.for_slice(0)->sps->width, 640U);
  ASSERT_TRUE(sets.store(kOtherSps));
  EXPECT_EQ(sets.for_slice(0)->sps->width, 1280U);
  EXPECT_EQ(as_text(sets.for_slice(0)->sps_nal), as_text(kOtherSps));
  const Buffer second_pps{0x68, 0b010'1'1111};  // id 1, SPS 0
  ASSERT_TRUE(sets.store(second_pps));
  ASSERT_EQ(sets.for_slice(1)->pps_nals.size(), 2U);
  EXPECT_EQ(as_text(sets.for_slice(1)->pps_nals[1]), as_text(second_pps));
  EXPECT_FALSE(sets.for_slice(2));
  EXPECT_FALSE(sets.store(Buffer{0x67, 1}));
  EXPECT_TRUE(sets.complete()) << "a damaged one changes nothing";
  sets.clear();
  EXPECT_FALSE(sets.complete());
}

TEST(ParameterSets, KeepAFewOnly) {
  h264::ParameterSets sets;
  ASSERT_TRUE(sets.store(kSps));
  // PPS ids 0, 1, 3, 7, ... 127 with one, two, four, ... wide codes, then their neighbours: more than are
  // kept.
  std::size_t stored = 0;
  for (std::uint32_t id = 0; id < 127; ++id) {
    Buffer pps{0x68, 0, 0, 0};
    unsigned width = 0;
    while ((id + 1) >> (width + 1) != 0) ++width;
    const std::uint32_t bits = ((id + 1) << 1 | 1) << (23 - 2 * width - 1);  // id, then SPS id 0
    ByteWriter(MutableBytes(pps).subspan(1)).u24(bits << 0 | 1);
    ASSERT_TRUE(sets.store(pps)) << id;
    ++stored;
  }
  EXPECT_EQ(stored, 127U);
  EXPECT_FALSE(sets.for_slice(0)) << "the oldest made room";
  ASSERT_TRUE(sets.for_slice(126));
  EXPECT_EQ(sets.for_slice(126)->pps_nals.size(), limits::kPpsPerStream);
}

TEST(ParameterSets, FromSdp) {
  const auto sets = parse_sprop_parameter_sets("Z2QAKawTMUB4BEfeA+oCAgPgAAADACAAAAZSgA==,aPqPLA==,aF6jzAMA");
  ASSERT_TRUE(sets);
  ASSERT_EQ(sets->size(), 3U);
  EXPECT_EQ((*sets)[1], (Buffer{0x68, 0xFA, 0x8F, 0x2C}));
  EXPECT_EQ((*sets)[2], (Buffer{0x68, 0x5E, 0xA3, 0xCC, 0x03})) << "without the zero at its end";
  EXPECT_TRUE(parse_sprop_parameter_sets("")->empty());
  EXPECT_EQ(parse_sprop_parameter_sets("aO48gA==,,")->size(), 1U) << "commas too many";
  EXPECT_EQ(parse_sprop_parameter_sets("AAAAAWjuPIA=")->front(), (Buffer{0x68, 0xEE, 0x3C, 0x80}))
      << "start code";
  EXPECT_FALSE(parse_sprop_parameter_sets("%%%"));
  std::string many;
  for (int i = 0; i < 100; ++i) many += "aO48gA==,";
  EXPECT_FALSE(parse_sprop_parameter_sets(many));
}

TEST(WipedBuffer, GrowsKeepsAndMoves) {
  WipedBuffer buffer;
  buffer.append(kIdr);
  std::mt19937 random(1);
  Buffer expected = kIdr;
  for (int i = 0; i < 1000; ++i) {
    const Buffer more(random() % 50, static_cast<std::uint8_t>(random()));
    buffer.append(more);
    expected.insert(expected.end(), more.begin(), more.end());
  }
  EXPECT_EQ(as_text(buffer.view()), as_text(expected));
  const std::uint8_t* const memory = buffer.view().data();
  WipedBuffer moved(std::move(buffer));
  EXPECT_EQ(moved.view().data(), memory);
  const std::size_t size = moved.size();
  moved.wipe();
  EXPECT_TRUE(moved.empty());
  const MutableBytes again = moved.extend(size);
  EXPECT_EQ(again.data(), memory) << "the memory is kept";
  EXPECT_TRUE(std::ranges::all_of(again, [](std::uint8_t byte) { return byte == 0; }));
}

}  // namespace
}  // namespace jalousie::codec
