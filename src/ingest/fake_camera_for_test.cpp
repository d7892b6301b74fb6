#include "ingest/fake_camera_for_test.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.h"
#include "codec/access_unit.h"
#include "ingest/udp_pair.h"
#include "rtp/packet.h"
#include "rtsp/transport.h"

namespace jalousie::ingest {

namespace {

// 640x480, Baseline.
constexpr std::string_view kSps = "Z0IAKeKQFAe2AtwEBAaQeJEV";
constexpr std::string_view kPps = "aM48gA==";
constexpr Microseconds kTimeout = Seconds(5);
constexpr std::uint8_t kPayloadType = 96;

Buffer slice(std::uint8_t nal_header, std::uint8_t start, std::size_t bytes) {
  Buffer nal(bytes, 0x5a);
  nal[0] = nal_header;
  nal[1] = start;  // first_mb_in_slice 0, slice_type, and for P and B pic_parameter_set_id 0
  nal[2] = 0x80;   // which for I stands here
  return nal;
}

/// `number` of a stream: I, P or B by the script.
Buffer frame(const Script& script, int number) {
  codec::AccessUnitWriter writer;
  const bool is_key = number % script.gop == 0 && script.has_key_frames;
  if (is_key && script.has_parameter_sets) {
    static_cast<void>(writer.append(*decode_base64(kSps)));
    static_cast<void>(writer.append(*decode_base64(kPps)));
  }
  const bool is_b = script.has_b_frames && number < script.b_frames_until && number % 2 == 1 && !is_key;
  const auto nal = is_key ? slice(0x65, 0x88, script.slice_bytes)
                          : slice(is_b ? 0x01 : 0x41, is_b ? 0x9e : 0x9a, script.slice_bytes);
  static_cast<void>(writer.append(nal));
  return {writer.view().begin(), writer.view().end()};
}

}  // namespace

struct FakeCamera::Visit {
  std::unique_ptr<io::Stream> stream;
  Script script;
  rtsp::DigestVerifier verifier;
  std::optional<UdpPair> udp;
  std::optional<Endpoint> client_rtp;
  std::optional<Endpoint> client_rtcp;
  std::optional<UdpPair> sound_udp;
  std::optional<Endpoint> client_sound;
  rtp::H264Packetizer packetizer{0x11223344, kPayloadType};
  rtp::PacketBatch batch;
  std::uint16_t sequence = 65'500;
  bool playing = false;
  bool has_sound = false;  // it was set up
};

FakeCamera::FakeCamera(io::Loop& loop, RandomSource& random, const Clock& clock, const Endpoint& at)
    : loop_(loop),
      random_(random),
      clock_(clock),
      listener_(io::TcpListener::listen(loop, at).value()),
      tasks_(loop) {}

FakeCamera::~FakeCamera() = default;

io::Task<> FakeCamera::close() {
  listener_->close();
  co_await tasks_.close();
}

io::Task<> FakeCamera::accept() {
  while (true) {
    auto stream = co_await listener_->accept();
    if (!stream) co_return;
    ++connections;
    tasks_.spawn(serve(*std::move(stream)));
  }
}

io::Task<> FakeCamera::serve(std::unique_ptr<io::Stream> stream) {
  if (tls) {
    auto secure = co_await io::accept_tls(std::move(stream), tls, kTimeout);
    if (!secure) co_return;
    stream = *std::move(secure);
  }
  Visit visit{
      std::move(stream),
      script,
      rtsp::DigestVerifier({.realm = "fake", .username = "admin", .password = script.password}, random_),
      {},
      {},
      {},
      {},
      {},
      {0x11223344, kPayloadType},
      {},
      65'500,
      false,
      false};
  io::TaskGroup player(loop_);
  co_await player.around([](FakeCamera& self, Visit& of, io::TaskGroup& tasks) -> io::Task<> {
    tasks.spawn(self.play(of));
    co_await self.answer_all(of);
  }(*this, visit, player));
  visit.stream->close();
}

io::Task<> FakeCamera::answer_all(Visit& visit) {
  rtsp::Parser parser;
  while (true) {
    const auto count = co_await visit.stream->read_some(parser.prepare(), Seconds(100));
    if (!count || *count == 0) co_return;
    parser.commit(*count);
    while (true) {
      auto item = parser.next();
      if (!item) co_return;
      if (!*item) break;
      if (const auto* request = std::get_if<rtsp::Request>(&**item)) {
        if (!co_await answer(visit, *request)) co_return;
      } else {
        ++receiver_reports;
      }
    }
  }
}

io::Task<bool> FakeCamera::answer(Visit& visit, const rtsp::Request& request) {
  const auto& wanted = visit.script;
  if (wanted.mute) co_return true;
  if (!wanted.raw.empty()) {
    while (co_await visit.stream->write(as_bytes(wanted.raw), kTimeout)) {
    }
    co_return false;
  }
  auto response = rtsp::answer(request, 200);
  const auto authorization = request.headers.find("Authorization").value_or("");
  if (!wanted.password.empty() &&
      visit.verifier.verify(authorization, request.method, request.uri, clock_.steady()) !=
          rtsp::DigestVerifier::Outcome::Accepted) {
    if (!authorization.empty()) ++refused_passwords;
    response.status = 401;
    for (const auto& challenge : visit.verifier.challenges(false, clock_.steady()))
      response.headers.add("WWW-Authenticate", challenge);
    co_return (co_await visit.stream->write(as_bytes(rtsp::write(response)), kTimeout)).has_value();
  }
  methods.push_back(request.method);
  if (request.method == wanted.cut_at && std::ranges::count(methods, request.method) == 1) co_return false;
  if (request.method == "OPTIONS" && visit.playing) response.status = wanted.keep_alive_status;
  if (request.method == "DESCRIBE" && !wanted.redirect.empty() && redirected < wanted.redirects) {
    ++redirected;
    response.status = 302;
    response.headers.add("Location", wanted.redirect);
  } else if (request.method == "DESCRIBE") {
    response.status = wanted.describe_status;
    response.body =
        fmt::format("v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 {}\r\na=control:track1\r\n", wanted.rtpmap);
    if (wanted.sound != Script::Sound::None) response.body += "m=audio 0 RTP/AVP 0\r\na=control:track2\r\n";
  } else if (request.method == "SETUP") {
    const bool is_sound = request.uri.ends_with("track2");
    set_up.push_back(is_sound ? "sound" : "video");
    if (is_sound && wanted.sound == Script::Sound::CutAtSetup) co_return false;
    if (is_sound && wanted.sound == Script::Sound::Refused) response.status = 500;
    visit.has_sound = visit.has_sound || (is_sound && response.status == 200);
    auto transport = rtsp::parse_transport(request.headers.find("Transport").value_or("")).at(0);
    if (transport.tcp ? wanted.is_tcp_refused : wanted.is_udp_refused) {
      response.status = 461;
    } else if (!transport.tcp) {
      auto& udp = is_sound ? visit.sound_udp : visit.udp;
      udp = bind_pair(loop_, visit.stream->local(), random_).value();
      udp->rtcp->receive([this](MutableBytes, const Endpoint&) { ++receiver_reports; });
      auto& client = is_sound ? visit.client_sound : visit.client_rtp;
      client = Endpoint::parse("127.0.0.1", transport.client_port->rtp).value();
      if (wanted.has_server_port) transport.server_port = udp->ports();
      if (!is_sound) visit.client_rtcp = Endpoint::parse("127.0.0.1", transport.client_port->rtcp).value();
    }
    response.headers.add("Transport", rtsp::write(transport));
    response.headers.add("Session", "42;timeout=2");
  } else if (request.method == "PLAY") {
    visit.playing = true;
    static constexpr std::uint8_t kEmptyReport[] = {0x80, 0xc9, 0, 1, 0x11, 0x22, 0x33, 0x44};
    const ByteView report[] = {kEmptyReport};
    if (visit.udp && !wanted.has_server_port)
      static_cast<void>(visit.udp->rtcp->send(*visit.client_rtcp, report));
  }
  co_return (co_await visit.stream->write(as_bytes(rtsp::write(response)), kTimeout)).has_value();
}

io::Task<> FakeCamera::play(Visit& visit) {
  while (!visit.playing) co_await io::sleep_for(Milliseconds(2));
  const auto& wanted = visit.script;
  for (int number = 0; wanted.frames == 0 || number < wanted.frames; ++number) {
    if (!co_await send_frame(visit, number)) co_return;
    if (visit.has_sound && !co_await send_sound(visit, number)) co_return;
    co_await io::sleep_for(wanted.interval);
  }
  switch (wanted.then) {
    case Script::Then::GoOn:
    case Script::Then::Silence:
      co_return;
    case Script::Then::CutInFrame:
      static_cast<void>(
          co_await visit.stream->write(as_bytes(std::string_view("$\0\x10\0half a frame", 16)), kTimeout));
      [[fallthrough]];
    case Script::Then::Cut:
      visit.stream->close();
      co_return;
    case Script::Then::Garbage: {
      const std::string garbage(5000, '\xa5');
      while (co_await visit.stream->write(as_bytes(garbage), kTimeout)) {
      }
      co_return;
    }
  }
}

io::Task<bool> FakeCamera::send_frame(Visit& visit, int number) {
  visit.batch.clear();
  const auto unit = frame(visit.script, number);
  const auto timestamp = static_cast<std::uint32_t>(number * visit.script.interval.count() * 9 / 100);
  const auto packets = visit.packetizer.packetize(unit, timestamp, visit.sequence, visit.batch).value();
  visit.sequence = static_cast<std::uint16_t>(visit.sequence + packets);
  if (visit.udp) {
    const bool is_damaged = visit.script.damaged_from >= 0 && number >= visit.script.damaged_from &&
                            number < visit.script.damaged_until;
    if (is_damaged || number == visit.script.lost_packet_at) {
      const auto all = visit.batch.packets();
      const auto kept = visit.script.is_last_lost ? all.first(all.size() - 1) : all.subspan(1);
      static_cast<void>(visit.udp->rtp->send(*visit.client_rtp, kept));
    } else {
      static_cast<void>(visit.udp->rtp->send(*visit.client_rtp, visit.batch.packets()));
    }
    co_return true;
  }
  for (const auto packet : visit.batch.packets()) {
    const auto header = rtsp::interleaved_header(0, static_cast<std::uint16_t>(packet.size()));
    const ByteView parts[] = {header, packet};
    if (!co_await visit.stream->write(parts, kTimeout)) co_return false;
  }
  co_return true;
}

/// 160 samples that are the picture's number.
io::Task<bool> FakeCamera::send_sound(Visit& visit, int number) {
  Buffer packet(rtp::kHeaderBytes + 160, static_cast<std::uint8_t>(number));
  ByteWriter writer(packet);
  rtp::write_header(writer,
                    {.sequence = static_cast<std::uint16_t>(number),
                     .timestamp = static_cast<std::uint32_t>(number * visit.script.interval.count() / 125),
                     .ssrc = 0x55667788});
  const ByteView one[] = {packet};
  if (visit.sound_udp) {
    static_cast<void>(visit.sound_udp->rtp->send(*visit.client_sound, one));
    co_return true;
  }
  const auto header = rtsp::interleaved_header(2, static_cast<std::uint16_t>(packet.size()));
  const ByteView parts[] = {header, packet};
  co_return (co_await visit.stream->write(parts, kTimeout)).has_value();
}

}  // namespace jalousie::ingest
