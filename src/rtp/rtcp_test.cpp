#include "rtp/rtcp.h"

#include <numeric>
#include <random>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "rtp/packet.h"
#include "rtp/rtx.h"

namespace jalousie::rtp {
namespace {

template <class T>
const T& only(const Result<std::vector<RtcpPacket>>& parsed) {
  EXPECT_TRUE(parsed);
  EXPECT_EQ(parsed->size(), 1U);
  return std::get<T>(parsed->at(0));
}

Buffer written(const std::function<void(ByteWriter&)>& write) {
  Buffer bytes(8192);
  ByteWriter writer(bytes);
  write(writer);
  EXPECT_TRUE(writer.ok());
  bytes.resize(writer.position());
  return bytes;
}

const ReportBlock kBlock{.ssrc = 0xAABBCCDD,
                         .fraction_lost = 64,
                         .cumulative_lost = -5,
                         .highest_sequence = 0x10FFFF,
                         .jitter = 77,
                         .last_sr = 0x12345678,
                         .delay_since_last_sr = 65'536};

TEST(Rtcp, SenderReportBothWays) {
  SenderReport report{.ssrc = 1,
                      .ntp = 0xE1234567'80000000,
                      .rtp_timestamp = 2,
                      .packets = 3,
                      .octets = 4,
                      .blocks = {kBlock}};
  const Buffer bytes = written([&](ByteWriter& writer) { write_sender_report(writer, report); });
  EXPECT_EQ(encode_hex(bytes),
            "81c8000c"
            "00000001"
            "e123456780000000"
            "00000002"
            "00000003"
            "00000004"
            "aabbccdd"
            "40fffffb"
            "0010ffff"
            "0000004d"
            "12345678"
            "00010000");
  const auto parsed = parse_rtcp(bytes);
  const auto& back = only<SenderReport>(parsed);
  EXPECT_EQ(back.ssrc, 1U);
  EXPECT_EQ(back.ntp, report.ntp);
  EXPECT_EQ(back.rtp_timestamp, 2U);
  EXPECT_EQ(back.packets, 3U);
  EXPECT_EQ(back.octets, 4U);
  EXPECT_EQ(back.blocks, report.blocks);
}

TEST(Rtcp, ReceiverReportBothWays) {
  const std::vector<ReportBlock> many(40, kBlock);
  const auto parsed =
      parse_rtcp(written([&](ByteWriter& writer) { write_receiver_report(writer, 9, many); }));
  EXPECT_EQ(only<ReceiverReport>(parsed).ssrc, 9U);
  EXPECT_EQ(only<ReceiverReport>(parsed).blocks, std::vector<ReportBlock>(31, kBlock))
      << "as many as one has room for";
}

TEST(Rtcp, CnameOfEveryLengthEndsAtAWord) {
  for (std::size_t size = 0; size <= 255; ++size) {
    const std::string name(size, 'j');
    const Buffer bytes = written([&](ByteWriter& writer) { write_cname(writer, 5, name); });
    EXPECT_EQ(bytes.size() % 4, 0U);
    EXPECT_EQ(bytes.back(), 0) << "at least one zero ends the items";
    const auto parsed = parse_rtcp(bytes);
    EXPECT_EQ(only<SourceDescription>(parsed).cname, name);
    EXPECT_EQ(only<SourceDescription>(parsed).ssrc, 5U);
  }
}

TEST(Rtcp, SeveralChunksAndItems) {
  // SC 2: SSRC 1 with NAME "ab" and CNAME "x"; SSRC 2 with CNAME "yz".
  const auto parsed =
      parse_rtcp(*decode_hex("82ca0006"
                             "00000001"
                             "02026162"
                             "01017800"
                             "00000002"
                             "0102797a"
                             "00000000"));
  ASSERT_TRUE(parsed) << parsed.error().message();
  ASSERT_EQ(parsed->size(), 2U);
  EXPECT_EQ(std::get<SourceDescription>(parsed->at(0)).cname, "x");
  EXPECT_EQ(std::get<SourceDescription>(parsed->at(1)).cname, "yz");
}

TEST(Rtcp, NackBothWays) {
  const std::vector<std::uint16_t> lost{65'530, 65'531, 65'535, 0, 10, 11, 500, 516, 517};
  const Buffer bytes = written([&](ByteWriter& writer) { write_nack(writer, 1, 2, lost); });
  EXPECT_EQ(bytes.size(), 12U + 4 * 4) << "65530 with four, 11 alone, 500 with 516, 517 alone";
  const auto parsed = parse_rtcp(bytes);
  EXPECT_EQ(only<Nack>(parsed).sequences, lost);
  EXPECT_EQ(only<Nack>(parsed).sender_ssrc, 1U);
  EXPECT_EQ(only<Nack>(parsed).media_ssrc, 2U);
}

TEST(Rtcp, NackIsBounded) {
  Buffer bytes = *decode_hex(
      "81cd0000"
      "00000001"
      "00000002");
  for (int i = 0; i < 400; ++i) bytes.insert(bytes.end(), {1, 2, 0xFF, 0xFF});
  ByteWriter(MutableBytes(bytes).subspan(2)).u16(static_cast<std::uint16_t>(bytes.size() / 4 - 1));
  const auto parsed = parse_rtcp(bytes);
  EXPECT_EQ(only<Nack>(parsed).sequences.size(), limits::kNackSequences);
}

TEST(Rtcp, PictureLossFullIntraAndBye) {
  const auto loss = parse_rtcp(written([](ByteWriter& writer) { write_picture_loss(writer, 3, 4); }));
  EXPECT_EQ(only<PictureLoss>(loss).sender_ssrc, 3U);
  EXPECT_EQ(only<PictureLoss>(loss).media_ssrc, 4U);
  const auto fir =
      parse_rtcp(*decode_hex("84ce0004"
                             "00000001"
                             "00000000"
                             "000000aa"
                             "07000000"));
  ASSERT_EQ(only<FullIntraRequest>(fir).entries.size(), 1U);
  EXPECT_EQ(only<FullIntraRequest>(fir).entries[0].media_ssrc, 0xAAU);
  EXPECT_EQ(only<FullIntraRequest>(fir).entries[0].sequence, 7);
  const auto bye = parse_rtcp(written([](ByteWriter& writer) { write_bye(writer, 8); }));
  EXPECT_EQ(only<Bye>(bye).ssrcs, (std::vector<std::uint32_t>{8}));
  const auto reason =
      parse_rtcp(*decode_hex("81cb0003"
                             "00000008"
                             "05656e64"
                             "65640000"));
  EXPECT_EQ(only<Bye>(reason).reason, "ended");
}

TEST(Rtcp, UnknownPacketsAreSteppedOver) {
  const std::string remb =
      "8fce0005"
      "00000001"
      "00000000"
      "52454d42"
      "01000000"
      "00000002";
  const std::string congestion =
      "8fcd0003"
      "00000001"
      "00000002"
      "00000000";
  const std::string app =
      "80cc0002"
      "00000001"
      "4a414c4f";
  const std::string extended =
      "80cf0001"
      "00000001";
  const auto parsed = parse_rtcp(*decode_hex(remb + congestion + app + extended +
                                             "81ce0002"
                                             "00000001"
                                             "00000002"));
  only<PictureLoss>(parsed);
}

TEST(Rtcp, CompoundInOrderAndWithPaddingAtItsEnd) {
  Buffer bytes = written([](ByteWriter& writer) {
    write_sender_report(writer, {.ssrc = 1});
    write_cname(writer, 1, "camera");
  });
  const Buffer padded = *decode_hex(
      "a1ce0003"
      "00000001"
      "00000002"
      "00000004");
  bytes.insert(bytes.end(), padded.begin(), padded.end());
  const auto parsed = parse_rtcp(bytes);
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->size(), 3U);
  EXPECT_TRUE(std::holds_alternative<SenderReport>(parsed->at(0)));
  EXPECT_TRUE(std::holds_alternative<SourceDescription>(parsed->at(1)));
  EXPECT_TRUE(std::holds_alternative<PictureLoss>(parsed->at(2)));
}

TEST(Rtcp, TruncatedAnywhereIsAnErrorOrFewerPackets) {
  const std::vector<std::uint16_t> lost{1, 2, 3};
  std::vector<std::size_t> borders;
  const Buffer bytes = written([&](ByteWriter& writer) {
    write_sender_report(writer, {.ssrc = 1, .blocks = {kBlock}});
    borders.push_back(writer.position());
    write_cname(writer, 1, "camera");
    borders.push_back(writer.position());
    write_nack(writer, 1, 2, lost);
    borders.push_back(writer.position());
  });
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const auto parsed = parse_rtcp(ByteView(bytes).first(size));
    const auto border = std::ranges::find(borders, size);
    ASSERT_EQ(parsed.has_value(), border != borders.end()) << size;
    if (parsed) {
      EXPECT_EQ(parsed->size(), static_cast<std::size_t>(border - borders.begin()) + 1);
    }
  }
}

TEST(Rtcp, RefusesWhatDoesNotFit) {
  for (const std::string_view bad : {"40c80000",  // version 1
                                     "81c90001"
                                     "00000001",  // a report block too many
                                     "82cb0001"
                                     "00000001",  // two BYE sources, one there
                                     "81cb0002"
                                     "00000001"
                                     "ff616263",  // a reason longer than the packet
                                     "81ce0001"
                                     "00000001",  // PLI without its media source
                                     "a0c90001"
                                     "00000000",  // padding of nothing
                                     "a0c90001"
                                     "00000009"}) {  // padding longer than the packet
    EXPECT_FALSE(parse_rtcp(*decode_hex(bad))) << bad;
  }
  Buffer many;
  for (int i = 0; i < 40; ++i) many.insert(many.end(), {0x80, 0xCF, 0, 0});
  const auto parsed = parse_rtcp(many);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().kind(), ErrorKind::ResourceExhausted);
}

TEST(Rtcp, WriterWithoutRoomIsNotOk) {
  Buffer small(10);
  ByteWriter writer(small);
  write_picture_loss(writer, 1, 2);
  EXPECT_FALSE(writer.ok());
}

TEST(Ntp, BothWaysAndAcross2036) {
  const UtcTime time = utc_from_us(1'763'880'123'456'789);
  EXPECT_EQ(to_ntp(time) >> 32, 1'763'880'123ULL + 2'208'988'800ULL);
  EXPECT_EQ(from_ntp(to_ntp(time)), time);
  const UtcTime later = utc_from_us(2'100'000'000'000'001);  // July 2036, the next era
  EXPECT_EQ(from_ntp(to_ntp(later)), later);
  std::mt19937_64 random(3);
  for (int i = 0; i < 1000; ++i) {
    const UtcTime any = utc_from_us(static_cast<std::int64_t>(random() % 3'000'000'000'000'000));
    ASSERT_EQ(from_ntp(to_ntp(any)), any) << to_us(any);
  }
  EXPECT_EQ(ntp_middle(0x11112222'33334444), 0x22223333U);
}

TEST(Ntp, RoundTripOfRfc3550Figure2) {
  const ReportBlock block{.last_sr = 0xB705'2000, .delay_since_last_sr = 0x0005'4000};
  const auto way = round_trip(block, 0xB44DB710'8000'0000ULL >> 0);
  EXPECT_EQ(way, Microseconds(6'125'000));
  EXPECT_FALSE(round_trip({}, 1ULL << 40));
  EXPECT_FALSE(round_trip({.last_sr = 0x0002'0000}, 0x0001'0000ULL << 16)) << "negative";
}

TEST(Rtx, WrapsAsInRfc4588) {
  Buffer original(kHeaderBytes);
  ByteWriter writer(original);
  write_header(writer, {.marker = true, .payload_type = 96, .sequence = 0xABCD, .timestamp = 99, .ssrc = 1});
  original.insert(original.end(), {0x65, 1, 2, 3});
  PacketBatch batch;
  ASSERT_TRUE(append_rtx(batch, original, 2, 97, 7));
  const auto packet = PacketView::parse(batch.packet(0));
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->marker);
  EXPECT_EQ(packet->payload_type, 97);
  EXPECT_EQ(packet->sequence, 7);
  EXPECT_EQ(packet->timestamp, 99U);
  EXPECT_EQ(packet->ssrc, 2U);
  EXPECT_EQ(encode_hex(packet->payload), "abcd65010203");
  EXPECT_FALSE(append_rtx(batch, Buffer{1, 2}, 2, 97, 8));
  EXPECT_EQ(batch.size(), 1U);
}

}  // namespace
}  // namespace jalousie::rtp
