#include "app/keeper_office.h"

namespace jalousie::app {

void KeeperOffice::renew(ViewingId viewing, io::Loop& answer_on, Renewed answer) {
  leases_.post([this, viewing, &answer_on, answer = std::move(answer)]() mutable {
    answer_on.post([answer = std::move(answer), renewal = keeper_.renew(viewing)]() mutable {
      answer(std::move(renewal));
    });
  });
}

void KeeperOffice::refused(ViewingId viewing, seal::Refusal refusal, const seal::BlockHeader& header,
                           const stream::Tally& tally) {
  // One piece of work: two could change places, and the alarm would not know whose viewing it was.
  leases_.post([this, viewing, refusal, header, tally] {
    keeper_.refused(viewing, refusal, header);
    keeper_.end(viewing, tally.frames, tally.bytes);
  });
}

void KeeperOffice::ended(ViewingId viewing, const stream::Tally& tally) {
  leases_.post([this, viewing, tally] { keeper_.end(viewing, tally.frames, tally.bytes); });
}

io::Task<Result<>> KeeperOffice::tick() {
  co_return co_await io::offload(ticking_, [this] { return keeper_.tick(); });
}

io::Task<Result<std::uint64_t>> KeeperOffice::change_counter() {
  co_return co_await io::offload(ticking_, [this] { return store_.change_counter(); });
}

}  // namespace jalousie::app
