// DTLS from a peer whose address is checked: a row of datagrams, each behind its length (16 bits), into one
// server. No keys may come of it, since no input can prove to hold a certificate's key to our random.
#include <algorithm>
#include <cstdlib>

#include "crypto/system_random.h"
#include "webrtc/dtls.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jalousie;
  using namespace jalousie::webrtc;
  static crypto::SystemRandom random;
  static const auto kIdentity = Identity::create(random, utc_from_us(1'700'000'000'000'000)).value();
  DtlsServer server(kIdentity, {std::string("00:").append(kIdentity->fingerprint().substr(3))});
  ByteReader reader({data, size});
  SteadyTime now;
  for (int i = 0; i < 64 && reader.remaining() > 0; ++i) {
    const std::size_t length = std::min<std::size_t>(reader.u16(), reader.remaining());
    server.feed(reader.bytes(length), now);
    now += Milliseconds(100);
    server.on_deadline(now);
    while (const auto output = server.take_output()) {
      if (output->size() > DtlsServer::kMtu) std::abort();
    }
  }
  if (server.state() == DtlsServer::State::Connected || server.take_keys()) std::abort();
  return 0;
}
