// The keeper's own workers, and the keeper as viewings see it: what may wait for a disk goes to a worker
// thread, answers come back on the viewing's loop.
//
// What takes a right away, or keeps one, never waits behind what anybody outside can ask for in any number:
// sign-ins, offers, probes. Those have the server's common workers.
#pragma once

#include "io/workers.h"
#include "keeper/keeper.h"
#include "registry/store.h"
#include "stream/viewing.h"

namespace jalousie::app {

class KeeperOffice final : public stream::GrantOffice {
 public:
  KeeperOffice(keeper::Keeper& keeper, registry::Store& store) : keeper_(keeper), store_(store) {}

  void renew(ViewingId viewing, io::Loop& answer_on, Renewed answer) override;
  void refused(ViewingId viewing, seal::Refusal refusal, const seal::BlockHeader& header,
               const stream::Tally& tally) override;
  void ended(ViewingId viewing, const stream::Tally& tally) override;

  /// Keeper::tick().
  io::Task<Result<>> tick();
  io::Task<Result<std::uint64_t>> change_counter();
  /// For what people do that ends viewings: signing out, privacy, removing a camera.
  io::Workers& revoking() { return revoking_; }

 private:
  keeper::Keeper& keeper_;
  registry::Store& store_;
  // Each waits for at most one disk at a time. Many viewings may end at once, when a network fails, and write
  // to the ledger; the tick does not queue behind them.
  io::Workers leases_{4};
  io::Workers revoking_{2};
  io::Workers ticking_{1};
};

}  // namespace jalousie::app
