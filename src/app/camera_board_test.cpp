#include "app/camera_board.h"

#include <gtest/gtest.h>

namespace jalousie::app {
namespace {

CameraId id_of(std::uint32_t number) {
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return CameraId{bytes};
}

seal::Label label_of(std::uint32_t number, std::uint64_t tenure = 1) {
  return {HomeId{}, id_of(number), static_cast<Tenure>(tenure)};
}

TEST(CameraBoard, TellsThoseWhoWatchTheCamera) {
  CameraBoard board;
  std::vector<CameraId> told;
  const auto number = board.listen([&](CameraId camera) { told.push_back(camera); });
  board.set(label_of(1), {});
  EXPECT_TRUE(told.empty()) << "nothing is watched yet";
  board.watch(number, {id_of(1), id_of(2)});
  board.set(label_of(1), {});
  board.set(label_of(3), {});
  board.remove(label_of(2));
  EXPECT_EQ(told, (std::vector{id_of(1), id_of(2)}));
  board.watch(number, {id_of(3)});
  told.clear();
  board.set(label_of(1), {});
  board.set(label_of(3), {});
  EXPECT_EQ(told, std::vector{id_of(3)});
  board.unlisten(number);
  board.set(label_of(3), {});
  EXPECT_EQ(told.size(), 1U);
}

TEST(CameraBoard, SoundIsNoPicture) {
  CameraBoard board;
  board.set(label_of(1, 1), {});
  const auto line = board.line(label_of(1, 1));
  seal::BlockHeader header;
  header.kind = seal::BlockKind::Audio;
  header.capture = utc_from_us(2'000'000);
  line->note(header);
  EXPECT_FALSE(board.seen(label_of(1, 1))->newest_capture) << "there was none yet";
  header.kind = seal::BlockKind::Video;
  header.capture = utc_from_us(3'000'000);
  line->note(header);
  header.kind = seal::BlockKind::Audio;
  header.capture = utc_from_us(9'000'000);
  line->note(header);
  EXPECT_EQ(board.seen(label_of(1, 1))->newest_capture, utc_from_us(3'000'000));
}

TEST(CameraBoard, SaysNothingOfOneHomeToAnother) {
  CameraBoard board;
  const seal::Label before = label_of(1, 1);
  ingest::Status status;
  status.reason = "The camera does not answer.";
  board.set(before, status);
  const auto line = board.line(before);
  line->newest_capture_us = 5;
  ASSERT_TRUE(board.seen(before));
  EXPECT_EQ(board.seen(before)->newest_capture, utc_from_us(5));
  const seal::Label next = label_of(1, 2);
  EXPECT_FALSE(board.seen(next)) << "it was transferred, and the board has not been told yet";
  seal::Label elsewhere = before;
  elsewhere.home.bytes[0] = 1;
  EXPECT_FALSE(board.seen(elsewhere));

  board.set(next, {});
  EXPECT_FALSE(board.seen(before));
  EXPECT_EQ(board.seen(next)->status.reason, "");
  line->newest_capture_us = 6;
  EXPECT_FALSE(board.seen(next)->newest_capture) << "of the producer of before";
  // What is late says nothing any more.
  board.set(before, status);
  board.line(before)->newest_capture_us = 7;
  board.remove(before);
  EXPECT_EQ(board.seen(next)->status.reason, "");
  EXPECT_FALSE(board.seen(next)->newest_capture);
  board.remove(next);
  EXPECT_FALSE(board.seen(next));
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
  for (std::uint32_t camera = 0; camera < kPages * kEach; ++camera) board.set(label_of(camera), {});
  for (const std::size_t count : calls) EXPECT_EQ(count, kEach);
  for (const std::uint64_t number : numbers) board.unlisten(number);
  board.set(label_of(0), {});
  EXPECT_EQ(calls[0], kEach);
}

}  // namespace
}  // namespace jalousie::app
