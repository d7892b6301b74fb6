#include "decode/child/serve.h"

#include <cerrno>
#include <ctime>
#include <malloc.h>
#include <optional>
#include <unistd.h>
#include <vector>

#include "base/limits.h"
#include "decode/child/compartment.h"

namespace jalousie::decode {

namespace {

bool receive_all(MutableBytes bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::read(0, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

/// What is freed is overwritten, or goes back to the kernel at once: pictures do not stay behind in the heap.
bool forget_what_is_freed() {
  return ::mallopt(M_PERTURB, 0x5A) == 1 && ::mallopt(M_MMAP_THRESHOLD, 64 * 1024) == 1 &&
         ::mallopt(M_ARENA_MAX, 1) == 1;
}

std::optional<std::vector<ByteView>> split(ByteView bytes, std::size_t count) {
  std::vector<ByteView> units;
  ByteReader reader(bytes);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t length = reader.u32();
    units.push_back(reader.bytes(length));
  }
  if (!reader.ok() || reader.remaining() != 0) return std::nullopt;
  return units;
}

bool is_time_to_retire() {
  timespec used{};
  return ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0 || used.tv_sec >= kRetireAfterCpuSeconds;
}

/// Nothing while it goes on; else the exit status.
std::optional<int> answer_one(Draw draw) {
  std::array<std::uint8_t, kMessageHeaderBytes> head{};
  if (!receive_all(head)) return kEndedInOrder;
  const auto request = RequestHeader::parse(head);
  if (!request) return kServerMalformed;
  Buffer bytes(request->bytes);
  if (!receive_all(bytes)) return kEndedInOrder;
  const auto units = split(bytes, request->units);
  if (!units) return kServerMalformed;
  Drawn drawn = draw(*request, *units);
  wipe(bytes);
  const bool retiring = is_time_to_retire();
  const AnswerHeader answer{.number = request->number,
                            .outcome = drawn.outcome,
                            .flags = retiring ? kFlagRetiring : std::uint8_t{0},
                            .unit = drawn.unit,
                            .width = drawn.width,
                            .height = drawn.height,
                            .jpeg_bytes = static_cast<std::uint32_t>(drawn.jpeg.size())};
  const bool sent = send_all(answer.encode()) && send_all(drawn.jpeg);
  wipe(drawn.jpeg);
  if (!sent || retiring) return kEndedInOrder;
  return std::nullopt;
}

}  // namespace

bool send_all(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(0, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

int serve(Draw draw) {
  if (!forget_what_is_freed() || !warm_up()) return kNoCompartment;
  const auto fences = close_compartment();
  if (!fences) return kNoCompartment;
  const AnswerHeader ready{.outcome = Outcome::Ready, .flags = *fences};
  if (!send_all(ready.encode())) return kEndedInOrder;
  for (;;) {
    if (const auto status = answer_one(draw)) return *status;
    static_cast<void>(::malloc_trim(0));
  }
}

}  // namespace jalousie::decode
