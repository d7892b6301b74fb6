// A camera as people enter it: what is missing or wrong is said by field; credentials in the URL are split
// off.
#pragma once

#include "api/body.h"
#include "keeper/household.h"

namespace jalousie::api {

/// "name" is asked for when a camera is added, and not for a test.
Result<keeper::NewCamera> new_camera(const Body& body, bool with_name);
Result<keeper::CameraChange> camera_change(const Body& body);

}  // namespace jalousie::api
