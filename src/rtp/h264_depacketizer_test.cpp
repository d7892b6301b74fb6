#include "rtp/h264_depacketizer.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "codec/h264_nal.h"
#include "rtp/h264_packetizer.h"

namespace jalousie::rtp {
namespace {

using codec::AccessUnitWriter;
using codec::NalUnits;

const Buffer kSps = *decode_hex("6742c01ed900a02ff97011000003000100000300320f162e48");       // 640x360
const Buffer kOtherSps = *decode_hex("674d401fd9005005bb011000000300100000030320f1832480");  // 1280x720
const Buffer kPps{0x68, 0xCB, 0x8C, 0xB2};
const Buffer kSei{0x06, 0x05, 0x01, 0xAA, 0x80};
const Buffer kDelimiter{0x09, 0x10};
const Buffer kIdr{0x65, 0x88, 0x84, 0x21, 0x7F, 0x11, 0x22};
const Buffer kIdrSecond{0x65, 0x42, 0x3F, 0x33, 0x7F};  // first_mb 1
const Buffer kP{0x41, 0x9A, 0x44, 0x55};
const Buffer kPSecond{0x41, 0x46, 0x99, 0x66};  // first_mb 1
const Buffer kDisposable{0x01, 0x9A, 0x77};
const std::string kSprop = encode_base64(kSps) + "," + encode_base64(kPps);

Buffer unit_of(const std::vector<Buffer>& nals) {
  AccessUnitWriter writer;
  for (const Buffer& nal : nals) EXPECT_TRUE(writer.append(nal));
  return Buffer(writer.view().begin(), writer.view().end());
}

struct Unit {
  Buffer payload;
  std::int64_t timestamp;
  bool key;
  bool disposable;
  bool gap;
};

/// Sends to a depacketizer as a camera would, and keeps what comes out.
class Camera {
 public:
  H264Depacketizer depacketizer;
  std::vector<Unit> units;
  std::uint16_t sequence = 65'530;  // wraps soon
  std::uint32_t timestamp = 1000;
  std::uint32_t ssrc = 7;

  Result<> send(ByteView payload, bool marker = false) {
    PacketView packet;
    packet.marker = marker;
    packet.sequence = sequence++;
    packet.timestamp = timestamp;
    packet.ssrc = ssrc;
    packet.payload = payload;
    auto result = depacketizer.push(packet);
    while (const auto unit = depacketizer.pull()) {
      units.push_back({Buffer(unit->payload.begin(), unit->payload.end()), unit->timestamp,
                       unit->is_key_frame, unit->is_disposable, unit->gap_before});
    }
    return result;
  }
  void lose() { ++sequence; }
  /// The next picture, of these NAL units, a packet each, the marker on the last.
  void picture(const std::vector<Buffer>& nals) {
    timestamp += 3600;
    for (const Buffer& nal : nals) ASSERT_TRUE(send(nal, &nal == &nals.back()));
  }
  Result<> fragment(const Buffer& nal, std::size_t from, std::size_t bytes, bool marker = false,
                    int end = -1) {
    Buffer payload{static_cast<std::uint8_t>((nal[0] & 0xE0) | 28), static_cast<std::uint8_t>(nal[0] & 0x1F)};
    if (from == 1) payload[1] |= 0x80;
    if (end == 1 || (end < 0 && from + bytes == nal.size())) payload[1] |= 0x40;
    payload.insert(payload.end(), nal.begin() + static_cast<std::ptrdiff_t>(from),
                   nal.begin() + static_cast<std::ptrdiff_t>(from + bytes));
    return send(payload, marker);
  }
  std::vector<Buffer> payloads() const {
    std::vector<Buffer> all;
    all.reserve(units.size());
    for (const Unit& unit : units) all.push_back(unit.payload);
    return all;
  }
};

const Buffer kKeyUnit = unit_of({kSps, kPps, kIdr});
const Buffer kPUnit = unit_of({kP});

TEST(H264Depacketizer, OnePacketEach) {
  Camera camera;
  camera.picture({kSps, kPps, kSei, kIdr});
  camera.picture({kP});
  camera.picture({kDisposable});
  camera.picture({kP});
  ASSERT_EQ(camera.payloads(),
            (std::vector<Buffer>{unit_of({kSps, kPps, kSei, kIdr}), kPUnit, unit_of({kDisposable}), kPUnit}));
  EXPECT_TRUE(camera.units[0].key);
  EXPECT_FALSE(camera.units[1].key);
  EXPECT_FALSE(camera.units[1].disposable);
  EXPECT_TRUE(camera.units[2].disposable);
  for (std::size_t i = 0; i < camera.units.size(); ++i) {
    EXPECT_EQ(camera.units[i].timestamp, 1000 + 3600 * static_cast<std::int64_t>(i + 1));
    EXPECT_FALSE(camera.units[i].gap);
  }
  EXPECT_EQ(camera.depacketizer.format(),
            (codec::VideoFormat{codec::VideoCodec::H264, "42c01e", 640, 360, 25, false}));
  EXPECT_FALSE(camera.depacketizer.waiting_for_key_frame());
}

// Once a marker has been where it belongs, a unit goes out with its own last packet.
TEST(H264Depacketizer, TrustsTheMarkerFromTheSecondPictureOn) {
  Camera camera;
  camera.picture({kSps, kPps, kIdr});
  EXPECT_TRUE(camera.units.empty());
  camera.picture({kP});
  EXPECT_EQ(camera.units.size(), 2U);
  camera.picture({kP});
  EXPECT_EQ(camera.units.size(), 3U);
}

TEST(H264Depacketizer, StapAAndFuA) {
  Camera camera;
  Buffer aggregate{0x78};
  for (const Buffer& nal : {kDelimiter, kSps, kPps, kSei}) {
    aggregate.insert(aggregate.end(), {0, static_cast<std::uint8_t>(nal.size())});
    aggregate.insert(aggregate.end(), nal.begin(), nal.end());
  }
  ASSERT_TRUE(camera.send(aggregate));
  ASSERT_TRUE(camera.fragment(kIdr, 1, 3));
  ASSERT_TRUE(camera.fragment(kIdr, 4, 2));
  ASSERT_TRUE(camera.fragment(kIdr, 6, 1, true));
  camera.picture({kP});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{unit_of({kSps, kPps, kSei, kIdr}), kPUnit}));
}

TEST(H264Depacketizer, MissingMarkersEndWithTheTimestamp) {
  Camera camera;
  for (int i = 0; i < 5; ++i) {
    camera.timestamp += 3600;
    if (i == 0) {
      ASSERT_TRUE(camera.send(kSps));
      ASSERT_TRUE(camera.send(kPps));
    }
    ASSERT_TRUE(camera.send(i == 0 ? kIdr : kP));
    ASSERT_TRUE(camera.send(i == 0 ? kIdrSecond : kPSecond));
  }
  const Buffer two_slices = unit_of({kP, kPSecond});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{unit_of({kSps, kPps, kIdr, kIdrSecond}), two_slices,
                                                    two_slices, two_slices}));
}

TEST(H264Depacketizer, MarkerOnEachNalUnitDoesNotCutPictures) {
  Camera camera;
  for (int i = 0; i < 4; ++i) {
    camera.timestamp += 3600;
    if (i == 0) {
      ASSERT_TRUE(camera.send(kSps, true));
      ASSERT_TRUE(camera.send(kPps, true));
    }
    ASSERT_TRUE(camera.send(i == 0 ? kIdr : kP, true));
    ASSERT_TRUE(camera.send(i == 0 ? kIdrSecond : kPSecond, true));
  }
  const Buffer two_slices = unit_of({kP, kPSecond});
  EXPECT_EQ(camera.payloads(),
            (std::vector<Buffer>{unit_of({kSps, kPps, kIdr, kIdrSecond}), two_slices, two_slices}));
}

TEST(H264Depacketizer, MarkerOnEachNalUnitIsNoticedLater) {
  Camera camera;
  camera.picture({kSps, kPps, kIdr});
  camera.picture({kP});
  camera.timestamp += 3600;  // from here on pictures have two slices and two markers
  ASSERT_TRUE(camera.send(kP, true));
  EXPECT_FALSE(camera.send(kPSecond, true)) << "the first slice went out alone: a hole";
  EXPECT_TRUE(camera.depacketizer.waiting_for_key_frame());
  const std::size_t before = camera.units.size();
  camera.timestamp += 3600;
  for (const Buffer& nal : {kSps, kPps, kIdr, kIdrSecond}) ASSERT_TRUE(camera.send(nal, true));
  camera.picture({kP});
  ASSERT_EQ(camera.units.size(), before + 1);
  EXPECT_EQ(camera.units.back().payload, unit_of({kSps, kPps, kIdr, kIdrSecond}));
  EXPECT_TRUE(camera.units.back().gap);
}

TEST(H264Depacketizer, ParameterSetsAsUnitsOfTheirOwn) {
  for (const std::uint32_t ahead : {0U, 1U, 3600U}) {  // with the picture's timestamp, or another
    Camera camera;
    for (int gop = 0; gop < 2; ++gop) {
      camera.timestamp += 3600 - ahead;
      ASSERT_TRUE(camera.send(kSps, true));
      ASSERT_TRUE(camera.send(kPps, true));
      camera.timestamp += ahead;
      ASSERT_TRUE(camera.send(kSei, true));
      ASSERT_TRUE(camera.send(kIdr, true));
      camera.picture({kP});
    }
    const Buffer key = unit_of({kSps, kPps, kSei, kIdr});
    EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{key, kPUnit, key, kPUnit})) << ahead;
  }
}

// Reolink: SPS and PPS come with the timestamp of the picture before, which has no marker.
TEST(H264Depacketizer, ParameterSetsWithThePreviousPicturesTimestamp) {
  Camera camera;
  camera.picture({kSps, kPps, kIdr});
  camera.timestamp += 3600;
  ASSERT_TRUE(camera.send(kP));
  ASSERT_TRUE(camera.send(kOtherSps));
  ASSERT_TRUE(camera.send(kPps));
  camera.timestamp += 3600;
  ASSERT_TRUE(camera.send(kIdr, true));
  camera.picture({kP});
  EXPECT_EQ(camera.payloads(),
            (std::vector<Buffer>{kKeyUnit, kPUnit, unit_of({kOtherSps, kPps, kIdr}), kPUnit}));
  EXPECT_EQ(camera.depacketizer.format()->width, 1280U);
}

TEST(H264Depacketizer, ParameterSetsFromSdpOnly) {
  Camera camera;
  ASSERT_TRUE(camera.depacketizer.set_parameter_sets(kSprop));
  camera.picture({kIdr});
  camera.picture({kP});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, kPUnit}));
}

TEST(H264Depacketizer, ParameterSetsOfTheStreamReplaceThoseOfTheSdp) {
  Camera camera;
  ASSERT_TRUE(camera.depacketizer.set_parameter_sets(kSprop));
  camera.picture({kOtherSps, kPps, kIdr});
  camera.picture({kIdr});
  camera.picture({kSps, kIdr});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{unit_of({kOtherSps, kPps, kIdr}),
                                                    unit_of({kOtherSps, kPps, kIdr}), kKeyUnit}));
  EXPECT_EQ(camera.depacketizer.format()->width, 640U);
}

TEST(H264Depacketizer, DamagedSdpSetsLeaveTheGoodOnes) {
  Camera camera;
  EXPECT_FALSE(camera.depacketizer.set_parameter_sets("Z0I=," + kSprop));
  camera.picture({kIdr});
  camera.picture({kP});
  EXPECT_EQ(camera.payloads().front(), kKeyUnit);
  EXPECT_FALSE(camera.depacketizer.set_parameter_sets("%"));
}

TEST(H264Depacketizer, WithoutParameterSetsNothingIsPassedOn) {
  Camera camera;
  camera.picture({kIdr});
  camera.picture({kP});
  camera.picture({kPps, kIdr});
  camera.picture({kP});
  EXPECT_TRUE(camera.units.empty());
  EXPECT_TRUE(camera.depacketizer.waiting_for_key_frame());
  EXPECT_EQ(camera.depacketizer.stats().key_frames_without_sets, 2U);
  camera.picture({kSps, kIdr});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit}));
  EXPECT_FALSE(camera.units[0].gap) << "nothing was passed on before";
}

TEST(H264Depacketizer, AKeyFrameWhosePpsIsUnknownEndsTheGop) {
  Camera camera;
  camera.picture({kSps, kPps, kIdr});
  camera.picture({kP});
  camera.picture({{0x65, 0b1'0001000, 0b010'10000, 0x55}});  // PPS 1
  camera.picture({kP});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, kPUnit}));
  camera.picture({kIdr});
  ASSERT_EQ(camera.units.size(), 3U);
  EXPECT_TRUE(camera.units[2].gap);
}

TEST(H264Depacketizer, ADamagedSpsTakesTheOldOneOutOfForce) {
  Camera camera;
  ASSERT_TRUE(camera.depacketizer.set_parameter_sets(kSprop));
  camera.picture({kIdr});
  camera.picture({kP});
  EXPECT_FALSE(camera.send(ByteView(kOtherSps).first(8)));
  camera.picture({kIdr});
  camera.picture({kPps, kIdr});
  EXPECT_EQ(camera.units.size(), 2U);
  camera.picture({kOtherSps, kIdr});
  ASSERT_EQ(camera.units.size(), 3U);
  EXPECT_EQ(camera.units[2].payload, unit_of({kOtherSps, kPps, kIdr}));
}

TEST(H264Depacketizer, ChangedPpsBetweenKeyFramesStaysInItsUnit) {
  Camera camera;
  camera.picture({kSps, kPps, kIdr});
  camera.picture({kPps, kP});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, unit_of({kPps, kP})}));
  EXPECT_FALSE(camera.units[1].key);
}

TEST(H264Depacketizer, AGopWithAHoleIsNotPassedOn) {
  Camera camera;
  camera.picture({kSps, kPps, kIdr});
  camera.picture({kP});
  camera.lose();
  camera.picture({kP});
  EXPECT_TRUE(camera.depacketizer.waiting_for_key_frame());
  camera.picture({kP});
  camera.picture({kSps, kPps, kIdr});
  camera.picture({kP});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, kPUnit, kKeyUnit, kPUnit}));
  EXPECT_TRUE(camera.units[2].gap);
  EXPECT_FALSE(camera.units[3].gap);
  EXPECT_EQ(camera.depacketizer.stats().gaps, 1U);
  EXPECT_EQ(camera.depacketizer.stats().lost_packets, 1U);
  EXPECT_EQ(camera.depacketizer.stats().dropped_units, 2U);
}

TEST(H264Depacketizer, EachLostFragmentDropsTheUnit) {
  for (int lost = 0; lost < 3; ++lost) {
    Camera camera;
    camera.picture({kSps, kPps, kIdr});
    camera.picture({kP});
    camera.timestamp += 3600;
    for (int i = 0; i < 3; ++i) {
      if (i == lost) {
        camera.lose();
      } else {
        ASSERT_TRUE(camera.fragment(kP, static_cast<std::size_t>(i) + 1, 1, i == 2)) << lost << i;
      }
    }
    camera.picture({kP});
    EXPECT_EQ(camera.units.size(), 2U) << lost;
    camera.picture({kSps, kPps, kIdr});
    EXPECT_EQ(camera.units.size(), 3U) << lost;
  }
}

// The lost packet may have held new parameter sets: with the old ones, the key frame would be noise.
TEST(H264Depacketizer, AKeyFrameWhoseParameterSetsMayBeLostIsNotPassedOn) {
  Camera camera;
  camera.picture({kSps, kPps, kIdr});
  camera.picture({kP});
  camera.timestamp += 3600;
  camera.lose();  // another SPS
  ASSERT_TRUE(camera.send(kIdr, true));
  camera.picture({kP});
  EXPECT_EQ(camera.units.size(), 2U);
  camera.picture({kOtherSps, kPps, kIdr});
  ASSERT_EQ(camera.units.size(), 3U);
  EXPECT_EQ(camera.units[2].payload, unit_of({kOtherSps, kPps, kIdr}));
}

TEST(H264Depacketizer, AfterALossACameraWithSdpSetsOnlyGoesOnAtItsNextKeyFrame) {
  Camera camera;
  ASSERT_TRUE(camera.depacketizer.set_parameter_sets(kSprop));
  camera.picture({kIdr});
  camera.picture({kP});
  camera.lose();
  camera.picture({kIdr});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, kPUnit, kKeyUnit}));
  camera.lose();
  camera.timestamp += 3600;
  ASSERT_TRUE(camera.send(kIdrSecond, true)) << "its first slice is lost";
  camera.picture({kP});
  EXPECT_EQ(camera.units.size(), 3U);
}

TEST(H264Depacketizer, LateAndRepeatedPacketsAreLeftOut) {
  Camera camera;
  camera.picture({kSps, kPps, kIdr});
  camera.picture({kP});
  camera.sequence = static_cast<std::uint16_t>(camera.sequence - 2);
  ASSERT_TRUE(camera.send(kIdr));
  ASSERT_TRUE(camera.send(kP, true));
  camera.picture({kP});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, kPUnit, kPUnit}));
  EXPECT_EQ(camera.depacketizer.stats().late_packets, 2U);
}

TEST(H264Depacketizer, ASenderThatStartsAnewIsFollowed) {
  for (const bool other_source : {false, true}) {
    Camera camera;
    camera.picture({kSps, kPps, kIdr});
    camera.picture({kP});
    if (other_source) camera.ssrc = 99;
    camera.sequence = static_cast<std::uint16_t>(camera.sequence + 40'000);  // far behind, by the shorter way
    camera.timestamp += 0x40000000;
    camera.picture({kP});
    camera.picture({kSps, kPps, kIdr});
    ASSERT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, kPUnit, kKeyUnit})) << other_source;
    EXPECT_TRUE(camera.units[2].gap);
    EXPECT_EQ(camera.depacketizer.stats().lost_packets, 0U);
  }
}

TEST(H264Depacketizer, KeepsAccessUnitTogetherWhenTimestampChangesMidFrame) {
  Camera camera;
  camera.picture({kSps, kPps, kIdr});
  camera.timestamp += 3600;
  ASSERT_TRUE(camera.fragment(kP, 1, 1));
  camera.timestamp += 90;
  ASSERT_TRUE(camera.fragment(kP, 2, 2));
  camera.timestamp += 90;
  ASSERT_TRUE(camera.send(kPSecond, true));
  camera.picture({kP});
  ASSERT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, unit_of({kP, kPSecond}), kPUnit}));
  EXPECT_EQ(camera.units[1].timestamp, 1000 + 2 * 3600);
}

TEST(H264Depacketizer, FragmentsWithoutAnEndBit) {
  Camera camera;
  camera.picture({kSps, kPps, kIdr});
  for (int i = 0; i < 3; ++i) {
    camera.timestamp += 3600;
    ASSERT_TRUE(camera.fragment(kP, 1, 1));
    ASSERT_TRUE(camera.fragment(kP, 2, 2, true, 0));
  }
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, kPUnit, kPUnit}));
}

TEST(H264Depacketizer, FragmentWithStartAndEndBit) {
  Camera camera;
  camera.picture({kSps, kPps, kIdr});
  camera.timestamp += 3600;
  ASSERT_TRUE(camera.fragment(kP, 1, 3, true));
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, kPUnit}));
}

TEST(H264Depacketizer, FragmentsThatDisagreeAboutTheHeader) {
  Camera camera;
  camera.picture({kSps, kPps, kIdr});
  camera.timestamp += 3600;
  ASSERT_TRUE(camera.fragment(kP, 1, 1));
  ASSERT_TRUE(camera.send(Buffer{0x1C, 0x45, kP[2], kP[3]}, true));
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, kPUnit}));
}

TEST(H264Depacketizer, StartCodesInsidePayloads) {
  Buffer all;
  for (const Buffer& nal : {kSps, kPps, kIdr}) {
    all.insert(all.end(), {0, 0, 0, 1});
    all.insert(all.end(), nal.begin(), nal.end());
  }
  Camera camera;
  camera.picture({all});  // a piece of a byte stream
  camera.picture({{0, 0, 1, 0x41, 0x9A, 0x44, 0x55}});
  all.erase(all.begin(), all.begin() + 4);
  camera.picture({all});     // SPS, then start codes
  camera.timestamp += 3600;  // and the same in fragments
  ASSERT_TRUE(camera.fragment(all, 1, 10));
  ASSERT_TRUE(camera.fragment(all, 11, all.size() - 11, true));
  camera.picture({kP});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, kPUnit, kKeyUnit, kKeyUnit, kPUnit}));
}

TEST(H264Depacketizer, EmptyPacketsKeepTheSequence) {
  Camera camera;
  camera.picture({kSps, kPps, kIdr});
  ASSERT_TRUE(camera.send({}));
  camera.picture({kP});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, kPUnit}));
}

struct Bad {
  std::string_view what;
  Buffer payload;
  ErrorKind kind;
};

TEST(H264Depacketizer, MalformedPayloadsAreErrorsAndBreakTheGop) {
  const std::vector<Bad> table{
      {"STAP-B", {25, 0, 0, 0, 2, 0x41, 0x9A}, ErrorKind::Unsupported},
      {"MTAP16", {26, 0, 0}, ErrorKind::Unsupported},
      {"MTAP24", {27, 0, 0}, ErrorKind::Unsupported},
      {"FU-B", {29, 0x85, 0, 0, 1}, ErrorKind::Unsupported},
      {"FU-A alone", {0x5C}, ErrorKind::InvalidArgument},
      {"FU-A without start", {0x5C, 0x01, 1, 2}, ErrorKind::InvalidArgument},
      {"STAP-A cut in a size", {24, 0}, ErrorKind::InvalidArgument},
      {"STAP-A cut in a NAL unit", {24, 0, 9, 0x41, 0x9A}, ErrorKind::InvalidArgument},
      {"STAP-A in STAP-A", {24, 0, 1, 24}, ErrorKind::InvalidArgument},
      {"type 0", {0x60, 1, 2}, ErrorKind::InvalidArgument},
      {"slice without header", {0x41}, ErrorKind::InvalidArgument},
      {"picture without first slice", kPSecond, ErrorKind::InvalidArgument},
      {"damaged SPS", {0x67, 0x42}, ErrorKind::InvalidArgument},
      {"damaged PPS", {0x68, 0x01}, ErrorKind::InvalidArgument},
  };
  for (const Bad& bad : table) {
    Camera camera;
    camera.picture({kSps, kPps, kIdr});
    camera.picture({kP});
    camera.timestamp += 3600;
    const auto result = camera.send(bad.payload, true);
    ASSERT_FALSE(result) << bad.what;
    EXPECT_EQ(result.error().kind(), bad.kind) << bad.what;
    camera.picture({kP});
    EXPECT_EQ(camera.units.size(), 2U) << bad.what;
    camera.picture({kSps, kPps, kIdr});
    ASSERT_EQ(camera.units.size(), 3U) << bad.what;
    EXPECT_TRUE(camera.units[2].gap) << bad.what;
  }
}

TEST(H264Depacketizer, AnIdrSliceInAPictureOfAnotherKindIsAnError) {
  Camera camera;
  camera.picture({kSps, kPps, kIdr});
  camera.timestamp += 3600;
  ASSERT_TRUE(camera.send(kP));
  EXPECT_FALSE(camera.send(kIdr, true));
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit}));
}

TEST(H264Depacketizer, UnitsHaveALimit) {
  Camera camera;
  camera.picture({kSps, kPps, kIdr});
  camera.timestamp += 3600;
  Buffer nal(60'000, 0x55);
  std::ranges::copy(kP, nal.begin());
  Result<> result = camera.fragment(nal, 1, nal.size() - 1, false, 0);
  int packets = 1;
  while (result && packets < 1000) {
    result = camera.fragment(nal, 2, nal.size() - 2, false, 0);
    ++packets;
  }
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), ErrorKind::ResourceExhausted);
  EXPECT_EQ(packets, 140);
  camera.picture({kSps, kPps, kIdr});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, kKeyUnit}));

  Camera sei_only;
  int sent = 0;
  while (sei_only.send(kSei) && sent < 1000) ++sent;
  EXPECT_EQ(sent, 512);
}

/// Random pictures: what a GOP of 1 to 12 looks like, in slices of 1 to 5000 bytes.
class Footage {
 public:
  explicit Footage(unsigned seed) : random_(seed) {}

  std::vector<Buffer> next_picture() {
    const bool key = left_ == 0;
    left_ = key ? random_() % 12 : left_ - 1;
    std::vector<Buffer> nals;
    if (key) nals = {random_() % 4 == 0 ? kOtherSps : kSps, kPps};
    if (random_() % 3 == 0) nals.push_back(kSei);
    const std::size_t slices = 1 + random_() % 4;
    for (std::size_t i = 0; i < slices; ++i) {
      Buffer nal = key ? (i == 0 ? kIdr : kIdrSecond) : (i == 0 ? kP : kPSecond);
      const std::size_t more = random_() % 5000;
      for (std::size_t n = 0; n < more; ++n) nal.push_back(static_cast<std::uint8_t>(random_() | 1));
      nals.push_back(nal);
    }
    return nals;
  }
  unsigned roll(unsigned sides) { return static_cast<unsigned>(random_() % sides); }

 private:
  std::mt19937 random_;
  std::size_t left_ = 0;
};

TEST(H264Depacketizer, GivesBackWhatThePacketizerWasGiven) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    Footage footage(seed);
    H264Depacketizer depacketizer;
    PacketBatch batch;
    std::vector<Buffer> sent;
    std::vector<Buffer> received;
    std::uint16_t sequence = static_cast<std::uint16_t>(footage.roll(65'536));
    const H264Packetizer packetizer(3, 96, 100 + footage.roll(1400));
    for (std::uint32_t picture = 0; picture < 60; ++picture) {
      sent.push_back(unit_of(footage.next_picture()));
      batch.clear();
      sequence = static_cast<std::uint16_t>(
          sequence +
          packetizer.packetize(sent.back(), 0xFFFFFF00U + picture * 3600, sequence, batch).value());
      for (const ByteView packet : batch.packets()) {
        ASSERT_TRUE(depacketizer.push(PacketView::parse(packet).value()));
        while (const auto unit = depacketizer.pull())
          received.emplace_back(unit->payload.begin(), unit->payload.end());
      }
    }
    EXPECT_EQ(received, sent) << "seed " << seed;
    EXPECT_EQ(depacketizer.stats().gaps, 0U);
  }
}

// Under any loss: whole units only, and between two units of one GOP none is missing, so that all of it
// decodes.
TEST(H264Depacketizer, UnderLossEveryGopThatComesOutIsAPrefix) {
  std::size_t passed_on = 0;
  std::size_t gaps = 0;
  for (unsigned seed = 1; seed <= 40; ++seed) {
    Footage footage(seed);
    H264Depacketizer depacketizer;
    PacketBatch batch;
    std::vector<Buffer> sent;
    std::uint16_t sequence = 0;
    std::optional<std::size_t> last;
    const unsigned one_in = 20 + footage.roll(200);
    for (std::uint32_t picture = 0; picture < 120; ++picture) {
      sent.push_back(unit_of(footage.next_picture()));
      batch.clear();
      sequence = static_cast<std::uint16_t>(
          sequence + H264Packetizer(3, 96).packetize(sent.back(), picture, sequence, batch).value());
      for (const ByteView packet : batch.packets()) {
        if (footage.roll(one_in) == 0) continue;
        ASSERT_TRUE(depacketizer.push(PacketView::parse(packet).value()));
        while (const auto unit = depacketizer.pull()) {
          const auto index = static_cast<std::size_t>(unit->timestamp);
          ASSERT_EQ(as_text(unit->payload), as_text(sent[index])) << "seed " << seed << " picture " << index;
          ASSERT_EQ(unit->is_key_frame, codec::h264::is_key_frame(sent[index]));
          if (!unit->is_key_frame) {
            ASSERT_EQ(last.value() + 1, index) << "seed " << seed;
          }
          ASSERT_EQ(unit->gap_before, last && *last + 1 != index) << "seed " << seed << " picture " << index;
          gaps += unit->gap_before ? 1 : 0;
          last = index;
          ++passed_on;
        }
      }
    }
  }
  EXPECT_GT(passed_on, 1000U);
  EXPECT_GT(gaps, 50U);
}

// Nothing that a camera sends may do harm: valid packets with bytes changed, cut and repeated.
TEST(H264Depacketizer, DamagedPacketsNeverMakeAUnitThatIsNone) {
  std::size_t refused = 0;
  for (unsigned seed = 1; seed <= 30; ++seed) {
    Footage footage(seed);
    H264Depacketizer depacketizer;
    PacketBatch batch;
    std::uint16_t sequence = 0;
    for (std::uint32_t picture = 0; picture < 60; ++picture) {
      batch.clear();
      sequence = static_cast<std::uint16_t>(
          sequence + H264Packetizer(3, 96, 300)
                         .packetize(unit_of(footage.next_picture()), picture * 3600, sequence, batch)
                         .value());
      for (const ByteView original : batch.packets()) {
        Buffer packet(original.begin(), original.end());
        if (footage.roll(5) == 0)
          packet[12 + footage.roll(4) % (static_cast<unsigned>(packet.size()) - 12)] ^= footage.roll(256);
        if (footage.roll(9) == 0) packet.resize(12 + footage.roll(static_cast<unsigned>(packet.size()) - 11));
        refused += depacketizer.push(PacketView::parse(packet).value()) ? 0 : 1;
        while (const auto unit = depacketizer.pull()) {
          ASSERT_TRUE(codec::check_access_unit(unit->payload));
          ASSERT_EQ(codec::h264::is_key_frame(unit->payload), unit->is_key_frame);
          if (!unit->is_key_frame) continue;
          auto nals = NalUnits(unit->payload).begin();
          ASSERT_EQ(codec::h264::nal_type(*nals), codec::h264::NalType::Sps);
          ASSERT_EQ(codec::h264::nal_type(*++nals), codec::h264::NalType::Pps);
        }
      }
    }
  }
  EXPECT_GT(refused, 100U);
}

}  // namespace
}  // namespace jalousie::rtp
