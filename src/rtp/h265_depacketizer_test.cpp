// What both codecs share is tested with H.264; here is what H.265 adds, and that the sharing holds for it.
#include "rtp/h265_depacketizer.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "codec/h265_nal.h"
#include "rtp/h265_packetizer.h"

namespace jalousie::rtp {
namespace {

using codec::AccessUnitWriter;
using codec::NalUnits;
using codec::h265::NalHeader;
using codec::h265::NalType;

// By x265.
const Buffer kVps = *decode_hex("40010c01ffff01600000030090000003000003003fba0240");
const Buffer kSps =
    *decode_hex("42010101600000030090000003000003003fa005020171f2e5ba4a4c2f016808000003000800000300c840");
const Buffer kOtherSps =
    *decode_hex("42010101600000030090000003000003005da00280802d165ba4a4c2f0168080000003008000000c84");
const Buffer kPps = *decode_hex("4401c073c189");
const Buffer kSei{0x4E, 0x01, 0x05, 0x01, 0xAA, 0x80};
const Buffer kSuffixSei{0x50, 0x01, 0x84, 0x01, 0xAA, 0x80};
const Buffer kDelimiter{0x46, 0x01, 0x50};
const Buffer kEndOfSequence{0x48, 0x01};
// The third byte: first_slice_segment_in_pic_flag, (of key frames no_output_of_prior_pics_flag,) PPS 0.
const Buffer kIdr{0x28, 0x01, 0xAC, 0x21, 0x7F, 0x11, 0x22};
const Buffer kIdrSecond{0x28, 0x01, 0x2C, 0x33, 0x7F};
const Buffer kCra{0x2A, 0x01, 0xAC, 0x44, 0x55};
const Buffer kBla{0x20, 0x01, 0xAC, 0x44, 0x56};
const Buffer kRasl{0x12, 0x01, 0xD0, 0x66};
const Buffer kRadl{0x0E, 0x01, 0xD0, 0x67};
const Buffer kTrail{0x02, 0x01, 0xD0, 0x99};
const Buffer kTrailSecond{0x02, 0x01, 0x50, 0x9A};
const Buffer kDisposable{0x00, 0x01, 0xD0, 0x77};
const std::string kSprop = encode_base64(kVps) + "," + encode_base64(kSps) + "," + encode_base64(kPps);

Buffer unit_of(const std::vector<Buffer>& nals) {
  AccessUnitWriter writer;
  for (const Buffer& nal : nals) EXPECT_TRUE(writer.append(nal));
  return Buffer(writer.view().begin(), writer.view().end());
}

struct Unit {
  Buffer payload;
  bool key;
  bool disposable;
  bool gap;
  bool past_key;
};

/// Sends to a depacketizer as a camera would, and keeps what comes out.
class Camera {
 public:
  H265Depacketizer depacketizer;
  std::vector<Unit> units;
  std::uint16_t sequence = 65'530;  // wraps soon
  std::uint32_t timestamp = 1000;

  Result<> send(ByteView payload, bool marker = false) {
    PacketView packet;
    packet.marker = marker;
    packet.sequence = sequence++;
    packet.timestamp = timestamp;
    packet.payload = payload;
    auto result = depacketizer.push(packet);
    while (const auto unit = depacketizer.pull()) {
      units.push_back({Buffer(unit->payload.begin(), unit->payload.end()), unit->is_key_frame,
                       unit->is_disposable, unit->gap_before, unit->refers_past_key});
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
                    bool with_end = true) {
    Buffer payload{static_cast<std::uint8_t>((nal[0] & 0x81) | 49 << 1), nal[1],
                   static_cast<std::uint8_t>(nal[0] >> 1 & 0x3F)};
    if (from == 2) payload[2] |= 0x80;
    if (with_end && from + bytes == nal.size()) payload[2] |= 0x40;
    payload.insert(payload.end(), nal.begin() + static_cast<std::ptrdiff_t>(from),
                   nal.begin() + static_cast<std::ptrdiff_t>(from + bytes));
    return send(payload, marker);
  }
  std::vector<Buffer> payloads() const {
    std::vector<Buffer> all;
    for (const Unit& unit : units) all.push_back(unit.payload);
    return all;
  }
};

const Buffer kKeyUnit = unit_of({kVps, kSps, kPps, kIdr});
const Buffer kCraUnit = unit_of({kVps, kSps, kPps, kCra});
const Buffer kTrailUnit = unit_of({kTrail});

TEST(H265Depacketizer, OnePacketEach) {
  Camera camera;
  camera.picture({kDelimiter, kVps, kSps, kPps, kSei, kIdr, kSuffixSei});
  camera.picture({kTrail});
  camera.picture({kDisposable});
  camera.picture({kTrail});
  ASSERT_EQ(camera.payloads(), (std::vector<Buffer>{unit_of({kVps, kSps, kPps, kSei, kIdr}), kTrailUnit,
                                                    unit_of({kDisposable}), kTrailUnit}));
  EXPECT_TRUE(camera.units[0].key);
  EXPECT_FALSE(camera.units[1].key);
  EXPECT_FALSE(camera.units[1].disposable);
  EXPECT_TRUE(camera.units[2].disposable);
  EXPECT_EQ(camera.depacketizer.format(),
            (codec::VideoFormat{codec::VideoCodec::H265, "1.6.L63.90", 640, 360, 25, false}));
}

TEST(H265Depacketizer, AggregatesAndFragments) {
  Camera camera;
  Buffer aggregate{0x60, 0x01};
  for (const Buffer& nal : {kDelimiter, kVps, kSps, kPps, kSei}) {
    aggregate.insert(aggregate.end(), {0, static_cast<std::uint8_t>(nal.size())});
    aggregate.insert(aggregate.end(), nal.begin(), nal.end());
  }
  ASSERT_TRUE(camera.send(aggregate));
  ASSERT_TRUE(camera.fragment(kIdr, 2, 2));
  ASSERT_TRUE(camera.fragment(kIdr, 4, 2));
  ASSERT_TRUE(camera.fragment(kIdr, 6, 1, true));
  camera.picture({kTrail});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{unit_of({kVps, kSps, kPps, kSei, kIdr}), kTrailUnit}));
}

TEST(H265Depacketizer, FragmentsWithoutTheEndBit) {
  Camera camera;
  ASSERT_TRUE(camera.depacketizer.set_parameter_sets(kSprop));
  camera.timestamp += 3600;
  ASSERT_TRUE(camera.fragment(kIdr, 2, 3));
  ASSERT_TRUE(camera.fragment(kIdr, 5, 2, true, false));
  camera.picture({kTrail});
  camera.picture({kTrail});
  EXPECT_EQ(camera.payloads().front(), kKeyUnit);
  EXPECT_EQ(camera.depacketizer.stats().gaps, 0U);
}

TEST(H265Depacketizer, PicturesInSlicesWithMissingOrExtraMarkers) {
  for (const bool markers : {false, true}) {
    Camera camera;
    for (int i = 0; i < 4; ++i) {
      camera.timestamp += 3600;
      if (i == 0) {
        for (const Buffer& nal : {kVps, kSps, kPps}) ASSERT_TRUE(camera.send(nal, markers));
      }
      ASSERT_TRUE(camera.send(i == 0 ? kIdr : kTrail, markers));
      ASSERT_TRUE(camera.send(i == 0 ? kIdrSecond : kTrailSecond, markers));
    }
    const Buffer two = unit_of({kTrail, kTrailSecond});
    EXPECT_EQ(camera.payloads(),
              (std::vector<Buffer>{unit_of({kVps, kSps, kPps, kIdr, kIdrSecond}), two, two}))
        << markers;
  }
}

TEST(H265Depacketizer, ParameterSetsFromTheSdpInBandOrChanged) {
  Camera camera;
  ASSERT_TRUE(camera.depacketizer.set_parameter_sets(kSprop));
  camera.picture({kIdr});
  camera.picture({kTrail});
  camera.picture({kVps, kOtherSps, kPps, kIdr});  // the camera was given another size
  camera.picture({kTrail});
  EXPECT_EQ(camera.payloads(),
            (std::vector<Buffer>{kKeyUnit, kTrailUnit, unit_of({kVps, kOtherSps, kPps, kIdr}), kTrailUnit}));
  EXPECT_EQ(camera.depacketizer.format()->width, 1280U);
}

TEST(H265Depacketizer, WithoutAVpsNothingStarts) {
  Camera camera;
  camera.picture({kSps, kPps, kIdr});
  camera.picture({kTrail});
  camera.picture({kTrail});
  EXPECT_TRUE(camera.units.empty());
  EXPECT_EQ(camera.depacketizer.stats().key_frames_without_sets, 1U);
  camera.picture({kVps});  // late
  camera.picture({kIdr});
  camera.picture({kTrail});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, kTrailUnit}));
}

// A CRA picture where decoding begins: its RASL pictures refer to what never came.
TEST(H265Depacketizer, AStreamThatStartsAtCraLosesItsRaslPictures) {
  Camera camera;
  camera.picture({kVps, kSps, kPps, kCra});
  camera.picture({kRasl});
  camera.picture({kRadl});
  camera.picture({kTrail});
  camera.picture({kCra});
  camera.picture({kRasl});  // what it refers to is there
  camera.picture({kTrail});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kCraUnit, unit_of({kRadl}), kTrailUnit, kCraUnit,
                                                    unit_of({kRasl}), kTrailUnit}));
  for (const Unit& unit : camera.units) {
    EXPECT_FALSE(unit.gap) << "nothing that decodes is missing";
    EXPECT_EQ(unit.past_key, unit.payload == unit_of({kRasl}));
  }
  EXPECT_EQ(camera.depacketizer.stats().gaps, 0U);
  EXPECT_EQ(camera.depacketizer.stats().dropped_units, 1U);
}

TEST(H265Depacketizer, AfterALossTheNextCraIsAStart) {
  Camera camera;
  camera.picture({kVps, kSps, kPps, kIdr});
  camera.picture({kTrail});
  camera.lose();
  camera.picture({kTrail});
  camera.picture({kVps, kSps, kPps, kCra});
  camera.picture({kRasl});
  camera.picture({kTrail});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, kTrailUnit, kCraUnit, kTrailUnit}));
  EXPECT_TRUE(camera.units[2].gap);
  EXPECT_FALSE(camera.units[3].gap);
}

TEST(H265Depacketizer, BrokenLinksAndEndsOfSequenceAreStarts) {
  Camera camera;
  camera.picture({kVps, kSps, kPps, kIdr});
  camera.picture({kBla});
  camera.picture({kRasl});
  camera.picture({kTrail, kEndOfSequence});
  camera.picture({kCra});
  camera.picture({kRasl});
  camera.picture({kTrail});
  const Buffer bla = unit_of({kVps, kSps, kPps, kBla});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, bla, kTrailUnit, kCraUnit, kTrailUnit}));
}

TEST(H265Depacketizer, PiecesOfAByteStreamAreTakenApart) {
  Camera camera;
  Buffer stream;
  for (const Buffer& nal : {kVps, kSps, kPps, kIdr}) {
    stream.insert(stream.end(), {0, 0, 0, 1});
    stream.insert(stream.end(), nal.begin(), nal.end());
  }
  camera.picture({stream});
  Buffer with_start_code{0, 0, 1};  // and a header that begins with a zero
  with_start_code.insert(with_start_code.end(), kDisposable.begin(), kDisposable.end());
  camera.picture({with_start_code});
  camera.picture({kTrail});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, unit_of({kDisposable}), kTrailUnit}));
}

TEST(H265Depacketizer, OtherLayersAreLeftOut) {
  Camera camera;
  Buffer second_layer = kTrail;
  second_layer[1] |= 1 << 3;
  camera.picture({kVps, kSps, kPps, kIdr});
  camera.picture({kTrail, second_layer});
  camera.picture({kTrail});
  EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, kTrailUnit, kTrailUnit}));
}

TEST(H265Depacketizer, WhatCannotBeReadBreaksTheGop) {
  const Buffer nested{0x60, 0x01, 0, 3, 0x62, 0x01, 0x81};
  const Buffer short_aggregate{0x60, 0x01, 0, 9, 0x02, 0x01};
  const struct {
    Buffer payload;
    ErrorKind kind;
  } kCases[] = {{{0x02}, ErrorKind::InvalidArgument},
                {{0x62, 0x01}, ErrorKind::InvalidArgument},
                {{0x62, 0x01, 0x01, 0x55}, ErrorKind::InvalidArgument},    // no start
                {{0x64, 0x01, 0x02, 0x00, 0x55}, ErrorKind::Unsupported},  // PACI
                {nested, ErrorKind::InvalidArgument},
                {short_aggregate, ErrorKind::InvalidArgument},
                {{0x02, 0x00, 0xD0}, ErrorKind::InvalidArgument},  // no temporal id
                {{0x02, 0x01, 0x50}, ErrorKind::InvalidArgument},  // no first slice
                {kRasl, ErrorKind::InvalidArgument},               // inside the picture before: another kind
                {kIdr, ErrorKind::InvalidArgument}};
  for (const auto& [payload, kind] : kCases) {
    Camera camera;
    camera.picture({kVps, kSps, kPps, kIdr});
    camera.picture({kTrail});
    camera.timestamp += 3600;
    if (payload == kIdr || payload == kRasl) {
      ASSERT_TRUE(camera.send(kTrail));
    }
    const auto sent = camera.send(payload, true);
    ASSERT_FALSE(sent) << encode_hex(payload);
    EXPECT_EQ(sent.error().kind(), kind) << sent.error().message();
    EXPECT_TRUE(camera.depacketizer.waiting_for_key_frame());
    camera.picture({kTrail});
    camera.picture({kVps, kSps, kPps, kIdr});
    camera.picture({kTrail});
    EXPECT_EQ(camera.payloads(), (std::vector<Buffer>{kKeyUnit, kTrailUnit, kKeyUnit, kTrailUnit}))
        << encode_hex(payload);
    EXPECT_TRUE(camera.units[2].gap);
  }
}

/// A camera's pictures: open and closed GOPs of random length, slices of random size.
class Footage {
 public:
  explicit Footage(unsigned seed) : random_(seed) {}

  std::vector<Buffer> next_picture() {
    const bool key = left_ == 0;
    left_ = key ? random_() % 12 : left_ - 1;
    std::vector<Buffer> nals;
    if (key) nals = {kVps, random_() % 4 == 0 ? kOtherSps : kSps, kPps};
    if (random_() % 3 == 0) nals.push_back(kSei);
    const Buffer kind = key ? (random_() % 2 == 0 ? kIdr : kCra) : after_cra_ > 0 ? kRasl : kTrail;
    after_cra_ = kind == kCra ? random_() % 3 : after_cra_ > 0 ? after_cra_ - 1 : 0;
    const std::size_t slices = 1 + random_() % 4;
    for (std::size_t i = 0; i < slices; ++i) {
      Buffer nal = kind;
      if (i > 0) nal[2] &= 0x7F;
      const std::size_t more = random_() % 5000;
      for (std::size_t n = 0; n < more; ++n) nal.push_back(static_cast<std::uint8_t>(random_() | 1));
      nals.push_back(std::move(nal));
    }
    return nals;
  }
  unsigned roll(unsigned sides) { return static_cast<unsigned>(random_() % sides); }

 private:
  std::mt19937 random_;
  std::size_t left_ = 0;
  std::size_t after_cra_ = 0;
};

bool is_rasl(const Buffer& unit) { return codec::h265::is_rasl_picture(unit); }

TEST(H265Depacketizer, GivesBackWhatThePacketizerWasGiven) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    Footage footage(seed);
    H265Depacketizer depacketizer;
    PacketBatch batch;
    std::vector<Buffer> sent;
    std::vector<Buffer> received;
    auto sequence = static_cast<std::uint16_t>(footage.roll(65'536));
    const H265Packetizer packetizer(3, 96, 100 + footage.roll(1400));
    bool first_gop = true;
    for (std::uint32_t picture = 0; picture < 60; ++picture) {
      const Buffer unit = unit_of(footage.next_picture());
      if (picture > 0 && codec::h265::is_key_frame(unit)) first_gop = false;
      if (!first_gop || !is_rasl(unit)) sent.push_back(unit);
      batch.clear();
      sequence = static_cast<std::uint16_t>(
          sequence + packetizer.packetize(unit, 0xFFFFFF00U + picture * 3600, sequence, batch).value());
      for (const ByteView packet : batch.packets()) {
        ASSERT_TRUE(depacketizer.push(PacketView::parse(packet).value()));
        while (const auto pulled = depacketizer.pull())
          received.emplace_back(pulled->payload.begin(), pulled->payload.end());
      }
    }
    EXPECT_EQ(received, sent) << "seed " << seed;
    EXPECT_EQ(depacketizer.stats().gaps, 0U);
  }
}

// Under any loss: whole units only, and what comes out of a GOP is its beginning without a hole, but for the
// RASL pictures of a key frame that follows a loss.
TEST(H265Depacketizer, UnderLossEveryGopThatComesOutIsAPrefix) {
  std::size_t passed_on = 0;
  std::size_t gaps = 0;
  for (unsigned seed = 1; seed <= 40; ++seed) {
    Footage footage(seed);
    H265Depacketizer depacketizer;
    PacketBatch batch;
    std::vector<Buffer> sent;
    std::uint16_t sequence = 0;
    std::optional<std::size_t> last;
    bool starts_here = true;  // the last key frame that came out followed a loss
    const unsigned one_in = 20 + footage.roll(200);
    for (std::uint32_t picture = 0; picture < 120; ++picture) {
      sent.push_back(unit_of(footage.next_picture()));
      batch.clear();
      sequence = static_cast<std::uint16_t>(
          sequence + H265Packetizer(3, 96).packetize(sent.back(), picture, sequence, batch).value());
      for (const ByteView packet : batch.packets()) {
        if (footage.roll(one_in) == 0) continue;
        ASSERT_TRUE(depacketizer.push(PacketView::parse(packet).value()));
        while (const auto unit = depacketizer.pull()) {
          const auto index = static_cast<std::size_t>(unit->timestamp);
          ASSERT_EQ(as_text(unit->payload), as_text(sent[index])) << "seed " << seed << " picture " << index;
          ASSERT_EQ(unit->refers_past_key, is_rasl(sent[index]));
          if (unit->is_key_frame) starts_here = !last || unit->gap_before;
          ASSERT_FALSE(unit->refers_past_key && starts_here) << "seed " << seed << " picture " << index;
          std::size_t expected = last ? *last + 1 : 0;
          if (starts_here && !unit->is_key_frame) {
            while (expected < index && is_rasl(sent[expected])) ++expected;
          }
          if (!unit->is_key_frame) ASSERT_EQ(expected, index) << "seed " << seed;
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
TEST(H265Depacketizer, DamagedPacketsNeverMakeAUnitThatIsNone) {
  std::size_t refused = 0;
  for (unsigned seed = 1; seed <= 30; ++seed) {
    Footage footage(seed);
    H265Depacketizer depacketizer;
    PacketBatch batch;
    std::uint16_t sequence = 0;
    for (std::uint32_t picture = 0; picture < 60; ++picture) {
      batch.clear();
      sequence = static_cast<std::uint16_t>(
          sequence + H265Packetizer(3, 96, 300)
                         .packetize(unit_of(footage.next_picture()), picture * 3600, sequence, batch)
                         .value());
      for (const ByteView original : batch.packets()) {
        Buffer packet(original.begin(), original.end());
        if (footage.roll(5) == 0)
          packet[12 + footage.roll(5) % (static_cast<unsigned>(packet.size()) - 12)] ^= footage.roll(256);
        if (footage.roll(9) == 0) packet.resize(12 + footage.roll(static_cast<unsigned>(packet.size()) - 11));
        refused += depacketizer.push(PacketView::parse(packet).value()) ? 0 : 1;
        while (const auto unit = depacketizer.pull()) {
          ASSERT_TRUE(codec::check_access_unit(unit->payload));
          ASSERT_EQ(codec::h265::is_key_frame(unit->payload), unit->is_key_frame);
          ASSERT_EQ(codec::h265::is_rasl_picture(unit->payload), unit->refers_past_key);
          if (!unit->is_key_frame) continue;
          auto nals = NalUnits(unit->payload).begin();
          ASSERT_EQ(NalHeader(*nals).type, NalType::Vps);
          ASSERT_EQ(NalHeader(*++nals).type, NalType::Sps);
          ASSERT_EQ(NalHeader(*++nals).type, NalType::Pps);
        }
      }
    }
  }
  EXPECT_GT(refused, 100U);
}

}  // namespace
}  // namespace jalousie::rtp
