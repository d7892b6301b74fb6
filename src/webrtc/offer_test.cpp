#include "webrtc/offer.h"

#include <fstream>
#include <random>
#include <sstream>

#include <gtest/gtest.h>

#include "sdp/sdp.h"

namespace jalousie::webrtc {
namespace {

std::string read_offer(const std::string& name) {
  std::ifstream file(std::string(JALOUSIE_SOURCE_DIR) + "/src/webrtc/offers/" + name + ".sdp",
                     std::ios::binary);
  EXPECT_TRUE(file) << name;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  EXPECT_NE(text.find(from), std::string::npos) << from;
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

LocalDescription local() {
  LocalDescription made;
  made.ice = {"ourufrag", "ourpasswordofmorethan22chars"};
  for (int i = 0; i < 32; ++i) made.fingerprint += i == 0 ? "0A" : ":0A";
  made.candidates = {Endpoint::parse("192.0.2.1:8189").value(),
                     Endpoint::parse("[2001:db8::1]:8189").value()};
  made.session_id = 0x8000000000000007;
  made.ssrc = 1111;
  made.rtx_ssrc = 2222;
  made.cname = "cname";
  made.stream_id = "stream";
  made.track_id = "track";
  made.sound_ssrc = 3333;
  made.sound_track_id = "sound";
  return made;
}

TEST(Offer, ReadsWhatChromiumOffers) {
  const auto made = accept_offer(read_offer("chromium_video"));
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->remote_ufrag.size(), 4u);
  ASSERT_EQ(made->fingerprints.size(), 1u);
  EXPECT_TRUE(made->bundle);
  EXPECT_EQ(made->video.payload_type, 108);
  EXPECT_EQ(made->video.profile_level_id, "42e01f");
  EXPECT_EQ(made->video.rtx_payload_type, 109);
  EXPECT_TRUE(made->video.nack);
  EXPECT_TRUE(made->video.pli);
  EXPECT_TRUE(made->video.fir);
}

TEST(Offer, TakesTheProfileOfTheStreamWhereItIsOffered) {
  const struct {
    const char* stream;
    int payload_type;
  } cases[] = {{"42001f", 108}, {"42c01e", 108}, {"4d401f", 116}, {"4d0028", 116},
               {"640029", 108}, {"", 108},       {"junk", 108}};
  for (const auto& one : cases) {
    const auto made = accept_offer(read_offer("chromium_video"), {.profile = one.stream});
    ASSERT_TRUE(made);
    EXPECT_EQ(made->video.payload_type, one.payload_type) << one.stream;
  }
  // A display that lists High, as the larger Nest Hub does.
  const auto high = accept_offer(
      replaced(read_offer("chromium_video"), "profile-level-id=4d001f", "profile-level-id=640015"),
      {.profile = "640029"});
  ASSERT_TRUE(high);
  EXPECT_EQ(high->video.profile_level_id, "640015");
}

TEST(Offer, GivesH265ToWhoListsIt) {
  const auto made =
      accept_offer(read_offer("safari"), {.video = codec::VideoCodec::H265, .profile = "1.6.L120.90"});
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->video.codec, codec::VideoCodec::H265);
  EXPECT_EQ(made->video.payload_type, 100);
  EXPECT_EQ(made->video.h265_parameters, "level-id=93;tx-mode=SRST");
  EXPECT_EQ(made->video.rtx_payload_type, 101);
  EXPECT_TRUE(made->video.nack);
  const auto answer = sdp::parse(write_answer(*made, local()));
  ASSERT_TRUE(answer);
  const auto& video = answer->media.at(made->video.section);
  EXPECT_EQ(video.formats, (std::vector<std::string>{"100", "101"}));
  EXPECT_EQ(video.rtpmaps().at(0).encoding, "H265");
  EXPECT_EQ(video.fmtp(100), "level-id=93;tx-mode=SRST");
}

TEST(Offer, RefusesAnH265StreamThatItCannotCarry) {
  const auto refused = [](const std::string& offer, std::string_view profile) {
    const auto made = accept_offer(offer, {.video = codec::VideoCodec::H265, .profile = profile});
    EXPECT_FALSE(made);
    if (made) return std::string();
    EXPECT_EQ(made.error().kind(), ErrorKind::Unsupported);
    return made.error().message();
  };
  const std::string safari = read_offer("safari");
  EXPECT_EQ(refused(read_offer("chromium_video"), "1.6.L120.90"), "the offer has no H.265");
  EXPECT_EQ(refused(safari, "2.4.L120.90"), "the offer has no H.265 of the camera's profile") << "Main 10";
  EXPECT_EQ(refused(safari, "1.6.H120.90"), "the offer has no H.265 of the camera's profile") << "high tier";
  EXPECT_EQ(refused(replaced(safari, "tx-mode=SRST", "tx-mode=MRST"), "1.6.L93.90"),
            "the offer has no H.265 of the camera's profile");
  const auto main10 = accept_offer(replaced(safari, "level-id=93;tx-mode=SRST", "profile-id=2;tier-flag=0"),
                                   {.video = codec::VideoCodec::H265, .profile = "2.4.L120.90"});
  ASSERT_TRUE(main10);
  EXPECT_EQ(main10->video.h265_parameters, "profile-id=2;tier-flag=0");
  EXPECT_TRUE(accept_offer(safari, {.video = codec::VideoCodec::H265, .profile = ""}))
      << "Main, where nothing is known";
}

TEST(Offer, FindsTheTransportOfABundledSection) {
  for (const char* name : {"chromium_audio_video_data", "firefox", "safari"}) {
    const auto made = accept_offer(read_offer(name));
    ASSERT_TRUE(made) << name << ": " << made.error().message();
    EXPECT_FALSE(made->remote_ufrag.empty());
    EXPECT_TRUE(made->bundle) << name;
    EXPECT_EQ(made->sections[made->video.section].kind, "video");
  }
  EXPECT_EQ(accept_offer(read_offer("chromium_audio_video_data"))->sections.size(), 3u);
  EXPECT_EQ(accept_offer(read_offer("firefox"))->video.payload_type, 126);
  EXPECT_EQ(accept_offer(read_offer("safari"))->video.payload_type, 98);
  EXPECT_EQ(accept_offer(read_offer("safari"), {.profile = "640c1f"})->video.payload_type, 96);
}

TEST(Offer, SaysWhyItCannotBeTaken) {
  const std::string good = read_offer("chromium_video");
  const struct {
    std::string offer;
    ErrorKind kind;
    const char* reason;
  } cases[] = {
      {"", ErrorKind::InvalidArgument, ""},
      {"hello", ErrorKind::InvalidArgument, ""},
      {replaced(good, "m=video", "m=audio"), ErrorKind::Unsupported, "no video"},
      {replaced(good, " H264/90000", " H265/90000"), ErrorKind::Unsupported, "no H.264"},
      {replaced(good, "packetization-mode=1", "packetization-mode=0"), ErrorKind::Unsupported,
       "packetization-mode"},
      {replaced(good, "a=recvonly", "a=sendonly"), ErrorKind::Unsupported, "sendonly"},
      {replaced(good, "a=recvonly", "a=inactive"), ErrorKind::Unsupported, "inactive"},
      {replaced(good, "a=rtcp-mux", "a=x"), ErrorKind::Unsupported, "rtcp-mux"},
      {replaced(good, "a=fingerprint:", "a=x:"), ErrorKind::InvalidArgument, "fingerprint"},
      {replaced(good, "sha-256 ", "sha-1 "), ErrorKind::Unsupported, "SHA-256"},
      {replaced(good, "sha-256 ", "sha-256 00:"), ErrorKind::InvalidArgument, "malformed"},
      {replaced(good, "a=ice-pwd:", "a=x:"), ErrorKind::InvalidArgument, "ICE"},
      {replaced(good, "a=ice-ufrag:", "a=ice-ufrag:a b"), ErrorKind::InvalidArgument, "ICE"},
      {replaced(good, "a=ice-pwd:", "a=ice-lite\r\na=ice-pwd:"), ErrorKind::Unsupported, "ICE-lite"},
      {replaced(good, "a=setup:actpass", "a=setup:passive"), ErrorKind::Unsupported, "setup"},
      {replaced(good, "UDP/TLS/RTP/SAVPF", "RTP/AVP"), ErrorKind::Unsupported, "SRTP"},
      {replaced(good, "m=video 9 ", "m=video 0 "), ErrorKind::Unsupported, "switched off"},
  };
  for (const auto& one : cases) {
    const auto made = accept_offer(one.offer);
    ASSERT_FALSE(made) << one.reason;
    EXPECT_EQ(made.error().kind(), one.kind) << one.reason;
    EXPECT_NE(made.error().message().find(one.reason), std::string::npos) << made.error().message();
  }
}

TEST(Offer, TakesTheSecondVideoWhenTheFirstWillNotDo) {
  std::string offer = read_offer("chromium_video");
  const std::size_t at = offer.find("m=video");
  offer.insert(at, "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:7\r\na=recvonly\r\na=rtpmap:96 VP8/90000\r\n");
  const auto made = accept_offer(offer);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->video.section, 1u);
  const auto answer = sdp::parse(write_answer(*made, local()));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->media[0].port, 0);
  EXPECT_EQ(answer->media[1].port, 8189);
}

TEST(Offer, WithoutNackThereIsNoRtx) {
  const auto made = accept_offer(replaced(read_offer("chromium_video"), "a=rtcp-fb:108 nack\r\n", ""));
  ASSERT_TRUE(made);
  EXPECT_FALSE(made->video.nack);
  EXPECT_TRUE(made->video.pli);
  EXPECT_FALSE(made->video.rtx_payload_type);
}

TEST(Answer, AcceptsTheVideoAndTurnsDownTheRest) {
  const auto negotiated = accept_offer(read_offer("chromium_audio_video_data"));
  ASSERT_TRUE(negotiated);
  const std::string text = write_answer(*negotiated, local());
  const auto answer = sdp::parse(text);
  ASSERT_TRUE(answer) << text;
  ASSERT_EQ(answer->media.size(), 3u);
  EXPECT_TRUE(answer->attributes.has("ice-lite"));
  EXPECT_EQ(answer->attributes.find("group"), "BUNDLE 1");
  EXPECT_EQ(answer->origin.session_id, "7");
  for (const std::size_t i : {0u, 2u}) {
    EXPECT_EQ(answer->media[i].port, 0);
    EXPECT_EQ(answer->media[i].formats.size(), 1u);
    EXPECT_EQ(answer->direction(answer->media[i]), sdp::Direction::Inactive);
  }
  const sdp::Media& video = answer->media[1];
  EXPECT_EQ(video.port, 8189);
  EXPECT_EQ(video.mid(), "1");
  EXPECT_EQ(answer->direction(video), sdp::Direction::SendOnly);
  EXPECT_EQ(video.formats, (std::vector<std::string>{"108", "109"}));
  EXPECT_EQ(video.fmtp(108), "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f");
  EXPECT_EQ(video.fmtp(109), "apt=108");
  EXPECT_EQ(video.attributes.find("setup"), "passive");
  EXPECT_EQ(video.attributes.find("ice-ufrag"), "ourufrag");
  EXPECT_EQ(video.attributes.find("fingerprint"), "sha-256 " + local().fingerprint);
  EXPECT_EQ(video.attributes.find("ssrc-group"), "FID 1111 2222");
  EXPECT_TRUE(video.attributes.has("rtcp-mux"));
  EXPECT_EQ(video.attributes.find_all("candidate"),
            (std::vector<std::string_view>{"1 1 udp 2130706431 192.0.2.1 8189 typ host",
                                           "2 1 udp 2130706175 2001:db8::1 8189 typ host"}));
}

std::optional<NegotiatedSound> sound_of(const std::string& offer, codec::AudioCodec codec) {
  const auto made = accept_offer(offer, {.sound = codec});
  EXPECT_TRUE(made);
  return made ? made->sound : std::nullopt;
}

TEST(Offer, TakesTheSoundThatIsSent) {
  using enum codec::AudioCodec;
  const std::string chromium = read_offer("chromium_audio_video_data");
  EXPECT_EQ(sound_of(chromium, Opus), (NegotiatedSound{0, 111, Opus}));
  EXPECT_EQ(sound_of(chromium, Pcmu), (NegotiatedSound{0, 0, Pcmu}));
  EXPECT_EQ(sound_of(chromium, Pcma), (NegotiatedSound{0, 8, Pcma}));
  EXPECT_FALSE(sound_of(chromium, Aac)) << "no browser takes it by WebRTC";
  EXPECT_FALSE(accept_offer(chromium)->sound) << "the camera has none";
  for (const char* name : {"firefox", "safari"}) EXPECT_TRUE(sound_of(read_offer(name), Opus)) << name;
  const auto unsaid = replaced(chromium, "a=rtpmap:0 PCMU/8000\r\n", "");
  EXPECT_EQ(sound_of(unsaid, Pcmu), (NegotiatedSound{0, 0, Pcmu})) << "a static payload type needs no rtpmap";
}

TEST(Offer, GoesWithoutSoundWhereItCannotBeCarried) {
  using enum codec::AudioCodec;
  const std::string chromium = read_offer("chromium_audio_video_data");
  EXPECT_FALSE(sound_of(read_offer("chromium_video"), Opus));
  EXPECT_FALSE(sound_of(replaced(chromium, "a=group:BUNDLE 0 1 2", "a=group:BUNDLE 1 2"), Opus))
      << "it would need a transport of its own";
  EXPECT_FALSE(sound_of(replaced(chromium, "opus/48000/2", "opus/48000"), Opus))
      << "RFC 7587 says two channels";
  const auto audio = chromium.find("a=recvonly");
  ASSERT_LT(audio, chromium.find("m=video"));
  EXPECT_FALSE(sound_of(std::string(chromium).replace(audio, 10, "a=inactive"), Opus));
}

TEST(Answer, AcceptsTheSoundBesideTheVideo) {
  const auto negotiated =
      accept_offer(read_offer("chromium_audio_video_data"), {.sound = codec::AudioCodec::Opus});
  ASSERT_TRUE(negotiated && negotiated->sound);
  const std::string text = write_answer(*negotiated, local());
  const auto answer = sdp::parse(text);
  ASSERT_TRUE(answer) << text;
  EXPECT_EQ(answer->attributes.find("group"), "BUNDLE 0 1");
  const sdp::Media& sound = answer->media.at(0);
  EXPECT_EQ(sound.port, 8189);
  EXPECT_EQ(sound.mid(), "0");
  EXPECT_EQ(answer->direction(sound), sdp::Direction::SendOnly);
  EXPECT_EQ(sound.formats, std::vector<std::string>{"111"});
  EXPECT_EQ(sound.attributes.find("rtpmap"), "111 opus/48000/2");
  EXPECT_EQ(sound.attributes.find("ice-ufrag"), "ourufrag");
  EXPECT_EQ(sound.attributes.find("msid"), "stream sound");
  EXPECT_EQ(sound.attributes.find_all("ssrc").at(0), "3333 cname:cname");
  EXPECT_EQ(answer->media.at(1).attributes.find("msid"), "stream track")
      << "one stream: lips and voice together";
  EXPECT_EQ(answer->media.at(2).port, 0);
}

TEST(Answer, NamesNoGroupAndNoMidThatWereNotOffered) {
  std::string offer = replaced(read_offer("chromium_video"), "a=group:BUNDLE 0\r\n", "");
  offer = replaced(offer, "a=mid:0\r\n", "");
  const auto negotiated = accept_offer(offer);
  ASSERT_TRUE(negotiated);
  const auto answer = sdp::parse(write_answer(*negotiated, local()));
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->attributes.has("group"));
  EXPECT_FALSE(answer->media[0].mid());
}

TEST(Offer, SurvivesEveryTruncationAndRandomChanges) {
  std::mt19937 random(5);
  for (const char* name : {"chromium_audio_video_data", "firefox", "safari"}) {
    const std::string good = read_offer(name);
    for (std::size_t length = 0; length < good.size(); length += 1 + random() % 7) {
      const auto made = accept_offer(std::string_view(good).substr(0, length));
      if (made) EXPECT_FALSE(sdp::parse(write_answer(*made, local()))->media.empty());
    }
    for (int round = 0; round < 500; ++round) {
      std::string text = good;
      for (int change = 0; change < 5; ++change) text[random() % text.size()] = static_cast<char>(random());
      const auto made = accept_offer(text);
      if (made) EXPECT_TRUE(sdp::parse(write_answer(*made, local())));
    }
  }
}

}  // namespace
}  // namespace jalousie::webrtc
