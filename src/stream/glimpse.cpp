#include "stream/glimpse.h"

#include <utility>

#include "base/assert.h"
#include "base/log.h"
#include "io/call_on.h"

namespace jalousie::stream {

namespace {

seal::Opener& opener_for(keeper::Grant& grant, StreamId stream) {
  const auto found = grant.openers.find(stream);
  JAL_ASSERT(found != grant.openers.end());
  return found->second;
}

// As long as a viewing waits for the key of a block.
constexpr Microseconds kKeyPatience = Seconds(10);

Error no_picture() { return {ErrorKind::Unavailable, "The camera has no picture."}; }

}  // namespace

Error end_error(keeper::EndReason reason) {
  switch (reason) {
    case keeper::EndReason::SignedOut:
      return {ErrorKind::Unauthenticated, "Sign in first."};
    case keeper::EndReason::PrivacyOn:
      return {ErrorKind::FailedPrecondition, "The camera's privacy is on: nobody sees its pictures."};
    case keeper::EndReason::Suspended:
      return {ErrorKind::FailedPrecondition, "The camera is suspended for now."};
    case keeper::EndReason::RightsChanged:
    case keeper::EndReason::CameraRemoved:
    case keeper::EndReason::TenureEnded:
      return {ErrorKind::NotFound, "There is no such camera."};
    case keeper::EndReason::LeaseLost:
    case keeper::EndReason::Refused:
      return no_picture();
  }
  JAL_ASSERT(false);
}

Glimpse::Glimpse(Shard& home, const Clock& clock, StreamId stream, keeper::Grant grant, GrantOffice& office)
    : home_(home),
      clock_(clock),
      label_{grant.label, stream},
      grant_(std::move(grant)),
      opener_(opener_for(grant_, stream)),
      office_(office) {}

Glimpse::~Glimpse() { finish(); }

io::Task<Result<>> Glimpse::look(const Take& take) {
  // By the grant's label, nothing less. What comes is sealed.
  const auto [blocks, age] = co_await io::call_on(home_.loop(), [this] {
    return std::pair(home_.from_newest_key(label_), home_.newest_key_age(label_));
  });
  if (const auto no = objection()) co_return std::unexpected(*no);
  if (blocks.empty()) co_return std::unexpected(no_picture());
  for (const seal::BlockPtr& block : blocks) {
    const seal::BlockHeader& header = block->header();
    if (header.kind != seal::BlockKind::Video) continue;
    // What follows a hole refers to what was lost in it.
    if (block != blocks.front() && (header.flags & seal::kFlagGap) != 0) break;
    // It refers to pictures from before the key frame: a decoder that begins there makes noise of it.
    if ((header.flags & seal::kFlagRefersPastKey) != 0) continue;
    if (opener_.lacks_key_of(*block)) {
      lack_key(*block, age);
      break;
    }
    if (!open(*block, take)) break;
  }
  if (const auto no = objection()) co_return std::unexpected(*no);
  if (tally_.frames == 0) co_return std::unexpected(no_picture());
  co_return Result<>();
}

// Of an epoch that this grant, made a moment ago, has no keys of: the wall clock was set. No picture, and no
// alarm at first: the camera's next key frame is of an epoch that grants have. Where none comes, it is
// refused like any other, as in a viewing.
void Glimpse::lack_key(const seal::Block& block, Microseconds key_age) {
  home_.without_key().add();
  log::warn("stream", "a picture is of an epoch that nobody is given the key of",
            {{"camera", label_.label.camera.to_string()}, {"epoch", std::to_string(block.header().epoch)}});
  if (tally_.frames == 0 && key_age > kKeyPatience) refuse(seal::Refusal::WrongKey, block.header());
}

void Glimpse::refuse(seal::Refusal refusal, const seal::BlockHeader& header) {
  ended_ = keeper::EndReason::Refused;
  told_ = true;
  opener_.forget();
  office_.refused(grant_.viewing, refusal, header, tally_);
}

bool Glimpse::open(const seal::Block& block, const Take& take) {
  const auto clear = opener_.open(block);
  if (!clear) {
    refuse(clear.error(), block.header());
    return false;
  }
  if (tally_.frames == 0) tally_.first_sequence = block.header().sequence;
  tally_.frames += 1;
  tally_.bytes += clear->bytes().size();
  tally_.last_sequence = block.header().sequence;
  return take(block.header(), clear->bytes());
}

void Glimpse::end(keeper::EndReason reason) {
  if (ended_) return;
  ended_ = reason;
  finish();
}

std::optional<Error> Glimpse::objection() const {
  if (ended_) return end_error(*ended_);
  if (clock_.steady() >= grant_.lease_until) return end_error(keeper::EndReason::LeaseLost);
  return std::nullopt;
}

void Glimpse::finish() {
  opener_.forget();
  if (!told_) office_.ended(grant_.viewing, tally_);
  told_ = true;
}

}  // namespace jalousie::stream
