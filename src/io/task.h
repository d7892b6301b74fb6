// Task<T>: a coroutine that runs on the loop it was started on. The only header of ours outside io/ that
// names Asio's type; everything else of Asio stays inside io/*.cpp.
#pragma once

#include <boost/asio/awaitable.hpp>

namespace jalousie::io {

template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace jalousie::io
