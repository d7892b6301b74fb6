#include "webrtc/ice.h"

#include <algorithm>
#include <utility>

namespace jalousie::webrtc {
namespace {

/// A peer that nominates aggressively (RFC 5245 section 8.1.1.2, older Firefox) puts USE-CANDIDATE on all its
/// checks and means the one of the highest priority. One that moves to another network stops nominating the
/// path it left, so a lower priority wins as soon as the higher has been silent this long.
constexpr Milliseconds kNominationHolds{500};

std::string ice_characters(RandomSource& random, std::size_t count) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Buffer bytes(count);
  random.fill(bytes);
  std::string text;
  for (const std::uint8_t byte : bytes)
    text += kAlphabet[byte % kAlphabet.size()];  // 64 divides 256: no bias
  wipe(bytes);
  return text;
}

}  // namespace

IceCredentials IceCredentials::make(RandomSource& random) {
  IceCredentials made;
  made.ufrag = ice_characters(random, 16);
  made.pwd = ice_characters(random, 32);
  return made;
}

IceLite::IceLite(const IceCredentials& local, std::string remote_ufrag)
    : key_(crypto::HmacHash::Sha1, as_bytes(local.pwd)),
      username_(local.ufrag + ":" + std::move(remote_ufrag)) {
  checked_.reserve(kCheckedKept);
}

IceLite::Received IceLite::receive(ByteView datagram, const Endpoint& from, SteadyTime now, Reply& reply) {
  const auto request = StunMessage::parse(datagram);
  // We send no requests, so answers are not for us; an indication keeps a binding open and says nothing.
  if (!request || request->message_class() != StunClass::Request || request->method() != kStunBinding)
    return {};
  if (!request->has_integrity() || !request->username())
    return {refuse(*request, 400, datagram.size(), reply), false, {}};
  if (*request->username() != username_ || !request->integrity_holds(key_)) {
    return {refuse(*request, 401, datagram.size(), reply), false, {}};
  }
  // STUN has nothing against a check that was recorded and is sent again from elsewhere to draw the stream
  // there.
  if (is_replayed(request->transaction(), from)) return {};
  if (!request->unknown().empty()) return {refuse(*request, 420, reply.size(), reply), false, {}};
  // A full agent controls a lite one (RFC 8445 section 6.1.1): 487 tells one that thinks otherwise to switch.
  if (request->says_controlled()) return {refuse(*request, 487, reply.size(), reply), false, {}};

  Received received;
  note_checked(from, now, received);
  if (request->use_candidate()) consider_nomination(*request, from, now);
  if (!nominated_ || *nominated_ == from) consented_ = now;
  received.answer = answer(*request, from, reply);
  return received;
}

ByteView IceLite::refuse(const StunMessage& request, std::uint16_t code, std::size_t at_most, Reply& reply) {
  StunWriter writer(reply, StunClass::Error, kStunBinding, request.transaction());
  writer.error_code(code);
  if (code == 420) writer.unknown_attributes(request.unknown());
  // 400 and 401 answer somebody who has not shown that he knows the password (RFC 8489 section 9.1.3).
  if (code == 420 || code == 487) writer.message_integrity(key_);
  if (request.has_fingerprint()) writer.fingerprint();
  const ByteView written = writer.finish();
  return written.size() <= at_most ? written : ByteView();
}

ByteView IceLite::answer(const StunMessage& request, const Endpoint& from, Reply& reply) {
  StunWriter writer(reply, StunClass::Success, kStunBinding, request.transaction());
  writer.xor_mapped_address(from);
  writer.message_integrity(key_);
  writer.fingerprint();
  return writer.finish();
}

bool IceLite::is_replayed(const StunTransaction& transaction, const Endpoint& from) {
  const auto found = std::find_if(seen_.begin(), seen_.end(),
                                  [&](const Seen& seen) { return seen.transaction == transaction; });
  if (found != seen_.end()) return found->from != from;
  seen_[seen_next_++ % seen_.size()] = {transaction, from};
  return false;
}

bool IceLite::is_checked(const Endpoint& endpoint) const {
  return std::any_of(checked_.begin(), checked_.end(),
                     [&](const Checked& path) { return path.at == endpoint; });
}

void IceLite::note_checked(const Endpoint& from, SteadyTime now, Received& received) {
  const auto found =
      std::find_if(checked_.begin(), checked_.end(), [&](const Checked& path) { return path.at == from; });
  if (found != checked_.end()) {
    found->heard = now;
    return;
  }
  received.new_path = true;
  if (checked_.size() < kCheckedKept) {
    checked_.push_back({from, now});
    return;
  }
  const auto oldest =
      std::min_element(checked_.begin(), checked_.end(), [&](const Checked& a, const Checked& b) {
        return std::pair(nominated_ == a.at, a.heard) < std::pair(nominated_ == b.at, b.heard);
      });
  received.forgotten = oldest->at;
  *oldest = {from, now};
}

void IceLite::consider_nomination(const StunMessage& request, const Endpoint& from, SteadyTime now) {
  const std::uint32_t priority = request.priority().value_or(0);
  const bool another = nominated_ && *nominated_ != from;
  if (another && priority < nominated_priority_ && now - nominated_at_ < kNominationHolds) return;
  nominated_ = from;
  nominated_priority_ = priority;
  nominated_at_ = now;
}

}  // namespace jalousie::webrtc
