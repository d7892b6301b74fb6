// Local time of the camera's place, from the system's zone database.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace jalousie::camera {

/// Makes `name` ("Europe/Berlin") the zone of this process; empty keeps the system's. Call before threads are
/// started. NotFound when the database does not know it.
Result<> set_time_zone(const std::string& name);

/// How far local time is ahead of UTC at `time`, in quarter hours, rounded. From any thread.
std::int8_t zone_quarters(UtcTime time);

}  // namespace jalousie::camera
