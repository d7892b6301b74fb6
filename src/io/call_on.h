// Asks another loop: runs a function there and resumes the caller on its own loop with what it returned.
//
//   const bool found = co_await io::call_on(shard.loop(), [&] { return shard.has(id); });
#pragma once

#include <optional>
#include <type_traits>

#include "io/loop.h"

namespace jalousie::io {

/// Not interrupted by cancellation: `work` may use what the caller's frame holds. It must not throw.
template <class F>
Task<std::invoke_result_t<F&>> call_on(Loop& loop, F work) {
  std::optional<std::invoke_result_t<F&>> value;
  co_await suspend([&loop, &work, &value](std::move_only_function<void()> resume) {
    loop.post([&work, &value, resume = std::move(resume)]() mutable {
      value.emplace(work());
      resume();
    });
  });
  co_return *std::move(value);
}

}  // namespace jalousie::io
