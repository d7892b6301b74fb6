#include "codec/h265_sps.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "codec/access_unit.h"
#include "codec/h265_nal.h"
#include "codec/h265_slice.h"
#include "codec/parameter_sets.h"
#include "codec/video_format.h"

namespace jalousie::codec::h265 {
namespace {

struct Sample {
  std::string_view from;
  std::string_view hex;
  std::string_view profile;
  std::uint32_t width;
  std::uint32_t height;
  double fps;
  bool reorders;
};

// By x265 3.5, and RFC 7798's kind of camera.
constexpr Sample kSamples[] = {
    {"main", "42010101600000030090000003000003003fa005020171f2e5ba4a4c2f016808000003000800000300c840",
     "1.6.L63.90", 640, 360, 25, false},
    {"main, B-frames, open GOP",
     "42010101600000030090000003000003003ca00d080f16595952930bc05a020000030002000003003c10", "1.6.L60.90",
     416, 240, 30, true},
    {"main, B-frames, HRD, cropped",
     "420101016000000300900000030000030078a002b080301cde595912930bc05a020000030002000003001ec0191cbc003d08000"
     "f"
     "4244",
     "1.6.L120.90", 1366, 768, 15, true},
    {"main 10", "420101022000000300900000030000030078a003c0801107cad96e92930bc05a020000030002000003003210",
     "2.4.L120.90", 1920, 1080, 25, false},
    {"main, slices", "42010101600000030090000003000003005da00280802d165ba4a4c2f0168080000003008000000c84",
     "1.6.L93.90", 1280, 720, 25, false},
    {"range extensions, 4:2:2",
     "4201010408000003009d0800000300005ab005a20090596e92930bc05a020000030002000003003210", "4.10.L90.9D.8",
     720, 576, 25, false},
    {"high tier, scaling lists",
     "420101216000000300900000030000030099a001e020021c596e929385e02d010000030001000003001908", "1.6.H153.90",
     3840, 2160, 25, false},
    {"range extensions, monochrome",
     "4201010408000003009fc800000300003cc028203c596e92930bc05b020000030002000003001410", "4.10.L60.9F.C8",
     320, 240, 10, false},
};

Buffer from_hex(std::string_view text) { return decode_hex(text).value(); }

TEST(H265Sps, SaysWhatRealStreamsAre) {
  for (const Sample& sample : kSamples) {
    const auto sps = parse_sps(from_hex(sample.hex));
    ASSERT_TRUE(sps) << sample.from << ": " << sps.error().message();
    EXPECT_EQ(sps->profile_text(), sample.profile) << sample.from;
    EXPECT_EQ(sps->width, sample.width) << sample.from;
    EXPECT_EQ(sps->height, sample.height) << sample.from;
    EXPECT_NEAR(sps->frames_per_second(), sample.fps, 0.001) << sample.from;
    EXPECT_EQ(sps->reorders(), sample.reorders) << sample.from;
    EXPECT_EQ(sps->sub_layers, 1U) << sample.from;
  }
}

TEST(H265Sps, TruncatedAnywhereIsAnErrorOrTheSameSize) {
  for (const Sample& sample : kSamples) {
    const Buffer whole = from_hex(sample.hex);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto sps = parse_sps(ByteView(whole).first(size));
      if (!sps) continue;  // else the cut is in the VUI, which may be missing
      EXPECT_EQ(sps->width, sample.width) << sample.from << " cut to " << size;
      EXPECT_EQ(sps->reorders(), sample.reorders) << sample.from << " cut to " << size;
    }
  }
}

/// Writes bits as the clauses have them, without emulation prevention (the values here need none).
class BitWriter {
 public:
  BitWriter& bits(std::uint64_t value, unsigned count) {
    for (unsigned i = count; i-- > 0;) {
      if (used_ % 8 == 0) bytes_.push_back(0);
      bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | (value >> i & 1U) << (7 - used_ % 8));
      ++used_;
    }
    return *this;
  }
  BitWriter& ue(std::uint64_t value) {
    unsigned length = 0;
    while ((value + 1) >> (length + 1) != 0) ++length;
    return bits(0, length).bits(value + 1, length + 1);
  }
  Buffer nal(std::uint8_t type) const {
    Buffer whole{static_cast<std::uint8_t>(type << 1), 1};
    std::size_t zeros = 0;
    for (const std::uint8_t byte : bytes_) {
      if (zeros >= 2 && byte <= 3) {
        whole.push_back(3);
        zeros = 0;
      }
      zeros = byte == 0 ? zeros + 1 : 0;
      whole.push_back(byte);
    }
    return whole;
  }

 private:
  Buffer bytes_;
  unsigned used_ = 0;
};

struct Made {
  unsigned sub_layers = 1;
  std::uint64_t id = 0;
  std::uint64_t chroma = 1;
  std::uint64_t width = 640;
  std::uint64_t height = 360;
  std::uint64_t crop = 0;
  std::uint64_t bit_depth = 0;
  std::uint64_t lsb_bits = 4;
  std::uint64_t buffering = 4;
  std::uint64_t reorder = 0;
  std::uint64_t short_term_sets = 0;
  std::uint64_t first_negative = 1;
  std::uint64_t long_term = 0;
  bool scaling = false;
};

/// An SPS with sub-layers, predicted reference picture sets and long-term pictures, as no x265 makes it.
Buffer make_sps(const Made& made) {
  BitWriter w;
  w.bits(0, 4).bits(made.sub_layers - 1, 3).bits(1, 1);
  w.bits(0, 2).bits(0, 1).bits(1, 5).bits(0x60000000, 32).bits(0x900000000000, 48).bits(93, 8);
  for (unsigned i = 0; i + 1 < made.sub_layers; ++i) w.bits(3, 2);  // both said
  if (made.sub_layers > 1) w.bits(0, 2 * (9 - made.sub_layers));
  for (unsigned i = 0; i + 1 < made.sub_layers; ++i)
    w.bits(0xFFFFFFFF, 32).bits(0xFFFFFFFF, 32).bits(0xFFFF, 24).bits(60, 8);
  w.ue(made.id).ue(made.chroma).ue(made.width).ue(made.height);
  w.bits(1, 1).ue(0).ue(made.crop).ue(0).ue(made.crop);
  w.ue(made.bit_depth).ue(made.bit_depth).ue(made.lsb_bits);
  w.bits(1, 1);  // ordering of each sub-layer: the last counts
  for (unsigned i = 0; i < made.sub_layers; ++i) {
    const bool last = i + 1 == made.sub_layers;
    w.ue(last ? made.buffering : 3).ue(last ? made.reorder : 2).ue(0);
  }
  for (int i = 0; i < 6; ++i) w.ue(0);
  w.bits(made.scaling ? 1 : 0, 1);
  if (made.scaling) {
    w.bits(1, 1);
    for (unsigned size = 0; size < 4; ++size) {
      for (unsigned matrix = 0; matrix < 6; matrix += size == 3 ? 3 : 1) {
        if (matrix > 0) {
          w.bits(0, 1).ue(0);
          continue;
        }
        w.bits(1, 1);
        for (unsigned i = 0; i < std::min(64U, 1U << (4 + 2 * size)) + (size > 1 ? 1 : 0); ++i) w.ue(3);
      }
    }
  }
  w.bits(0, 2).bits(1, 1).bits(0x77, 8).ue(0).ue(0).bits(0, 1);  // with PCM
  w.ue(made.short_term_sets);
  for (std::uint64_t i = 0; i < made.short_term_sets; ++i) {
    if (i == 0) {
      w.ue(made.first_negative).ue(1);
      for (std::uint64_t j = 0; j < made.first_negative + 1; ++j) w.ue(0).bits(1, 1);
    } else {  // from the one before: uses all but the second, and one more
      w.bits(1, 1).bits(0, 1).ue(0);
      for (std::uint64_t j = 0; j <= made.first_negative + 1; ++j) {
        if (j == 1)
          w.bits(0, 2);
        else
          w.bits(1, 1);
      }
    }
  }
  w.bits(1, 1).ue(made.long_term);
  for (std::uint64_t i = 0; i < made.long_term; ++i)
    w.bits(i, static_cast<unsigned>(made.lsb_bits + 4)).bits(1, 1);
  w.bits(3, 2);
  w.bits(1, 1);                                       // VUI
  w.bits(1, 1).bits(255, 8).bits(4, 16).bits(3, 16);  // aspect ratio
  w.bits(1, 1).bits(0, 1);                            // overscan
  w.bits(1, 1).bits(0, 4).bits(1, 1).bits(0x010101, 24);
  w.bits(1, 1).ue(1).ue(1);
  w.bits(0, 3).bits(1, 1).ue(0).ue(0).ue(0).ue(0);
  w.bits(1, 1).bits(1001, 32).bits(30'000, 32);
  w.bits(0, 1).bits(0, 1).bits(0, 1).bits(0, 1).bits(1, 1);
  return w.nal(33);
}

TEST(H265Sps, StepsOverWhatItDoesNotKeep) {
  for (const Made& made : {Made{}, Made{.sub_layers = 3, .reorder = 1}, Made{.sub_layers = 7},
                           Made{.short_term_sets = 3, .first_negative = 3, .long_term = 4},
                           Made{.crop = 4, .scaling = true}, Made{.chroma = 2, .bit_depth = 2}}) {
    const auto sps = parse_sps(make_sps(made));
    ASSERT_TRUE(sps) << sps.error().message();
    EXPECT_EQ(sps->sub_layers, made.sub_layers);
    EXPECT_EQ(sps->width, 640 - (made.chroma == 3 ? 1 : 2) * made.crop);
    EXPECT_EQ(sps->height, 360 - 2 * made.crop);
    EXPECT_EQ(sps->reorders(), made.reorder > 0) << "the last sub-layer is the whole stream";
    EXPECT_EQ(sps->max_dec_pic_buffering, 5U);
    EXPECT_EQ(sps->bit_depth_luma, 8 + made.bit_depth);
    EXPECT_NEAR(sps->frames_per_second(), 29.97, 0.001);
    EXPECT_TRUE(sps->temporal_id_nested);
  }
}

TEST(H265Sps, RefusesWhatCannotBe) {
  EXPECT_FALSE(parse_sps({}));
  EXPECT_FALSE(parse_sps(from_hex("4401c073c189"))) << "a PPS";
  EXPECT_FALSE(parse_sps(Buffer(5000, 0x42))) << "longer than the limit";
  EXPECT_FALSE(parse_sps(make_sps({.sub_layers = 8})));
  EXPECT_FALSE(parse_sps(make_sps({.id = 16})));
  EXPECT_FALSE(parse_sps(make_sps({.chroma = 4})));
  EXPECT_FALSE(parse_sps(make_sps({.crop = 180}))) << "nothing is left";
  EXPECT_FALSE(parse_sps(make_sps({.crop = 0x7FFFFFFF})));
  EXPECT_FALSE(parse_sps(make_sps({.width = 0})));
  EXPECT_FALSE(parse_sps(make_sps({.bit_depth = 9})));
  EXPECT_FALSE(parse_sps(make_sps({.lsb_bits = 13})));
  EXPECT_FALSE(parse_sps(make_sps({.buffering = 16})));
  EXPECT_FALSE(parse_sps(make_sps({.buffering = 2, .reorder = 3})));
  EXPECT_FALSE(parse_sps(make_sps({.short_term_sets = 65})));
  EXPECT_FALSE(parse_sps(make_sps({.short_term_sets = 1, .first_negative = 16})));
  EXPECT_FALSE(parse_sps(make_sps({.long_term = 33})));
  const auto huge = parse_sps(make_sps({.width = 20'000}));
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().kind(), ErrorKind::Unsupported);
}

TEST(H265Nal, HeaderSaysWhatItIs) {
  const auto header = [](std::uint8_t type, std::uint8_t second) {
    return NalHeader(Buffer{static_cast<std::uint8_t>(type << 1), second});
  };
  EXPECT_FALSE(NalHeader(Buffer{0x26}).is_valid) << "half a header";
  EXPECT_FALSE(header(19, 0).is_valid) << "no temporal id";
  EXPECT_FALSE(NalHeader(Buffer{0xA6, 1}).is_valid) << "the forbidden bit";
  EXPECT_TRUE(is_picture_data(header(19, 1)));
  EXPECT_FALSE(is_picture_data(header(19, 1 | 1 << 3))) << "of another layer";
  EXPECT_FALSE(is_picture_data(header(10, 1))) << "reserved";
  EXPECT_FALSE(is_picture_data(header(22, 1))) << "reserved";
  EXPECT_FALSE(is_kept(header(35, 1))) << "a delimiter";
  EXPECT_FALSE(is_kept(header(40, 1))) << "a checksum";
  EXPECT_TRUE(is_kept(header(39, 1)));
  EXPECT_TRUE(is_kept(header(32, 1)));
  EXPECT_TRUE(is_unreferred(header(0, 1), 1));
  EXPECT_FALSE(is_unreferred(header(0, 1), 2)) << "the next sub-layer may refer to it";
  EXPECT_TRUE(is_unreferred(header(0, 2), 2));
  EXPECT_FALSE(is_unreferred(header(1, 1), 1));
  EXPECT_FALSE(is_unreferred(header(16, 1), 1)) << "even, but a random access point";
  EXPECT_TRUE(is_rasl(NalType::RaslN));
  EXPECT_FALSE(is_rasl(NalType{7})) << "RADL decodes alone";
}

TEST(H265Slice, StartNeedsNoParameterSet) {
  const auto idr = parse_slice_start(Buffer{0x28, 0x01, 0b1'0'1'00000});
  ASSERT_TRUE(idr);
  EXPECT_TRUE(idr->is_first);
  EXPECT_EQ(idr->pps_id, 0U);
  const auto trail = parse_slice_start(Buffer{0x02, 0x01, 0b0'011'0000});  // one bit less than of an IDR
  ASSERT_TRUE(trail);
  EXPECT_FALSE(trail->is_first);
  EXPECT_EQ(trail->pps_id, 2U);
  EXPECT_FALSE(parse_slice_start({}));
  EXPECT_FALSE(parse_slice_start(Buffer{0x28, 0x01}));
  EXPECT_FALSE(parse_slice_start(Buffer{0x42, 0x01, 0xFF})) << "an SPS";
  EXPECT_FALSE(parse_slice_start(Buffer{0x02, 0x01, 0b1'0000000, 0b1'0000000, 0})) << "PPS 127 or more";
}

TEST(H265ParameterSets, AreFoundByTheSlice) {
  ParameterSets sets;
  const Buffer vps = from_hex("40010c01ffff01600000030090000003000003003fba0240");
  const Buffer sps = from_hex(kSamples[0].hex);
  const Buffer pps = from_hex("4401c073c189");
  ASSERT_TRUE(sets.store(pps));
  ASSERT_TRUE(sets.store(sps));
  EXPECT_FALSE(sets.for_slice(0)) << "no VPS";
  ASSERT_TRUE(sets.store(vps));
  const auto active = sets.for_slice(0);
  ASSERT_TRUE(active);
  EXPECT_EQ(as_text(active->vps_nal), as_text(vps));
  EXPECT_EQ(as_text(active->sps_nal), as_text(sps));
  ASSERT_EQ(active->pps_nals.size(), 1U);
  EXPECT_EQ(active->sps->width, 640U);
  EXPECT_FALSE(sets.for_slice(1));
  EXPECT_FALSE(sets.store(Buffer{0x42, 0x01, 0xFF})) << "a damaged SPS";
  EXPECT_TRUE(sets.for_slice(0)) << "changes nothing";
  ASSERT_TRUE(sets.store(from_hex(kSamples[4].hex)));
  EXPECT_EQ(sets.for_slice(0)->sps->width, 1280U) << "the later of the same id";
  sets.clear();
  EXPECT_FALSE(sets.for_slice(0));
}

TEST(H265AccessUnit, SaysWhatItIs) {
  AccessUnitWriter writer;
  ASSERT_TRUE(writer.append(from_hex(kSamples[2].hex)));
  ASSERT_TRUE(writer.append(Buffer{0x2A, 0x01, 0xAC}));
  EXPECT_TRUE(is_key_frame(writer.view())) << "CRA";
  EXPECT_FALSE(is_rasl_picture(writer.view()));
  const auto format = video_format(writer.view());
  ASSERT_TRUE(format);
  EXPECT_EQ(*format, (VideoFormat{VideoCodec::H265, "1.6.L120.90", 1366, 768, 15, true}));
  EXPECT_EQ(format->codec_string(), "hvc1.1.6.L120.90");
  writer.clear();
  ASSERT_TRUE(writer.append(Buffer{0x10, 0x01, 0xAC}));
  EXPECT_FALSE(is_key_frame(writer.view()));
  EXPECT_TRUE(is_rasl_picture(writer.view()));
  EXPECT_FALSE(video_format(writer.view()));
}

}  // namespace
}  // namespace jalousie::codec::h265
