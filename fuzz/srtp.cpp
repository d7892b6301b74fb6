// SRTP and SRTCP: the first byte says which suite and which way. What was protected opens again and once
// only; what was not ours never opens.
#include "webrtc/srtp.h"

#include <algorithm>
#include <cstdlib>

namespace {

using namespace jalousie;
using namespace jalousie::webrtc;

SrtpMasterKey key() {
  SrtpMasterKey made;
  made.key.bytes()[0] = 1;
  return made;
}

void round_trip(SrtpSuite suite, Buffer packet) {
  const Buffer clear = packet;
  packet.resize(clear.size() + kSrtcpOverheadBytes);
  SrtpSender sender(suite, key());
  const auto total = sender.protect_rtcp(packet, clear.size());
  if (!total) return;
  SrtcpReceiver receiver(suite, key());
  Buffer again(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(*total));
  Buffer replay = again;
  const auto opened = receiver.unprotect(again);
  if (!opened || !std::equal(opened->begin(), opened->end(), clear.begin(), clear.end())) std::abort();
  if (receiver.unprotect(replay)) std::abort();
}

void send_twice(SrtpSuite suite, Buffer packet) {
  const std::size_t length = packet.size();
  packet.resize(length + kSrtpOverheadBytes);
  SrtpSender sender(suite, key());
  // The stream that the packet says it is of, where it is long enough to.
  if (length >= 12 &&
      !sender.add_stream(ByteReader(ByteView(packet).subspan(8, 4)).u32(), SrtpSender::Repeats::Yes))
    std::abort();
  Buffer first = packet;
  Buffer again = packet;
  Buffer forward = packet;
  const auto sent = sender.protect_rtp(first, length);
  if (!sent) return;
  if (!sender.protect_rtp_again(again, length) || first != again) std::abort();
  if (sender.protect_rtp(forward, length)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto suite = (data[0] & 1) != 0 ? SrtpSuite::Aes128CmSha1_80 : SrtpSuite::AeadAes128Gcm;
  Buffer packet(data + 1, data + size);
  SrtcpReceiver receiver(suite, key());
  Buffer foreign = packet;
  static_cast<void>(receiver.unprotect(foreign));
  round_trip(suite, packet);
  send_twice(suite, std::move(packet));
  return 0;
}
