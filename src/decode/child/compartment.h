// The walls around a decoder, closed by itself before it reads the first byte of a camera: afterwards it can
// compute, and read and write descriptor 0. docs/design/decoder-sandbox.md says why each is there.
//
// What it must do before: load its libraries, open its codecs. Single-threaded.
#pragma once

#include <cstdint>
#include <optional>

namespace jalousie::decode {

/// CPU seconds after which a child should end of its own accord; the kernel ends it a little later.
inline constexpr int kRetireAfterCpuSeconds = 60;

/// The flags of Ready (message.h). Nothing where a wall that must stand could not be closed: then the process
/// must end.
std::optional<std::uint8_t> close_compartment();

}  // namespace jalousie::decode
