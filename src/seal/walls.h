// Whether this program was built with its walls. A build with JALOUSIE_NAIVE links twins that seal nothing
// and open anything, to prove that planted faults would show; it must say so wherever it shows itself.
#pragma once

namespace jalousie::seal {

/// Answered by the same source file as the opener, so that it cannot disagree with what was linked.
bool walls_are_up() noexcept;

}  // namespace jalousie::seal
