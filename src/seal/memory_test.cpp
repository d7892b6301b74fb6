// What is left in memory: this program's operator new and delete are replaced, so that every heap block can
// be looked at in the moment in which it is given back. Nothing that was given back may hold clear bytes or a
// key; and what is allocated is counted.
#include <algorithm>
#include <cstdlib>
#include <malloc.h>
#include <new>
#include <string_view>

#include <gtest/gtest.h>

#include "seal/fixture.h"

namespace {

constexpr std::string_view kMarker = "CLEAR-PICTURE-BYTES-OF-THE-FRONT-DOOR";
constexpr std::size_t kPictureBytes = 5000;

struct HeapWatch {
  bool on = false;
  long allocations = 0;
  std::size_t largest = 0;
  std::size_t freed = 0;
  long found = 0;
  std::string_view sought;
};
HeapWatch watch;

void look_at(const void* block) {
  const std::string_view bytes(static_cast<const char*>(block), malloc_usable_size(const_cast<void*>(block)));
  watch.freed += bytes.size();
  if (bytes.find(watch.sought) != std::string_view::npos) ++watch.found;
}

}  // namespace

void* operator new(std::size_t size) {
  if (watch.on) {
    ++watch.allocations;
    watch.largest = std::max(watch.largest, size);
  }
  void* made = std::malloc(size == 0 ? 1 : size);
  if (made == nullptr) std::abort();
  return made;
}
void operator delete(void* block) noexcept {
  if (watch.on && block != nullptr) look_at(block);
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept { ::operator delete(block); }

namespace jalousie::seal {
namespace {

using fixture::altered;
using fixture::Bench;
using fixture::opener;

// Watches from here to the end of the scope.
struct Watching {
  explicit Watching(std::string_view sought = kMarker) { watch = {.on = true, .sought = sought}; }
  ~Watching() { watch.on = false; }
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;
};

Buffer picture() {
  Buffer made;
  made.reserve(kPictureBytes + kMarker.size());
  while (made.size() < kPictureBytes) made.insert(made.end(), kMarker.begin(), kMarker.end());
  return made;
}

TEST(Memory, TheWatchSeesWhatIsNotWiped) {
  const Watching watching;
  {
    const Buffer careless = picture();
  }
  EXPECT_GT(watch.found, 0);
}

TEST(Memory, AWrongTagLeavesNoClearByteBehind) {
  Bench bench;
  const BlockPtr bad = altered(*bench.seal(picture()), [](Buffer& bytes) { bytes.back() ^= 1; });
  const Watching watching;
  {
    Opener mine = opener();
    EXPECT_EQ(mine.open(*bad).error(), Refusal::Broken);
    EXPECT_EQ(mine.reopen(*bad).error(), Refusal::Broken);
  }
  EXPECT_GT(watch.freed, 2 * kPictureBytes);  // the buffers that it opened into were among what was looked at
  EXPECT_EQ(watch.found, 0);
}

TEST(Memory, AReplayLeavesNoClearByteBehind) {
  Bench bench;
  const BlockPtr block = bench.seal(picture());
  Opener mine = opener();
  static_cast<void>(mine.open(*block));
  const Watching watching;
  EXPECT_EQ(mine.open(*block).error(), Refusal::Replayed);
  EXPECT_GT(watch.freed, kPictureBytes);
  EXPECT_EQ(watch.found, 0);
}

TEST(Memory, AClearUnitIsWipedWhenItGoesOrIsReplaced) {
  Bench bench;
  const BlockPtr first = bench.seal(picture());
  const BlockPtr second = bench.seal(picture());
  Opener mine = opener();
  const Watching watching;
  {
    auto one = mine.open(*first);
    auto two = mine.open(*second);
    ASSERT_TRUE(one.has_value() && two.has_value());
    Clear moved(std::move(*one));
    moved = std::move(*two);
  }
  EXPECT_GT(watch.freed, 2 * kPictureBytes);
  EXPECT_EQ(watch.found, 0);
}

TEST(Memory, SealingLeavesNoClearByteBehind) {
  Bench bench;
  const Buffer plaintext = picture();
  const Watching watching;
  {
    const BlockPtr block = bench.seal(plaintext);
  }
  EXPECT_GT(watch.freed, plaintext.size());
  EXPECT_EQ(watch.found, 0);
}

TEST(Memory, OpenersAndSealersLeaveNoEpochKeyBehind) {
  const EpochKey key = fixture::epoch_key(fixture::label(), fixture::kEpoch);
  const Watching watching(as_text(key.view()));
  {
    Bench bench;
    Opener mine = opener(fixture::label(), {fixture::kEpoch, fixture::kEpoch + 1, fixture::kEpoch + 2});
    static_cast<void>(mine.open(*bench.seal(picture())));
    mine.renew(fixture::opener_keys(fixture::label()));
    mine.forget();
  }
  EXPECT_GT(watch.allocations, 5);
  EXPECT_EQ(watch.found, 0);
}

TEST(Memory, OpeningAllocatesTheClearUnitAlone) {
  Bench bench;
  Opener mine = opener();
  static_cast<void>(mine.open(*bench.seal(picture())));
  const BlockPtr block = bench.seal(picture());
  const Watching watching;
  EXPECT_TRUE(mine.open(*block).has_value());
  EXPECT_EQ(watch.allocations, 1);
}

TEST(Memory, SealingAllocatesTheBlockAndItsBytesAlone) {
  Bench bench;
  static_cast<void>(bench.seal(picture()));
  const Buffer plaintext = picture();
  const Watching watching;
  const BlockPtr block = bench.seal(plaintext);
  EXPECT_EQ(watch.allocations, 2);
}

TEST(Memory, AWrongLabelOrKeyIsRefusedBeforeAnythingIsOpened) {
  // No buffer to open into, so nothing was decrypted.
  const BlockPtr strange = Bench(fixture::label(0xa2)).seal(picture());
  const BlockPtr no_key = Bench().seal(picture(), fixture::kCapture + Seconds(6000));
  const BlockPtr uncommitted = altered(*Bench().seal(picture()), [](Buffer& bytes) { bytes[112] ^= 1; });
  Opener mine = opener();
  const Watching watching;
  EXPECT_EQ(mine.open(*strange).error(), Refusal::WrongLabel);
  EXPECT_EQ(mine.open(*no_key).error(), Refusal::WrongKey);
  EXPECT_EQ(mine.open(*uncommitted).error(), Refusal::WrongKey);
  EXPECT_EQ(watch.allocations, 0);
}

}  // namespace
}  // namespace jalousie::seal
