// Precompiled for rooms with coroutines: pch_plain.h and the task type.
#pragma once
#include "pch_plain.h"

#include <boost/asio/awaitable.hpp>
