#include "deliver/still_budget.h"

#include <algorithm>

#include "base/assert.h"
#include "base/limits.h"

namespace jalousie::deliver {

namespace {
constexpr Microseconds kForgetEvery = Seconds(60);
// In this time a budget is full again, and as good as forgotten.
constexpr Microseconds kFullAfter = Seconds(30);
static_assert(limits::kStillsPerSecondPerSession * 30 >= limits::kStillBurstPerSession);
}  // namespace

Result<> StillBudget::admit(SessionId session, SteadyTime now) {
  forget_idle(now);
  auto [found, is_new] = sessions_.try_emplace(session);
  Spent& spent = found->second;
  if (is_new) spent.left = limits::kStillBurstPerSession;
  const double seconds = std::chrono::duration<double>(now - spent.counted_at).count();
  spent.left = std::min(limits::kStillBurstPerSession,
                        spent.left + std::max(0.0, seconds) * limits::kStillsPerSecondPerSession);
  spent.counted_at = now;
  if (spent.under_way >= limits::kStillsAtOncePerSession)
    return fail(ErrorKind::ResourceExhausted, "Too many stills at once: wait for one to come.");
  if (under_way_ >= limits::kStillsAtOnce)
    return fail(ErrorKind::ResourceExhausted, "Too many stills are being made: ask again in a moment.");
  if (spent.left < 1) return fail(ErrorKind::ResourceExhausted, "Too many stills: ask less often.");
  spent.left -= 1;
  spent.under_way += 1;
  under_way_ += 1;
  return {};
}

void StillBudget::release(SessionId session) {
  const auto found = sessions_.find(session);
  JAL_ASSERT(found != sessions_.end() && found->second.under_way > 0);
  found->second.under_way -= 1;
  under_way_ -= 1;
}

void StillBudget::forget_idle(SteadyTime now) {
  if (now - forgot_at_ < kForgetEvery) return;
  forgot_at_ = now;
  std::erase_if(sessions_, [now](const auto& entry) {
    return entry.second.under_way == 0 && now - entry.second.counted_at > kFullAfter;
  });
}

}  // namespace jalousie::deliver
