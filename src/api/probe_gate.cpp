#include "api/probe_gate.h"

#include <algorithm>

namespace jalousie::api {

namespace {

constexpr Microseconds kWindow = Seconds(60);
// A test takes 10 s at most: by then another one has often ended.
constexpr Seconds kUntilOneEnds(5);

template <class Id, class Count>
void forget_idle(std::map<Id, Count>& counts, SteadyTime now) {
  std::erase_if(counts, [now](const auto& entry) {
    const Count& count = entry.second;
    return count.running == 0 && (count.begun.empty() || count.begun.back() + kWindow <= now);
  });
}

}  // namespace

std::optional<ProbeGate::Refusal> ProbeGate::over(Crowd crowd, const Bound& bound, Count& count,
                                                  SteadyTime now) {
  while (!count.begun.empty() && count.begun.front() + kWindow <= now) count.begun.pop_front();
  if (count.begun.size() >= bound.per_minute) {
    const Microseconds left = count.begun.front() + kWindow - now;
    return Refusal{crowd, false, std::max(Seconds(1), std::chrono::ceil<Seconds>(left))};
  }
  if (count.running >= bound.at_once) return Refusal{crowd, true, kUntilOneEnds};
  return std::nullopt;
}

std::expected<ProbeGate::Place, ProbeGate::Refusal> ProbeGate::enter(AccountId account, HomeId home,
                                                                     SteadyTime now) {
  const std::lock_guard lock(mutex_);
  forget_idle(accounts_, now);
  forget_idle(homes_, now);
  Count& of_account = accounts_[account];
  Count& of_home = homes_[home];
  auto refusal = over(Crowd::Account, bounds_.account, of_account, now);
  if (!refusal) refusal = over(Crowd::Home, bounds_.home, of_home, now);
  if (!refusal) refusal = over(Crowd::All, bounds_.all, all_, now);
  if (refusal) {
    forget_idle(accounts_, now);
    forget_idle(homes_, now);
    return std::unexpected(*refusal);
  }
  for (Count* count : {&of_account, &of_home, &all_}) {
    ++count->running;
    count->begun.push_back(now);
  }
  return Place(this, [account, home](void* gate) { static_cast<ProbeGate*>(gate)->leave(account, home); });
}

void ProbeGate::leave(AccountId account, HomeId home) {
  const std::lock_guard lock(mutex_);
  --accounts_.at(account).running;
  --homes_.at(home).running;
  --all_.running;
}

std::size_t ProbeGate::remembered() const {
  const std::lock_guard lock(mutex_);
  return accounts_.size() + homes_.size();
}

}  // namespace jalousie::api
