// Ledgers of many checkpoints. Those here are some KiB apart, so that few entries make a long ledger.
#include <algorithm>

#include <fmt/format.h>

#include "ledger/fixture.h"
#include "ledger/verify.h"

namespace jalousie::ledger {

namespace {

constexpr std::uint64_t kEvery = 4096;
constexpr std::uint64_t kNever = std::uint64_t{1} << 40;
constexpr std::size_t kRecordBytes = 4 + kFixedPayloadBytes + 4 + 32;  // of entry()

class LongLedgerTest : public LedgerTest {
 protected:
  Result<std::unique_ptr<ChainFile>> try_open(std::uint64_t every = kEvery) {
    return ChainFile::open(path(), random_, every);
  }
  std::unique_ptr<ChainFile> open_file(std::uint64_t every = kEvery) {
    auto opened = try_open(every);
    EXPECT_TRUE(opened) << opened.error().message();
    return opened ? *std::move(opened) : nullptr;
  }
  static std::uint64_t append(ChainFile& file, const Entry& entry) {
    const std::array<const Entry*, 1> one{&entry};
    return file.append(one).value().front();
  }
  /// Entries of two homes in turn, numbered in `frames`.
  static void append_many(ChainFile& file, std::uint64_t count) {
    for (std::uint64_t number = 0; number < count; ++number)
      append(file, entry(static_cast<std::uint8_t>(1 + number % 2), number));
  }
  /// A ledger of `count` entries, closed again.
  void make(std::uint64_t count, std::uint64_t every = kEvery) { append_many(*open_file(every), count); }
  std::string checkpoints() const { return checkpoints_path(path()); }
  static std::size_t checkpoint_bytes(std::size_t homes) {
    return kCheckpointBytes + homes * kCheckpointHomeBytes;
  }
  /// What opening may read: what came after the last checkpoint, that, and the few bytes that tie the two.
  static std::uint64_t opening_reads_at_most(std::size_t homes) {
    return kEvery + kRecordBytes + checkpoint_bytes(homes) + kFileHeaderBytes + 32 + kCheckpointEndBytes;
  }
  /// `count` entries of append_many() are there, and the next ones are numbered after them.
  void expect_whole(std::uint64_t count) {
    const auto ledger = open();
    ASSERT_TRUE(ledger);
    for (const std::uint8_t number : {1, 2}) {
      const auto read = ledger->read(home(number), 1, 100'000).value();
      ASSERT_EQ(read.size(), (count + (number == 1 ? 1 : 0)) / 2);
      for (std::size_t index = 0; index < read.size(); ++index) {
        EXPECT_EQ(read[index].sequence, index + 1);
        EXPECT_EQ(read[index].entry.frames, 2 * index + number - 1);
      }
    }
    EXPECT_EQ(ledger->append(entry(1, 0)).value(), (count + 1) / 2 + 1);
  }
};

}  // namespace

TEST_F(LongLedgerTest, OpeningReadsNoMoreOfALongOneThanOfAShortOne) {
  auto file = open_file();
  for (const std::uint64_t more : {200, 2'000, 4'000}) {
    append_many(*file, more);
    const auto again = open_file();
    EXPECT_LE(again->bytes_read(), opening_reads_at_most(2));
  }
  EXPECT_GT(fs::file_size(path()), 100 * opening_reads_at_most(2));
}

TEST_F(LongLedgerTest, OneOfBeforeThereWereCheckpointsIsReadThroughOnce) {
  make(500, kNever);
  ASSERT_EQ(fs::file_size(checkpoints()), 0U);
  fs::remove(checkpoints());
  EXPECT_GE(open_file()->bytes_read(), 500 * kRecordBytes);
  EXPECT_LE(open_file()->bytes_read(), opening_reads_at_most(2));
  expect_whole(500);
}

TEST_F(LongLedgerTest, CheckpointsThatAreMissingAreMadeAgainAsTheyWere) {
  make(500);
  const std::string before = content(checkpoints());
  ASSERT_GT(before.size(), 10 * checkpoint_bytes(2));
  fs::remove(checkpoints());
  open_file();
  EXPECT_EQ(content(checkpoints()), before);
  expect_whole(500);
}

TEST_F(LongLedgerTest, KilledAtEachByteOfAWriteItKeepsWhatWasAnswered) {
  make(60);
  const std::string answered = content(path());
  append(*open_file(), entry(1, 60));
  const std::string written = content(path());
  for (std::size_t size = answered.size(); size < written.size(); ++size) {
    put(path(), written.substr(0, size));
    open_file();
    EXPECT_EQ(content(path()), answered) << size;
    expect_whole(60);
  }
}

// 25 entries are a little more than a checkpoint's worth: the write of the last one made it.
TEST_F(LongLedgerTest, KilledAtEachByteOfACheckpointItKeepsWhatWasAnswered) {
  make(2 * (kEvery / kRecordBytes + 1));
  const std::uint64_t count = 2 * (kEvery / kRecordBytes + 1);
  const std::string ledger = content(path());
  const std::string whole = content(checkpoints());
  ASSERT_EQ(whole.size(), 2 * checkpoint_bytes(2));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    put(path(), ledger);
    put(checkpoints(), whole.substr(0, size));
    open_file();
    EXPECT_EQ(content(checkpoints()), whole) << size;
    EXPECT_LE(open_file()->bytes_read(), opening_reads_at_most(2)) << size;
    expect_whole(count);
  }
}

TEST_F(LongLedgerTest, ACheckpointThatIsGarbledAtAnyByteIsNotBelieved) {
  const std::uint64_t count = 2 * (kEvery / kRecordBytes + 1);
  make(count);
  const std::string ledger = content(path());
  const std::string whole = content(checkpoints());
  for (std::size_t index = whole.size() / 2; index < whole.size(); ++index) {
    std::string garbled = whole;
    garbled[index] ^= 0x10;
    put(path(), ledger);
    put(checkpoints(), garbled);
    open_file();
    EXPECT_EQ(content(checkpoints()), whole) << index;
    expect_whole(count);
  }
  put(path(), ledger);
  put(checkpoints(), whole + "garbage");
  open_file();
  EXPECT_EQ(content(checkpoints()), whole);
}

TEST_F(LongLedgerTest, GarbledCheckpointsInTheMiddleCostTimeAndNoEntry) {
  make(500);
  std::string garbled = content(checkpoints());
  for (std::size_t index = checkpoint_bytes(2); index < 8 * checkpoint_bytes(2); ++index)
    garbled[index] ^= 0x55;
  put(checkpoints(), garbled);
  expect_whole(500);
}

TEST_F(LongLedgerTest, CheckpointsOfAnotherLedgerAreRefused) {
  make(100);
  const std::string of_another = content(checkpoints());
  fs::remove(path());
  fs::remove(checkpoints());
  make(100);
  put(checkpoints(), of_another);
  const auto opened = try_open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind(), ErrorKind::DataLoss);
  EXPECT_NE(opened.error().message().find("not the one that its checkpoints were made of"),
            std::string::npos);
}

TEST_F(LongLedgerTest, OneThatWasCutOffBeforeItsCheckpointIsRefused) {
  make(100);
  const std::string whole = content(path());
  const std::uint64_t checkpointed = kFileHeaderBytes + 4 * (kEvery / kRecordBytes + 1) * kRecordBytes;
  ASSERT_LE(checkpointed, whole.size());
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{32}, checkpointed / 2, checkpointed - 1}) {
    put(path(), whole.substr(0, size));
    const auto opened = try_open();
    ASSERT_FALSE(opened) << size;
    EXPECT_EQ(opened.error().kind(), ErrorKind::DataLoss);
    const std::string why =
        size == 0 ? "is empty" : fmt::format("ends at byte {}, and had {}", size, checkpointed);
    EXPECT_NE(opened.error().message().find(why), std::string::npos) << opened.error().message();
    EXPECT_EQ(fs::file_size(path()), size) << "left as it was found";
  }
}

TEST_F(LongLedgerTest, OneThatWasRewrittenIsRefused) {
  make(100);
  const std::string its_checkpoints = content(checkpoints());
  fs::remove(path());
  fs::remove(checkpoints());
  random_ = {};  // the same first bytes
  {
    const auto file = open_file();
    append(*file, entry(1, 999));
    append_many(*file, 99);
  }
  put(checkpoints(), its_checkpoints);
  const auto opened = try_open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind(), ErrorKind::DataLoss);
  EXPECT_EQ(verify_ledger(path(), {}).error().kind(), ErrorKind::DataLoss);
}

// By opening it is not: that is what reads and `verify` are for.
TEST_F(LongLedgerTest, AnEntryThatWasAlteredBeforeTheCheckpointIsNoticedByWhoReadsIt) {
  make(500);
  overwrite(path(), kFileHeaderBytes + 10 * kRecordBytes + 50, "x");  // home 1, its 6th
  const auto file = open_file();
  EXPECT_EQ(file->read(home(1), 6, 1).error().kind(), ErrorKind::DataLoss);
  EXPECT_EQ(file->read(home(1), 7, 1).value().front().entry.frames, 12U);
  EXPECT_EQ(open()->read(home(1), 1, 100).error().kind(), ErrorKind::DataLoss);
  EXPECT_EQ(open()->read(home(2), 1, 1000).value().size(), 250U);
  const auto verified = verify_ledger(path(), {});
  ASSERT_FALSE(verified);
  EXPECT_NE(verified.error().message().find(fmt::format("byte {}", kFileHeaderBytes + 10 * kRecordBytes)),
            std::string::npos)
      << verified.error().message();
}

TEST_F(LongLedgerTest, FindsTheFewEntriesOfAHomeAmongManyOfOthers) {
  const auto file = open_file();
  for (std::uint64_t number = 1; number <= 5; ++number) {
    EXPECT_EQ(append(*file, entry(7, number)), number);
    append_many(*file, 300);
  }
  const auto again = open_file();
  const std::uint64_t opening = again->bytes_read();
  for (std::uint64_t number = 1; number <= 5; ++number) {
    const auto read = again->read(home(7), number, 100).value();
    ASSERT_FALSE(read.empty());
    EXPECT_EQ(read.front(), (Recorded{number, entry(7, number)}));
  }
  EXPECT_LT(again->bytes_read() - opening, fs::file_size(path())) << "all of it was read for each";
  EXPECT_EQ(open()->read(home(7), 1, 100).value().size(), 5U);
}

TEST_F(LongLedgerTest, TwoProcessesShareTheCheckpoints) {
  const auto server = open_file();
  const auto command_line = open_file();
  for (std::uint64_t turn = 0; turn < 300; ++turn)
    append(turn % 3 == 0 ? *command_line : *server, entry(1, turn));
  const auto verified = verify_ledger(path(), {}).value();
  EXPECT_EQ(verified.entries, 300U);
  EXPECT_EQ(verified.checkpoints, 300 / (kEvery / kRecordBytes + 1));
  EXPECT_LE(open_file()->bytes_read(), opening_reads_at_most(1));
}

// The server makes its checkpoint after a batch; who reads the batch would make one in its middle, of fewer
// homes.
TEST_F(LongLedgerTest, TwoProcessesShareTheCheckpointsOfABatch) {
  const auto server = open_file();
  const auto command_line = open_file();
  const std::vector<Entry> homes = {entry(1, 0), entry(2, 0), entry(3, 0), entry(4, 0)};
  std::vector<const Entry*> batch(30, &homes.front());
  for (const Entry& each : homes) batch.insert(batch.end(), 3, &each);
  ASSERT_TRUE(server->append(batch));
  const std::string whole = content(checkpoints());
  EXPECT_EQ(whole.size(), checkpoint_bytes(homes.size()));
  append(*command_line, homes.front());
  EXPECT_EQ(content(checkpoints()), whole);
  EXPECT_FALSE(verify_ledger(path(), {}).value().checkpoints_damaged_at);
}

}  // namespace jalousie::ledger
