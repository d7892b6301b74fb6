#include "ledger/file_ledger.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "ledger/fixture.h"

namespace jalousie::ledger {

TEST_F(LedgerTest, NumbersEachHomesEntriesWithoutAGap) {
  const auto ledger = open();
  EXPECT_EQ(ledger->append(entry(1, 10)).value(), 1U);
  EXPECT_EQ(ledger->append(entry(2, 20)).value(), 1U);
  EXPECT_EQ(ledger->append(entry(1, 11)).value(), 2U);
  const auto read = ledger->read(home(1), 1, 100).value();
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0], (Recorded{1, entry(1, 10)}));
  EXPECT_EQ(read[1], (Recorded{2, entry(1, 11)}));
  EXPECT_EQ(ledger->read(home(1), 2, 100).value().size(), 1U);
  EXPECT_EQ(ledger->read(home(1), 0, 1).value().size(), 1U);
  EXPECT_TRUE(ledger->read(home(1), 3, 100).value().empty());
  EXPECT_TRUE(ledger->read(home(9), 1, 100).value().empty());
}

TEST_F(LedgerTest, GoesOnAfterARestart) {
  for (std::uint64_t number = 1; number <= 5; ++number)
    EXPECT_EQ(open()->append(entry(1, number)).value(), number);
  const auto read = open()->read(home(1), 1, 100).value();
  ASSERT_EQ(read.size(), 5U);
  EXPECT_EQ(read[4].entry.frames, 5U);
}

TEST_F(LedgerTest, RefusesTextsThatAreTooLong) {
  const auto ledger = open();
  Entry made = entry(1, 1);
  made.detail = std::string(kDetailBytes, 'x');
  EXPECT_TRUE(ledger->append(made));
  made.detail += 'x';
  EXPECT_EQ(ledger->append(made).error().kind(), ErrorKind::InvalidArgument);
  EXPECT_EQ(ledger->append(entry(1, 2)).value(), 2U);
}

TEST_F(LedgerTest, ManyThreadsShareTheChainAndTheWaitForTheDisk) {
  const auto ledger = open();
  std::vector<std::thread> threads;
  for (std::uint8_t number = 0; number < 8; ++number) {
    threads.emplace_back([&ledger, number] {
      for (std::uint64_t turn = 0; turn < 50; ++turn) EXPECT_TRUE(ledger->append(entry(number % 2, turn)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto again = open();
  for (const std::uint8_t number : {0, 1}) {
    const auto read = again->read(home(number), 1, 1000).value();
    ASSERT_EQ(read.size(), 200U);
    for (std::size_t index = 0; index < read.size(); ++index) EXPECT_EQ(read[index].sequence, index + 1);
  }
}

TEST_F(LedgerTest, TwoProcessesMayAppend) {
  const auto server = open();
  const auto command_line = open();
  EXPECT_EQ(server->append(entry(1, 1)).value(), 1U);
  EXPECT_EQ(command_line->append(entry(1, 2)).value(), 2U);
  EXPECT_EQ(server->append(entry(1, 3)).value(), 3U);
  EXPECT_EQ(command_line->read(home(1), 1, 10).value().size(), 3U);
  EXPECT_EQ(open()->read(home(1), 1, 10).value().size(), 3U);
}

TEST_F(LedgerTest, CutsATornEndAndKeepsIt) {
  {
    const auto ledger = open();
    ASSERT_TRUE(ledger->append(entry(1, 1)));
    ASSERT_TRUE(ledger->append(entry(1, 2)));
  }
  const auto whole = fs::file_size(path());
  const auto one = (whole - kFileHeaderBytes) / 2;
  for (std::uintmax_t keep = whole - 1; keep > whole - one; keep -= 7) {
    const fs::path copy = folder_.file("copy");
    fs::copy_file(path(), copy, fs::copy_options::overwrite_existing);
    fs::resize_file(copy, keep);
    auto opened = FileLedger::open(copy.string(), random_);
    ASSERT_TRUE(opened) << opened.error().message();
    EXPECT_EQ((*opened)->read(home(1), 1, 10).value().size(), 1U);
    EXPECT_EQ((*opened)->append(entry(1, 9)).value(), 2U);
    EXPECT_TRUE(fs::exists(fmt::format("{}.torn-at-{}", copy.string(), kFileHeaderBytes + one)));
  }
}

TEST_F(LedgerTest, CutsZerosAtTheEnd) {
  ASSERT_TRUE(open()->append(entry(1, 1)));
  fs::resize_file(path(), fs::file_size(path()) + 4096);
  EXPECT_EQ(open()->append(entry(1, 2)).value(), 2U);
  EXPECT_EQ(files(), 3U) << "the ledger, its checkpoints, and what was cut";
}

TEST_F(LedgerTest, BeginsAgainWhenItDiedBeforeItsFirstEntry) {
  std::ofstream(path()) << "JLED";
  EXPECT_EQ(open()->append(entry(1, 1)).value(), 1U);
  EXPECT_EQ(open()->read(home(1), 1, 10).value().size(), 1U);
}

TEST_F(LedgerTest, RefusesDamageThatIsNoTornEnd) {
  {
    auto file = ChainFile::open(path(), random_).value();
    const Entry one = entry(1, 1);
    const std::vector<const Entry*> batch(kBatchEntries, &one);
    for (int turn = 0; turn < 8; ++turn) ASSERT_TRUE(file->append(batch));
  }
  const auto size = fs::file_size(path());
  ASSERT_GT(size - 200, kTornBytes);
  overwrite(path(), 100, "altered");
  const auto opened = FileLedger::open(path(), random_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind(), ErrorKind::DataLoss);
  EXPECT_EQ(fs::file_size(path()), size);
}

TEST_F(LedgerTest, NoticesAnEntryThatWasAlteredAfterItWasOpened) {
  const auto ledger = open();
  ASSERT_TRUE(ledger->append(entry(1, 1)));
  ASSERT_TRUE(ledger->append(entry(1, 2)));
  overwrite(path(), kFileHeaderBytes + 50, "x");
  EXPECT_EQ(ledger->read(home(1), 1, 10).error().kind(), ErrorKind::DataLoss);
  EXPECT_TRUE(ledger->read(home(1), 2, 10)) << "the entry after it is as it was";
}

TEST_F(LedgerTest, RefusesAFileThatIsNoLedger) {
  std::ofstream(path()) << "Dear diary, today I saw nobody at the door at all.";
  const auto opened = FileLedger::open(path(), random_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind(), ErrorKind::DataLoss);
}

TEST_F(LedgerTest, SaysWhatToDoWhenItCannotBeWritten) {
  const auto opened = FileLedger::open("/dev/null/ledger", random_);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message().find("choose another data folder"), std::string::npos);
}

// A full disk, by a limit on the size of files: the entry is refused, and once there is room the next one
// takes its place.
TEST_F(LedgerTest, AFullDiskRefusesTheEntryAndLeavesNoGap) {
  const auto ledger = open();
  ASSERT_TRUE(ledger->append(entry(1, 1)));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit full = before;
  full.rlim_cur = fs::file_size(path()) + 40;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  const auto refused = ledger->append(entry(1, 2));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::Unavailable);
  EXPECT_EQ(ledger->append(entry(1, 3)).value(), 2U);
  EXPECT_EQ(open()->read(home(1), 2, 1).value().front().entry.frames, 3U);
}

// Children append and say so after each answer; they are killed in the middle. What was answered must be
// there.
TEST_F(LedgerTest, KeepsWhatItAnsweredWhenKilled) {
  {
    ASSERT_TRUE(open());
  }
  std::uint64_t answered = 0;
  for (std::uint64_t turn = 0; turn < 15; ++turn) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto ledger = FileLedger::open(path(), random_);
      if (!ledger) std::_Exit(1);
      while (true) {
        const auto number = (*ledger)->append(entry(1, 1));
        if (!number || ::write(pipe[1], &*number, sizeof *number) != sizeof *number) std::_Exit(2);
      }
    }
    ::close(pipe[1]);
    std::uint64_t number = 0;
    const std::uint64_t until = answered + 5 + turn * 3;
    while (answered < until && ::read(pipe[0], &number, sizeof number) == sizeof number) answered = number;
    ::kill(child, SIGKILL);
    while (::read(pipe[0], &number, sizeof number) == sizeof number) answered = number;
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
    const auto read = open()->read(home(1), 1, 100'000).value();
    ASSERT_GE(read.size(), answered);
    answered = read.size();
  }
}

}  // namespace jalousie::ledger
