// One look at a stream, for a still: opens the newest key frame and what follows it to the newest picture,
// under the grant of one request, and is over. Beside Viewing the one place where sealed blocks become clear
// pictures on the way out, by the same rules: a refused opening is an alarm and ends it.
//
// Lives on the request's loop. The grant's lease is not renewed: a glimpse is shorter.
#pragma once

#include <functional>

#include "keeper/grant.h"
#include "stream/shard.h"
#include "stream/viewing.h"

namespace jalousie::stream {

class Glimpse {
 public:
  /// `home`: the shard that the camera is pinned to. All outlive the glimpse.
  Glimpse(Shard& home, const Clock& clock, StreamId stream, keeper::Grant grant, GrantOffice& office);
  /// Tells the keeper what was opened, and wipes the keys.
  ~Glimpse();
  Glimpse(const Glimpse&) = delete;
  Glimpse& operator=(const Glimpse&) = delete;

  /// Given each unit, key frame first; `clear` is good during the call only. False: that is enough.
  using Take = std::function<bool(const seal::BlockHeader& header, ByteView clear)>;
  /// Unavailable when there is no picture, or none of the last seconds. When the glimpse was ended, the error
  /// that says why. Once. `take` and what it uses are the caller's, who waits.
  io::Task<Result<>> look(const Take& take);

  /// Ends it from above: nothing more is opened, and the keys are wiped.
  void end(keeper::EndReason reason);
  /// Nothing while the right holds; else why what was opened must not be shown. Ask before showing it.
  std::optional<Error> objection() const;
  const seal::Label& label() const { return label_.label; }

 private:
  void lack_key(const seal::Block& block, Microseconds key_age);
  void refuse(seal::Refusal refusal, const seal::BlockHeader& header);
  bool open(const seal::Block& block, const Take& take);
  void finish();

  Shard& home_;
  const Clock& clock_;
  seal::StreamLabel label_;
  keeper::Grant grant_;
  seal::Opener& opener_;
  GrantOffice& office_;
  Tally tally_;
  std::optional<keeper::EndReason> ended_;
  bool told_ = false;  // the keeper knows that it is over
};

/// What somebody is told whose right ended while they were being served; for what they may not know any more,
/// the same as for what does not exist.
Error end_error(keeper::EndReason reason);

}  // namespace jalousie::stream
