// Precompiled for rooms with coroutines: pch_plain.h and the task type.
#pragma once
#include <boost/asio/awaitable.hpp>

#include "pch_plain.h"
