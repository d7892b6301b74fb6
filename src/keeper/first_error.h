// For work of several parts that do not depend on one another: an error of one must not keep the others from
// being done, and must not be lost.
#pragma once

#include <utility>

#include "base/result.h"

namespace jalousie::keeper {

/// Keeps the first error of several results.
class FirstError {
 public:
  void note(Result<> result) {
    if (first_ && !result) first_ = std::move(result);
  }
  const Result<>& result() const { return first_; }

 private:
  Result<> first_;
};

}  // namespace jalousie::keeper
