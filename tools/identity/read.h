// Reads the identity code out of a decoded picture, whatever its size, as long as it is the whole picture,
// unturned and without borders. Tolerates scaling down to 320 x 180, strong compression, mild blur and any
// change of brightness and contrast. Says nothing rather than something wrong: a tile is read only where two
// tones, the Reed-Solomon word and the CRC agree. The same in JavaScript: tests/browser/identity.mjs.
#pragma once

#include <optional>
#include <vector>

#include "identity/code.h"
#include "identity/luma.h"

namespace jalousie::identity {

struct TileReading {
  std::size_t row = 0;
  std::size_t column = 0;
  std::optional<Identity> identity;       // nothing: unreadable
  std::optional<std::uint8_t> frame_low;  // frame number modulo 256, from this tile alone
  std::optional<std::uint32_t> frame;     // with what the other tiles of this identity say
  std::optional<LocalTime> time;
};

/// All tiles, row by row; all unreadable where the picture is smaller than 192 x 90.
std::vector<TileReading> read_identity(LumaView picture);

/// The same facts by identity: in how many tiles it stands, and the frame and time that most of those say.
struct IdentityFound {
  Identity identity;
  std::size_t tiles = 0;
  std::optional<std::uint32_t> frame;
  std::optional<LocalTime> time;
};
std::vector<IdentityFound> identities_in(const std::vector<TileReading>& tiles);

}  // namespace jalousie::identity
