#include "app/camera_board.h"

#include <gtest/gtest.h>

namespace jalousie::app {
namespace {

CameraId id_of(std::uint32_t number) {
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return CameraId{bytes};
}

TEST(CameraBoard, TellsThoseWhoWatchTheCamera) {
  CameraBoard board;
  std::vector<CameraId> told;
  const auto number = board.listen([&](CameraId camera) { told.push_back(camera); });
  board.set(id_of(1), {});
  EXPECT_TRUE(told.empty()) << "nothing is watched yet";
  board.watch(number, {id_of(1), id_of(2)});
  board.set(id_of(1), {});
  board.set(id_of(3), {});
  board.remove(id_of(2));
  EXPECT_EQ(told, (std::vector{id_of(1), id_of(2)}));
  board.watch(number, {id_of(3)});
  told.clear();
  board.set(id_of(1), {});
  board.set(id_of(3), {});
  EXPECT_EQ(told, std::vector{id_of(3)});
  board.unlisten(number);
  board.set(id_of(3), {});
  EXPECT_EQ(told.size(), 1U);
}

TEST(CameraBoard, SoundIsNoPicture) {
  CameraBoard board;
  board.set(id_of(1), {});
  const auto line = board.line(id_of(1));
  seal::BlockHeader header;
  header.kind = seal::BlockKind::Audio;
  header.capture = utc_from_us(2'000'000);
  line->note(header);
  EXPECT_FALSE(board.seen(id_of(1))->newest_capture) << "there was none yet";
  header.kind = seal::BlockKind::Video;
  header.capture = utc_from_us(3'000'000);
  line->note(header);
  header.kind = seal::BlockKind::Audio;
  header.capture = utc_from_us(9'000'000);
  line->note(header);
  EXPECT_EQ(board.seen(id_of(1))->newest_capture, utc_from_us(3'000'000));
}

// An outage ends: a change of one camera costs as many calls as pages that may see it.
TEST(CameraBoard, TenThousandCamerasComeBackBeforeAThousandPages) {
  constexpr std::uint32_t kPages = 1000;
  constexpr std::uint32_t kEach = 10;
  CameraBoard board;
  std::vector<std::size_t> calls(kPages);
  std::vector<std::uint64_t> numbers;
  for (std::uint32_t page = 0; page < kPages; ++page) {
    numbers.push_back(board.listen([&calls, page](CameraId) { ++calls[page]; }));
    std::set<CameraId> watched;
    for (std::uint32_t i = 0; i < kEach; ++i) watched.insert(id_of(page * kEach + i));
    board.watch(numbers.back(), watched);
  }
  for (std::uint32_t camera = 0; camera < kPages * kEach; ++camera) board.set(id_of(camera), {});
  for (const std::size_t count : calls) EXPECT_EQ(count, kEach);
  for (const std::uint64_t number : numbers) board.unlisten(number);
  board.set(id_of(0), {});
  EXPECT_EQ(calls[0], kEach);
}

}  // namespace
}  // namespace jalousie::app
