// STUN messages, as text and as checks that an ICE-lite session is asked to answer: with a password that the
// input cannot know nothing may change, and no answer may be longer than what it answers.
#include <cstdlib>

#include "webrtc/ice.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jalousie;
  using namespace jalousie::webrtc;
  const ByteView datagram(data, size);
  static_cast<void>(stun_username_fragment(datagram));
  static crypto::Hmac known(crypto::HmacHash::Sha1, as_bytes("VOkJxbRl1RmTxUk/WvJxBt"));
  if (const auto message = StunMessage::parse(datagram)) static_cast<void>(message->integrity_holds(known));

  const Endpoint from = Endpoint::v4({192, 0, 2, 1}, 5000);
  static const IceCredentials kSecret{"evtj", "a password that no seed was made with"};
  IceLite session(kSecret, "h6vY");
  IceLite::Reply reply;
  const auto received = session.receive(datagram, from, SteadyTime(), reply);
  if (received.answer.size() > size || received.new_path || session.nominated()) std::abort();

  // And with the password of RFC 5769, that the seeds go further.
  IceLite open({"evtj", "VOkJxbRl1RmTxUk/WvJxBt"}, "h6vY");
  const auto answer = open.receive(datagram, from, SteadyTime(), reply).answer;
  if (!answer.empty() && !StunMessage::parse(answer)) std::abort();
  return 0;
}
