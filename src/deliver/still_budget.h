// How many stills one session may have under way and ask for: decoding costs more than anything else that a
// request can make the server do. And how many all together, for the memory that they take. Not thread-safe:
// it lives on one loop.
#pragma once

#include <cstddef>
#include <unordered_map>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

namespace jalousie::deliver {

class StillBudget {
 public:
  /// ResourceExhausted over the limits (base/limits.h); else release() belongs to it.
  Result<> admit(SessionId session, SteadyTime now);
  void release(SessionId session);
  /// Sessions that are remembered.
  std::size_t size() const { return sessions_.size(); }

 private:
  struct Spent {
    std::size_t under_way = 0;
    double left = 0;  // requests that it may make at once
    SteadyTime counted_at{};
  };
  void forget_idle(SteadyTime now);

  std::unordered_map<SessionId, Spent> sessions_;
  std::size_t under_way_ = 0;
  SteadyTime forgot_at_{};
};

}  // namespace jalousie::deliver
