// The keeper as viewings see it: what may wait for a disk goes to a worker thread, answers come back on the
// viewing's loop.
#pragma once

#include "io/workers.h"
#include "keeper/keeper.h"
#include "stream/viewing.h"

namespace jalousie::app {

class KeeperOffice final : public stream::GrantOffice {
 public:
  KeeperOffice(keeper::Keeper& keeper, io::Workers& workers) : keeper_(keeper), workers_(workers) {}

  void renew(ViewingId viewing, io::Loop& answer_on, Renewed answer) override;
  void refused(ViewingId viewing, seal::Refusal refusal, const seal::BlockHeader& header,
               const stream::Tally& tally) override;
  void ended(ViewingId viewing, const stream::Tally& tally) override;

 private:
  keeper::Keeper& keeper_;
  io::Workers& workers_;
};

}  // namespace jalousie::app
