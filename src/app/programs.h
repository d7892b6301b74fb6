// Where this program's helpers are.
#pragma once

#include <string>

namespace jalousie::app {

/// The decoder of stills: beside this program, wherever that was put; or where it is installed to. It may not
/// be there.
std::string decoder_program();

}  // namespace jalousie::app
