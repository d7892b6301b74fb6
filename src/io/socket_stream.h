// A Stream over a stream socket that is connected already. Private to io.
#pragma once

#include <memory>

#include "base/result.h"
#include "io/stream.h"

namespace jalousie::io {

/// Takes `fd`, which must be non-blocking, also when it fails. Without addresses: peer() and local() are
/// empty.
Result<std::unique_ptr<Stream>> stream_of(Loop& loop, int fd);

}  // namespace jalousie::io
