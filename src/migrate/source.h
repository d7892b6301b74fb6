// Addresses as other servers write them, and what they come to. Private to migrate.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "migrate/plan.h"

namespace jalousie::migrate {

/// "Front door" of "front_door"; names that somebody wrote with spaces stay as they are.
std::string name_for_people(std::string_view name);

/// `${NAME}`, `${NAME:otherwise}` and `{FRIGATE_NAME}` in it replaced. NotFound names the variable that is
/// missing.
Result<std::string> fill_in(std::string_view text, const Variables& variables);

/// An RTSP address of ours: without what stands behind '#', and of what FFmpeg or an unchecked TLS wrap, the
/// inside. Unsupported says what kind of source it is, InvalidArgument what is wrong with the address.
Result<std::string> rtsp_address(std::string_view source);

/// Whether both lead to the same scheme, host and port, so that one can be the other's small stream.
bool is_same_place(const std::string& one, const std::string& other);

/// The name of the stream that an address of a bridge on the same machine asks for
/// ("rtsp://127.0.0.1:8554/door?video" gives "door"); empty where it is no such address.
std::string stream_of_bridge(std::string_view address);

}  // namespace jalousie::migrate
