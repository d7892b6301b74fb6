// One viewer's session against OpenSSL and libsrtp2: what goes out, when, and that nothing does after the
// end.
#include "deliver/whep_session.h"

#include <numeric>

#include "base/encoding.h"
#include "codec/access_unit.h"
#include "deliver/fixture_for_test.h"
#include "webrtc/offer.h"

namespace jalousie::deliver {
namespace {

class WhepSessionTest : public DeliverTest {
 protected:
  ~WhepSessionTest() override {
    on_loop([this] { session_.reset(); });
  }

  void begin(bool with_rtx = true) { begin(webrtc::accept_offer(viewer_.offer(with_rtx)).value()); }
  void begin(const webrtc::Negotiated& negotiated) {
    on_loop([&] {
      session_ = std::make_unique<WhepSession>(
          WhepSession::Parts{*shard_, *mux_, random_, whep_metrics_, events_}, owner_, negotiated, identity_,
          webrtc::IceCredentials::make(random_), [this] { ++ended_; });
      answer_ = session_->answer(mux_->local());
      session_->attach(shard_->watch(*shard_, StreamId::Main, grant(), office_, *session_));
    });
    viewer_.read_answer(answer_);
  }
  void feed(Buffer datagram) {
    on_loop([&] { session_->on_datagram(datagram, viewer_.endpoint()); });
  }
  void check() { feed(viewer_.check()); }
  void connect() {
    check();
    for (int round = 0; round < 10 && !viewer_.is_connected(); ++round) {
      for (Buffer& datagram : viewer_.handshake()) feed(std::move(datagram));
      const auto came = received();
      early_.insert(early_.end(), came.refused.begin(), came.refused.end());
    }
    ASSERT_TRUE(viewer_.is_connected());
  }
  void begin_and_connect(bool with_rtx = true) {
    begin(with_rtx);
    connect();
  }
  /// A picture, and what the viewer got of it.
  Viewer::Received shown(const Buffer& nal, bool key) {
    publish(nal, key);
    return received();
  }

  void begin_h265() {
    std::string offer = viewer_.offer();
    for (auto at = offer.find(" H264/"); at != offer.npos; at = offer.find(" H264/"))
      offer.replace(at, 6, " H265/");
    begin(webrtc::accept_offer(offer, {.video = codec::VideoCodec::H265, .profile = "1.6.L93.90"}).value());
    connect();
  }
  void publish_h265(const Buffer& nal, std::uint16_t flags) { publish_h265(std::vector<Buffer>{nal}, flags); }
  void publish_h265(const std::vector<Buffer>& nals, std::uint16_t flags) {
    codec::AccessUnitWriter writer;
    for (const Buffer& nal : nals) EXPECT_TRUE(writer.append(nal));
    const Buffer unit(writer.view().begin(), writer.view().end());
    flags |= seal::coding_flags(seal::VideoCoding::H265);
    DeliverTest::publish(sealer_->seal(seal::BlockKind::Video, flags, clock_.utc(), unit).value());
  }
  /// An offer whose second section asks for G.711.
  std::string offer_with_sound() const {
    std::string offer = viewer_.offer();
    offer.replace(offer.find("BUNDLE 0"), 8, "BUNDLE 0 1");
    return offer +
           "m=audio 9 UDP/TLS/RTP/SAVPF 8\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=recvonly\r\na=rtcp-mux\r\n"
           "a=rtpmap:8 PCMA/8000\r\n";
  }
  void publish_sound(ByteView frame) {
    codec::WipedBuffer clear;
    EXPECT_TRUE(codec::write_audio_frame(
        {.codec = codec::AudioCodec::Pcma, .rate = 8'000, .channels = 1, .config = {}}, frame, clear));
    const auto flags = seal::coding_flags(seal::AudioCoding::Pcma);
    DeliverTest::publish(sealer_->seal(seal::BlockKind::Audio, flags, clock_.utc(), clear.view()).value());
  }
  bool has_said_goodbye() {
    received();
    viewer_.handshake();
    return viewer_.was_told_goodbye() && ended_ == 1;
  }

  WhepMetrics whep_metrics_{metrics_};
  std::unique_ptr<WhepSession> session_;
  std::string answer_;
  std::vector<Buffer> early_;  // media that came with the flight that brought the viewer its keys
  std::atomic<int> ended_{0};
};

TEST_F(WhepSessionTest, TheAnswerSaysWhereItIsWhoItIsAndWhatItSends) {
  begin();
  EXPECT_EQ(viewer_.ufrag.size(), 16U);
  EXPECT_EQ(viewer_.password.size(), 32U);
  EXPECT_EQ(viewer_.fingerprint, identity_->fingerprint());
  EXPECT_EQ(viewer_.candidate, mux_->local());
  EXPECT_NE(viewer_.ssrc, viewer_.rtx_ssrc);
  const auto offered = webrtc::accept_offer(viewer_.offer()).value();
  EXPECT_EQ(viewer_.payload_type, offered.video.payload_type);
  EXPECT_EQ(viewer_.rtx_payload_type, offered.video.rtx_payload_type);
  for (const char* line : {"a=ice-lite", "a=setup:passive", "a=sendonly", "a=rtcp-mux"})
    EXPECT_NE(answer_.find(line), std::string::npos) << line;
}

TEST_F(WhepSessionTest, NoPictureGoesOutBeforeItIsConnectedAndThenTheNewestKeyFrameDoes) {
  begin();
  publish(nal(200, 1), true);
  EXPECT_TRUE(received().empty());
  check();
  const auto checked = received();
  EXPECT_EQ(checked.stun, 1U);
  EXPECT_EQ(checked.rtp.size() + checked.rtcp.size() + checked.refused.size(), 0U);
  publish(nal(300, 2), true);
  connect();
  Viewer::Received first;
  for (const Buffer& datagram : early_) viewer_.take(datagram, first);
  ASSERT_EQ(first.rtp.size(), 1U);
  EXPECT_EQ(first.rtp[0].payload, nal(300, 2));
  EXPECT_EQ(counted("jalousie_deliver_rtp_packets_total"), 1);
  const auto next = shown(nal(100, 3), false);
  ASSERT_EQ(next.rtp.size(), 1U);
  EXPECT_EQ(next.rtp[0].payload, nal(100, 3));
  EXPECT_EQ(next.rtp[0].header.ssrc, viewer_.ssrc);
  EXPECT_EQ(next.rtp[0].header.payload_type, viewer_.payload_type);
}

TEST_F(WhepSessionTest, APictureIsSentWholeInOrderAndMarkedAtItsEnd) {
  begin_and_connect();
  const auto got = shown(nal(5000, 7), true);
  ASSERT_GT(got.rtp.size(), 4U);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < got.rtp.size(); ++i) {
    EXPECT_EQ(got.rtp[i].header.sequence, static_cast<std::uint16_t>(got.rtp[0].header.sequence + i));
    EXPECT_EQ(got.rtp[i].header.timestamp, got.rtp[0].header.timestamp);
    EXPECT_EQ(got.rtp[i].header.marker, i + 1 == got.rtp.size());
    bytes += got.rtp[i].payload.size() - 2;  // FU indicator and header
  }
  EXPECT_EQ(bytes, 4999U);  // all but the NAL unit's header, which those two carry
}

TEST_F(WhepSessionTest, SoundGoesOutBesideThePicturesToWhoAskedForIt) {
  begin(webrtc::accept_offer(offer_with_sound(), {.sound = codec::AudioCodec::Pcma}).value());
  connect();
  ASSERT_EQ(shown(nal(200, 1), true).rtp.size(), 1U);
  const Buffer frame(160, 0x2a);
  publish_sound(frame);
  const auto heard = received();
  ASSERT_EQ(heard.rtp.size(), 1U);
  EXPECT_EQ(heard.rtp[0].payload, frame);
  EXPECT_EQ(heard.rtp[0].header.payload_type, 8);
  EXPECT_NE(heard.rtp[0].header.ssrc, viewer_.ssrc);
  EXPECT_NE(heard.rtp[0].header.ssrc, viewer_.rtx_ssrc);
  EXPECT_NE(answer_.find(fmt::format("a=ssrc:{} cname:", heard.rtp[0].header.ssrc)), std::string::npos);
  // Reports of one moment, in one name: by them a player puts the two together.
  clock_.advance(Seconds(1));
  std::vector<rtp::SenderReport> reports;
  std::vector<std::string> names;
  for (const auto& packet : shown(nal(200, 2), false).rtcp) {
    if (const auto* report = std::get_if<rtp::SenderReport>(&packet)) reports.push_back(*report);
    if (const auto* named = std::get_if<rtp::SourceDescription>(&packet)) names.push_back(named->cname);
  }
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].ntp, reports[1].ntp);
  EXPECT_EQ(reports[1].ssrc, heard.rtp[0].header.ssrc);
  ASSERT_EQ(names.size(), 2U);
  EXPECT_EQ(names[0], names[1]);
}

TEST_F(WhepSessionTest, SoundThatWasNotAskedForStaysClosed) {
  begin_and_connect();
  ASSERT_EQ(shown(nal(200, 1), true).rtp.size(), 1U);
  publish_sound(Buffer(160, 0x2a));
  EXPECT_TRUE(received().empty());
  on_loop([this] { EXPECT_EQ(session_->viewing().tally().sounds, 0U); });
}

TEST_F(WhepSessionTest, H265GoesOutByItsOwnPayloadFormat) {
  begin_h265();
  Buffer key(3000, 0x55);
  key[0] = 0x28;  // IDR_N_LP
  key[1] = 0x01;
  publish_h265(key, seal::kFlagKeyFrame);
  const auto got = received();
  ASSERT_EQ(got.rtp.size(), 3U);
  Buffer whole{0x28, 0x01};
  for (const auto& packet : got.rtp) {
    EXPECT_EQ(packet.payload[0], 49 << 1);
    EXPECT_EQ(packet.payload[2] & 0x3F, 20);
    whole.insert(whole.end(), packet.payload.begin() + 3, packet.payload.end());
  }
  EXPECT_EQ(whole, key);
}

TEST_F(WhepSessionTest, EndsWhenTheCameraSendsAnotherCodecThanWasAgreed) {
  begin_and_connect();
  EXPECT_EQ(shown(nal(200, 1), true).rtp.size(), 1U);
  publish_h265({0x28, 0x01, 0xAC, 0x55}, seal::kFlagKeyFrame);
  EXPECT_TRUE(has_said_goodbye());
  EXPECT_TRUE(events_.ends().empty()) << "its viewer asks again";
  EXPECT_TRUE(shown(nal(200, 2), true).rtp.empty());
}

TEST_F(WhepSessionTest, EndsWhenBFramesAreSure) {
  begin_and_connect();
  EXPECT_EQ(shown(nal(200, 1), true).rtp.size(), 1U);
  const Buffer b{0x01, 0x9E, 0x80, 0x55};
  EXPECT_EQ(shown(b, false).rtp.size(), 1U) << "one may be a bit that flipped";
  EXPECT_EQ(shown(b, false).rtp.size(), 1U);
  EXPECT_TRUE(shown(b, false).rtp.empty());
  EXPECT_TRUE(has_said_goodbye());
}

TEST_F(WhepSessionTest, BFramesThatFlippedBitsMadeInAYearEndNothing) {
  begin_and_connect();
  const Buffer b{0x01, 0x9E, 0x80, 0x55};
  for (int gop = 0; gop < 4; ++gop) {
    EXPECT_EQ(shown(nal(200, 1), true).rtp.size(), 1U);
    EXPECT_EQ(shown(b, false).rtp.size(), 1U);
    EXPECT_EQ(shown(b, false).rtp.size(), 1U);
  }
}

TEST_F(WhepSessionTest, EndsWhenAnH265CameraBeginsToSendBFrames) {
  // Of x265, without and with pictures that change places.
  const Buffer without =
      decode_hex("42010101600000030090000003000003003fa005020171f2e5ba4a4c2f016808000003000800000300c840")
          .value();
  const Buffer with =
      decode_hex("42010101600000030090000003000003003ca00d080f16595952930bc05a020000030002000003003c10")
          .value();
  const Buffer key{0x28, 0x01, 0xAC, 0x55};
  begin_h265();
  publish_h265({without, key}, seal::kFlagKeyFrame);
  EXPECT_EQ(received().rtp.size(), 1U);
  publish_h265({without, key}, seal::kFlagKeyFrame);
  EXPECT_EQ(received().rtp.size(), 1U);
  publish_h265({with, key}, seal::kFlagKeyFrame);
  EXPECT_TRUE(has_said_goodbye());
}

TEST_F(WhepSessionTest, ASenderReportComesWithTheFirstPictureAndOnceASecondFromThenOn) {
  begin_and_connect();
  const auto first = shown(nal(100, 1), true);
  ASSERT_EQ(first.rtp.size(), 1U);
  ASSERT_EQ(first.rtcp.size(), 2U);
  const auto* report = std::get_if<rtp::SenderReport>(first.rtcp.data());
  ASSERT_NE(report, nullptr);
  EXPECT_EQ(report->ssrc, viewer_.ssrc);
  EXPECT_EQ(report->ntp, rtp::to_ntp(clock_.utc()));
  EXPECT_EQ(report->rtp_timestamp, first.rtp[0].header.timestamp);
  EXPECT_EQ(report->packets, 1U);
  EXPECT_EQ(report->octets, 100U);
  EXPECT_NE(std::get_if<rtp::SourceDescription>(&first.rtcp[1]), nullptr);
  int reports = 0;
  for (int frame = 1; frame <= 100; ++frame) {  // 4 s
    clock_.advance(Milliseconds(40));
    reports += shown(nal(100, 1), false).rtcp.empty() ? 0 : 1;
  }
  EXPECT_EQ(reports, 4);
}

TEST_F(WhepSessionTest, ThePageIsToldWhichCaptureTimeATimestampStandsFor) {
  begin_and_connect();
  const auto got = shown(nal(100, 1), true);
  ASSERT_EQ(events_.times().size(), 1U);
  EXPECT_EQ(events_.times()[0].rtp_timestamp, got.rtp.at(0).header.timestamp);
  EXPECT_EQ(events_.times()[0].capture, clock_.utc());
}

TEST_F(WhepSessionTest, ALostPacketIsSentAgainInTheRtxStreamWithItsOwnNumber) {
  begin_and_connect();
  const auto got = shown(nal(5000, 7), true);
  ASSERT_GT(got.rtp.size(), 4U);
  feed(viewer_.nack({got.rtp[1].header.sequence, got.rtp[3].header.sequence}));
  const auto again = received();
  ASSERT_EQ(again.rtp.size(), 2U);
  EXPECT_TRUE(again.refused.empty());
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& original = got.rtp[1 + 2 * i];
    EXPECT_EQ(again.rtp[i].header.ssrc, viewer_.rtx_ssrc);
    EXPECT_EQ(again.rtp[i].header.payload_type, viewer_.rtx_payload_type);
    EXPECT_EQ(again.rtp[i].header.timestamp, original.header.timestamp);
    // RFC 4588 section 4: the original sequence number, then the original payload.
    EXPECT_EQ(ByteReader(again.rtp[i].payload).u16(), original.header.sequence);
    EXPECT_TRUE(std::ranges::equal(ByteView(again.rtp[i].payload).subspan(2), original.payload));
  }
  EXPECT_EQ(again.rtp[1].header.sequence, static_cast<std::uint16_t>(again.rtp[0].header.sequence + 1));
}

TEST_F(WhepSessionTest, WithoutRtxALostPacketIsSentAgainByteForByte) {
  begin_and_connect(false);
  const auto got = shown(nal(3000, 7), true);
  feed(viewer_.nack({got.rtp.at(1).header.sequence}));
  const auto again = received();
  EXPECT_TRUE(again.rtp.empty());  // libsrtp takes it for the replay that it is
  ASSERT_EQ(again.refused.size(), 1U);
  EXPECT_EQ(again.refused[0], got.rtp[1].sealed);
}

TEST_F(WhepSessionTest, WhatIsLongGoneOrAnotherStreamsIsNotSentAgain) {
  begin_and_connect();
  const auto sequence = shown(nal(100, 1), true).rtp.at(0).header.sequence;
  std::swap(viewer_.ssrc, viewer_.rtx_ssrc);
  feed(viewer_.nack({sequence}));
  std::swap(viewer_.ssrc, viewer_.rtx_ssrc);
  feed(viewer_.nack({static_cast<std::uint16_t>(sequence + 1000)}));
  clock_.advance(Seconds(6));
  feed(viewer_.nack({sequence}));
  EXPECT_EQ(counted("jalousie_deliver_unrepairable_packets_total"), 2);
  EXPECT_TRUE(received().empty());
}

TEST_F(WhepSessionTest, WhoAsksForEverythingGetsNoMoreThanItsPacketsOfASecond) {
  begin_and_connect();
  publish(nal(900'000, 7), true);  // 750 packets: more than the socket of this test holds
  const auto packets = static_cast<int>(counted("jalousie_deliver_rtp_packets_total"));
  ASSERT_GT(packets, 700);
  // What fitted tells where it begins.
  std::optional<std::uint16_t> first;
  for (const auto& packet : received().rtp) {
    if (!first) first = packet.header.sequence;
  }
  ASSERT_TRUE(first);
  std::vector<std::uint16_t> all(static_cast<std::size_t>(packets));
  std::iota(all.begin(), all.end(), *first);
  feed(viewer_.nack(all));
  feed(viewer_.nack(all));
  EXPECT_EQ(counted("jalousie_deliver_retransmitted_packets_total"), 600);
  clock_.advance(Seconds(1));
  feed(viewer_.nack(all));
  EXPECT_EQ(counted("jalousie_deliver_retransmitted_packets_total"), 1200);
}

TEST_F(WhepSessionTest, WhoAsksForOnePacketEachOfManyPicturesGetsNoMoreThanTheirNumber) {
  begin_and_connect();
  std::vector<std::uint16_t> all;
  for (int frame = 0; frame < 70; ++frame) {
    const auto got = shown(nal(50, 1), frame == 0);
    all.push_back(got.rtp.at(0).header.sequence);
    clock_.advance(Milliseconds(40));
  }
  feed(viewer_.nack(all));
  EXPECT_EQ(received().rtp.size(), 60U);
  clock_.advance(Seconds(1));
  feed(viewer_.nack(all));
  EXPECT_EQ(received().rtp.size(), 60U);
}

TEST_F(WhepSessionTest, APictureLossBringsTheKeyFrameOnceMoreUnderNewNumbers) {
  begin_and_connect();
  const auto key = shown(nal(200, 1), true);
  clock_.advance(Milliseconds(40));
  const auto last = shown(nal(100, 2), false);
  clock_.advance(Milliseconds(1000));
  feed(viewer_.picture_loss());
  const auto again = received();
  EXPECT_EQ(counted("jalousie_deliver_key_frames_wanted_total"), 1);
  ASSERT_GE(again.rtp.size(), 1U);
  EXPECT_EQ(again.rtp[0].payload, key.rtp.at(0).payload);
  EXPECT_EQ(again.rtp[0].header.ssrc, viewer_.ssrc);
  EXPECT_EQ(again.rtp[0].header.sequence, static_cast<std::uint16_t>(last.rtp.at(0).header.sequence + 1));
  EXPECT_GT(static_cast<std::int32_t>(again.rtp[0].header.timestamp - last.rtp[0].header.timestamp), 0);
}

TEST_F(WhepSessionTest, EndedFromAboveItTellsThePageSaysGoodbyeAndIsSilent) {
  begin_and_connect();
  const auto got = shown(nal(200, 1), true);
  ViewingId viewing;
  on_loop([&] {
    viewing = session_->viewing().id();
    session_->end(keeper::EndReason::SignedOut);
    session_->end(keeper::EndReason::LeaseLost);  // the first word counts
  });
  EXPECT_EQ(events_.ends(),
            std::vector<RecordingEvents::End>({{owner_, viewing, keeper::EndReason::SignedOut}}));
  EXPECT_EQ(received().dtls, 1U);
  viewer_.handshake();
  EXPECT_TRUE(viewer_.was_told_goodbye());
  EXPECT_EQ(ended_.load(), 1);
  EXPECT_EQ(office_.ended_.load(), 1);
  // Whatever the camera and the viewer do now.
  publish(nal(100, 2), false);
  publish(nal(200, 3), true);
  feed(viewer_.nack({got.rtp.at(0).header.sequence}));
  feed(viewer_.picture_loss());
  check();
  clock_.advance(Seconds(40));
  on_loop([this] { session_->leave(); });
  EXPECT_TRUE(received().empty());
  EXPECT_EQ(ended_.load(), 1);
}

TEST_F(WhepSessionTest, AtItsEndItLetsGoOfWhatItSent) {
  begin_and_connect();
  const auto picture = seal(nal(200, 1), true);
  publish(picture);
  received();
  hub_->forget(label_.label);  // the ring's own
  on_loop([] {});
  EXPECT_EQ(picture.use_count(), 2) << "for retransmission";
  on_loop([this] { session_->end(keeper::EndReason::TenureEnded); });
  EXPECT_EQ(picture.use_count(), 1);
}

TEST_F(WhepSessionTest, ARefusedBlockEndsItWithTheAlarmAndNothingOfItIsSent) {
  begin_and_connect();
  shown(nal(200, 1), true);
  const Days others(label_.label, random_, clock_);
  seal::Sealer stranger(label_, std::make_unique<Keys>(others), random_, 5000);
  Buffer unit(54, 9);
  ByteWriter(unit).u32(50);
  publish(stranger.seal(seal::BlockKind::Video, seal::kFlagKeyFrame, clock_.utc(), unit).value());
  const auto after = received();
  EXPECT_EQ(after.rtp.size() + after.refused.size(), 0U);
  EXPECT_EQ(after.dtls, 1U);
  EXPECT_EQ(office_.refused_.load(), 1);
  ASSERT_EQ(events_.ends().size(), 1U);
  EXPECT_EQ(events_.ends()[0].reason, keeper::EndReason::Refused);
}

class LeavingTest : public WhepSessionTest, public testing::WithParamInterface<bool> {};

TEST_P(LeavingTest, AViewerThatLeavesEndsItAndThePageIsToldNothing) {
  begin_and_connect();
  shown(nal(200, 1), true);
  if (GetParam()) {
    for (Buffer& datagram : viewer_.goodbye()) feed(std::move(datagram));
  } else {
    feed(viewer_.bye());
  }
  EXPECT_EQ(ended_.load(), 1);
  EXPECT_EQ(received().rtp.size(), 0U);
  publish(nal(200, 1), true);
  EXPECT_TRUE(received().empty());
  EXPECT_TRUE(events_.ends().empty());
  on_loop([this] { session_.reset(); });
  EXPECT_EQ(office_.ended_.load(), 1);
}

INSTANTIATE_TEST_SUITE_P(ByRtcpOrDtls, LeavingTest, testing::Bool());

}  // namespace
}  // namespace jalousie::deliver
