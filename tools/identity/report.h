// What the reader found, as JSON or as lines for people.
#pragma once

#include <string>
#include <vector>

#include "identity/read.h"

namespace jalousie::identity {

/// {"tiles":[{"row":0,"column":0,"home":1,"camera":2,"tenure":1,"frame":7,"time":"2026-11-23T07:15:00+01:00",
/// "zone":"+01:00"} |
/// {"row":0,"column":1,"unreadable":true}],"identities":[{"home":1,"camera":2,"tenure":1,"tiles":15,
/// "frame":7,"time":"...","zone":"..."}]}; what could not be told is null. "frameLow" is the frame number
/// modulo 256.
std::string to_json(const std::vector<TileReading>& tiles);

/// One line per tile, and one per identity.
std::string to_lines(const std::vector<TileReading>& tiles);

}  // namespace jalousie::identity
