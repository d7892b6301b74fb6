// What protecting media costs one core: packets of 1,200 bytes by SRTP, in place, as a session sends them.
#include <benchmark/benchmark.h>

#include "rtp/packet.h"
#include "webrtc/ice.h"
#include "webrtc/srtp.h"

namespace {

using namespace jalousie;
using namespace jalousie::webrtc;

constexpr std::size_t kPacketBytes = 1200;

SrtpMasterKey key() {
  SrtpMasterKey made;
  for (std::size_t i = 0; i < 16; ++i) made.key.bytes()[i] = static_cast<std::uint8_t>(i);
  return made;
}

void protect_rtp(benchmark::State& state, SrtpSuite suite, SrtpSender::Repeats repeats) {
  SrtpSender sender(suite, key());
  if (!sender.add_stream(1, repeats)) std::abort();
  Buffer packet(kPacketBytes + kSrtpOverheadBytes);
  std::uint16_t sequence = 0;
  for (auto _ : state) {
    ByteWriter writer(packet);
    rtp::write_header(writer, {.payload_type = 96, .sequence = sequence++, .timestamp = 1, .ssrc = 1});
    if (!sender.protect_rtp(packet, kPacketBytes)) std::abort();
    benchmark::DoNotOptimize(packet.data());
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kPacketBytes));
}

void answer_check(benchmark::State& state, bool authentic) {
  IceLite session({"ours", "our own password"}, "theirs");
  std::array<std::uint8_t, 256> check;
  StunWriter writer(check, StunClass::Request, kStunBinding, {});
  writer.username("ours:theirs");
  crypto::Hmac password(crypto::HmacHash::Sha1, as_bytes(authentic ? "our own password" : "a guess"));
  writer.message_integrity(password);
  writer.fingerprint();
  const Endpoint from = Endpoint::v4({192, 0, 2, 1}, 5000);
  IceLite::Reply reply;
  for (auto _ : state)
    benchmark::DoNotOptimize(session.receive(writer.finish(), from, SteadyTime(), reply).answer.size());
}

BENCHMARK_CAPTURE(protect_rtp, gcm, SrtpSuite::AeadAes128Gcm, SrtpSender::Repeats::No);
BENCHMARK_CAPTURE(protect_rtp, gcm_repeatable, SrtpSuite::AeadAes128Gcm, SrtpSender::Repeats::Yes);
BENCHMARK_CAPTURE(protect_rtp, cm_sha1_80, SrtpSuite::Aes128CmSha1_80, SrtpSender::Repeats::No);
BENCHMARK_CAPTURE(answer_check, authentic, true);
BENCHMARK_CAPTURE(answer_check, forged, false);

}  // namespace
