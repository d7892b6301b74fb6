#include "stream/viewing.h"

#include "base/assert.h"
#include "base/log.h"
#include "stream/shard.h"

namespace jalousie::stream {

namespace {

// A viewer that lost its way is sent back to a key frame at most twice for each, and slower than at a start:
// on a poor network the way back would else cause the next loss.
constexpr Microseconds kRestartEvery = Seconds(1);
constexpr int kRestartsPerKey = 2;
constexpr double kRestartFastest = 2.0;
// A live viewing this far behind the ring's newest block goes on from the newest key frame.
constexpr Microseconds kTooFarBehind = Milliseconds(1500);
// A renewal is one look into the registry and one line in the ledger: milliseconds, a second or two on a disk
// that is busy. What a keeper that answers has not brought after this long, it has not got.
constexpr Microseconds kKeysWithin = Seconds(10);
constexpr Microseconds kAskForKeysEvery = Seconds(1);

seal::Opener& opener_for(keeper::Grant& grant, StreamId stream) {
  const auto found = grant.openers.find(stream);
  JAL_ASSERT(found != grant.openers.end());
  return found->second;
}

}  // namespace

Viewing::Viewing(Shard& shard, StreamId stream, keeper::Grant grant, GrantOffice& office, Sink& sink)
    : shard_(shard),
      label_{grant.label, stream},
      grant_(std::move(grant)),
      opener_(opener_for(grant_, stream)),
      office_(office),
      sink_(sink),
      pace_(shard.loop()),
      renewal_(shard.loop()),
      lease_(shard.loop()) {
  schedule_renewal();
  start_lease();
}

Viewing::~Viewing() {
  *alive_ = false;
  if (!ended_) {
    opener_.forget();
    office_.ended(grant_.viewing, tally_);
  }
  shard_.leave(*this);
}

void Viewing::start() {
  if (started_ || ended_) return;
  started_ = true;
  ring_ = &shard_.join(*this);
  cursor_ = ring_->end();
  pump();
}

bool Viewing::find_start(SteadyTime now) {
  const auto key = ring_->newest_key();
  const auto newest = ring_->newest_picture();
  if (!key || !newest) return false;
  const UtcTime now_utc = shard_.clock().utc();
  if (now_utc - *newest > kStale) return false;
  cursor_ = *key;
  keys_since_jump_ = 0;
  restart_after_ = now + kRestartEvery;
  walk_.emplace(ring_->peek(cursor_)->header().capture, now, now_utc);
  return true;
}

void Viewing::pump() {
  if (!started_ || ended_) return;
  const SteadyTime now = shard_.clock().steady();
  if (!walk_ && !find_start(now)) return;
  if (is_held(now)) return;
  while (!ended_ && sink_.is_ready()) {
    if (walk_->is_live()) {
      const seal::Block* next = ring_->peek(cursor_);
      if (next != nullptr && ring_->newest()->header().capture - next->header().capture > kTooFarBehind) {
        follow_skip(ring_->skip_to_newest_key(cursor_), now);
      }
    }
    const seal::Block* next = ring_->peek(cursor_);
    if (next == nullptr && cursor_.position == ring_->end().position) {
      walk_->reached_live();
      return;
    }
    if (next != nullptr && opener_.lacks_key_of(*next)) {
      Cursor here = cursor_;
      hold(ring_->read(here).block, now);
      return;
    }
    if (next != nullptr && next->header().kind == seal::BlockKind::Video) {
      if (!due_) due_ = walk_->due(next->header().capture, now);
      // The sink was not ready for so long that the way to live is longer than it was.
      if (now - *due_ > kTooFarBehind && follow_skip(ring_->skip_to_newest_key(cursor_), now)) continue;
      if (*due_ > now) {
        pace_.start(*due_ - now, [this] { pump(); });
        return;
      }
    }
    const Ring::Read read = ring_->read(cursor_);
    if (read.lost > 0) {
      // What came first was let go of; the block in hand is the newest key frame.
      if (!read.block) continue;
      cursor_.position -= 1;
      follow_skip(read.lost, now);
      continue;
    }
    if (read.block->header().kind == seal::BlockKind::Video) due_.reset();
    if (!take(read.block)) return;
  }
}

bool Viewing::follow_skip(std::uint64_t lost, SteadyTime now) {
  if (lost == 0) return false;
  due_.reset();
  const seal::Block* key = ring_->peek(cursor_);
  if (key == nullptr) return true;
  keys_since_jump_ = 0;
  restart_after_ = now + kRestartEvery;
  walk_->jump(key->header().capture, now, shard_.clock().utc());
  sink_.on_skipped(lost);
  return true;
}

void Viewing::hold(const seal::BlockPtr& block, SteadyTime now) {
  held_ = block;
  held_since_ = now;
  answered_ = false;
  log::info("stream", "a viewing waits for the keys of another epoch",
            {{"viewing", grant_.viewing.to_string()}, {"epoch", std::to_string(block->header().epoch)}});
  is_held(now);
}

/// It is the one block that has to be opened, not what the ring holds by now: no other goes in its place.
bool Viewing::is_held(SteadyTime now) {
  if (!held_) return false;
  if (!opener_.lacks_key_of(*held_)) {
    // What gathered meanwhile is walked through, not shown at once.
    due_.reset();
    walk_->jump(held_->header().capture, now, shard_.clock().utc());
    held_.reset();
    return false;
  }
  // A keeper that does not answer has until the lease runs out; there is nothing to raise an alarm about.
  if (answered_ && now - held_since_ >= kKeysWithin) {
    refuse(seal::Refusal::WrongKey, held_->header());
    return true;
  }
  if (asked_ == 0 && now >= ask_after_) {
    ask_after_ = now + kAskForKeysEvery;
    ask_renewal();
  }
  pace_.start(kAskForKeysEvery, [this] { pump(); });
  return true;
}

/// Refers to pictures before the key frame where this viewing began: a decoder would make noise of it.
bool Viewing::lacks_references(const seal::BlockHeader& header) {
  if (header.is_key_frame()) ++keys_since_jump_;
  return (header.flags & seal::kFlagRefersPastKey) != 0 && keys_since_jump_ < 2;
}

/// False where the viewing has ended. Kinds of block that are for nobody here stay closed.
bool Viewing::take(const seal::BlockPtr& block) {
  switch (block->header().kind) {
    case seal::BlockKind::Video:
      return lacks_references(block->header()) || show(block);
    case seal::BlockKind::Audio:
      return hear(block);
    default:
      return true;
  }
}

/// What was heard or passed over once is not heard again: only pictures are walked twice.
bool Viewing::hear(const seal::BlockPtr& block) {
  if (!walk_->is_live() || cursor_.position <= opened_until_ || !sink_.wants_sound()) return true;
  const auto shown = walk_->shown_beside(block->header().capture);
  if (!shown) return true;
  const auto clear = opener_.open(*block);
  if (!clear) {
    refuse(clear.error(), block->header());
    return false;
  }
  opened_until_ = cursor_.position;
  tally_.sounds += 1;
  tally_.bytes += clear->bytes().size();
  tally_.last_sequence = block->header().sequence;
  sink_.on_sound(Sound{block, clear->bytes(), *shown});
  return !ended_;
}

bool Viewing::show(const seal::BlockPtr& block) {
  const bool seen = cursor_.position <= opened_until_;
  auto clear = seen ? opener_.reopen(*block) : opener_.open(*block);
  if (!clear) {
    refuse(clear.error(), block->header());
    return false;
  }
  opened_until_ = std::max(opened_until_, cursor_.position);
  if (tally_.frames == 0) tally_.first_sequence = block->header().sequence;
  tally_.frames += 1;
  tally_.bytes += clear->bytes().size();
  tally_.last_sequence = block->header().sequence;
  sink_.on_frame(Frame{block, clear->bytes(), walk_->shown_90khz(), walk_->is_live()});
  return !ended_;
}

std::optional<seal::Clear> Viewing::reopen(const seal::BlockPtr& block) {
  if (ended_ || opener_.lacks_key_of(*block) || opener_.is_behind_window(*block)) return std::nullopt;
  auto clear = opener_.reopen(*block);
  if (!clear) {
    refuse(clear.error(), block->header());
    return std::nullopt;
  }
  return std::move(*clear);
}

void Viewing::key_frame_wanted() {
  if (!started_ || ended_ || !walk_) return;
  const SteadyTime now = shard_.clock().steady();
  if (now < restart_after_) return;
  const auto key = ring_->newest_key();
  if (!key || key->position >= cursor_.position) return;  // one is on its way
  // What is behind the opener's window cannot be opened again; with it, all up to live was opened.
  const seal::Block* const target = ring_->peek(*key);
  if (opener_.is_behind_window(*target) || opener_.lacks_key_of(*target)) return;
  if (key->position != restarted_at_) restarts_ = 0;
  if (restarts_ >= kRestartsPerKey) return;  // what two attempts did not bring, the next key frame will
  restarted_at_ = key->position;
  ++restarts_;
  restart_after_ = now + kRestartEvery * (1 << 2 * restarts_);
  cursor_ = *key;
  keys_since_jump_ = 0;
  due_.reset();
  walk_->jump(target->header().capture, now, shard_.clock().utc(), kRestartFastest);
  pump();
}

void Viewing::refuse(seal::Refusal refusal, const seal::BlockHeader& header) {
  if (ended_) return;
  stop();
  office_.refused(grant_.viewing, refusal, header, tally_);
  sink_.on_ended(keeper::EndReason::Refused);
}

void Viewing::end(keeper::EndReason reason) {
  if (ended_) return;
  stop();
  office_.ended(grant_.viewing, tally_);
  sink_.on_ended(reason);
}

void Viewing::stop() {
  ended_ = true;
  opener_.forget();
  pace_.cancel();
  renewal_.cancel();
  lease_.cancel();
}

void Viewing::start_lease() {
  lease_.start(std::max<Microseconds>(grant_.lease_until - shard_.clock().steady(), Microseconds(0)),
               [this] { end(keeper::EndReason::LeaseLost); });
}

void Viewing::schedule_renewal() {
  renewal_.start(keeper::kRenewEvery, [this] {
    ask_renewal();
    schedule_renewal();
  });
}

void Viewing::ask_renewal() {
  ++asked_;
  office_.renew(grant_.viewing, shard_.loop(), [this, alive = alive_](Result<keeper::Renewal> renewal) {
    if (!*alive) return;
    --asked_;
    if (!ended_) renewed(std::move(renewal));
  });
}

void Viewing::renewed(Result<keeper::Renewal> renewal) {
  if (!renewal) {
    // A right that is gone ends it now; a keeper that cannot answer has until the lease runs out.
    const ErrorKind kind = renewal.error().kind();
    if (kind == ErrorKind::NotFound || kind == ErrorKind::PermissionDenied ||
        kind == ErrorKind::Unauthenticated) {
      end(keeper::EndReason::RightsChanged);
    }
    return;
  }
  grant_.lease_until = renewal->lease_until;
  start_lease();
  if (auto keys = renewal->keys.find(label_.stream); keys != renewal->keys.end())
    opener_.renew(std::move(keys->second));
  answered_ = true;
  if (held_) pump();
}

}  // namespace jalousie::stream
