#include "ledger/verify.h"

#include "ledger/fixture.h"

namespace jalousie::ledger {

namespace {

class VerifyTest : public LedgerTest {
 protected:
  void make(std::size_t batches) {
    const auto file = ChainFile::open(path(), random_, 8192).value();
    const Entry one = entry(1, 1);
    const Entry two = entry(2, 2);
    for (std::size_t turn = 0; turn < batches; ++turn) {
      std::vector<const Entry*> batch(50, &one);
      batch.resize(kBatchEntries, &two);
      ASSERT_TRUE(file->append(batch));
    }
  }
  Error refused() {
    const auto verified = verify_ledger(path(), {});
    EXPECT_FALSE(verified);
    return verified ? Error(ErrorKind::Internal, "verified") : verified.error();
  }
};

}  // namespace

TEST_F(VerifyTest, CountsWhatItHasSeen) {
  make(200);
  std::uint64_t done = 0;
  std::size_t calls = 0;
  const auto verified = verify_ledger(path(), [&](std::uint64_t now, std::uint64_t of) {
    EXPECT_GT(now, done);
    EXPECT_LE(now, of);
    done = now;
    ++calls;
  });
  ASSERT_TRUE(verified) << verified.error().message();
  EXPECT_GT(calls, 1U);
  EXPECT_EQ(done, fs::file_size(path()));
  EXPECT_EQ(verified->bytes, done);
  EXPECT_EQ(verified->entries, 200 * kBatchEntries);
  EXPECT_EQ(verified->homes, 2U);
  EXPECT_EQ(verified->checkpoints, 200U);
  EXPECT_EQ(verified->torn, 0U);
  EXPECT_FALSE(verified->checkpoints_damaged_at);
}

TEST_F(VerifyTest, ChangesNothing) {
  make(2);
  put(path(), content(path()) + "torn");
  put(checkpoints_path(path()), content(checkpoints_path(path())) + "torn");
  const std::string ledger = content(path());
  const std::string checkpoints = content(checkpoints_path(path()));
  const auto verified = verify_ledger(path(), {}).value();
  EXPECT_EQ(verified.torn, 4U);
  EXPECT_EQ(verified.checkpoints_damaged_at, checkpoints.size() - 4);
  EXPECT_EQ(content(path()), ledger);
  EXPECT_EQ(content(checkpoints_path(path())), checkpoints);
  EXPECT_EQ(files(), 2U);
}

TEST_F(VerifyTest, RefusesDamageAndSaysWhere) {
  make(8);
  overwrite(path(), 100, "altered");
  EXPECT_EQ(refused().kind(), ErrorKind::DataLoss);
  EXPECT_NE(refused().message().find("damaged at byte 32"), std::string::npos) << refused().message();
}

TEST_F(VerifyTest, RefusesOneThatWasCutOffBeforeACheckpoint) {
  make(2);
  fs::resize_file(path(), fs::file_size(path()) - 1);
  EXPECT_EQ(refused().kind(), ErrorKind::DataLoss);
  EXPECT_NE(refused().message().find("cut off"), std::string::npos) << refused().message();
  fs::remove(checkpoints_path(path()));
  EXPECT_TRUE(verify_ledger(path(), {})) << "the file alone cannot show it";
}

// The chain is right, the numbers are not: whoever made it knew the format.
TEST_F(VerifyTest, RefusesAGapInAHomesNumbers) {
  make(1);
  ChainHash chain{};
  const std::string whole = content(path());
  const std::string last = whole.substr(whole.size() - chain.size());
  std::copy(last.begin(), last.end(), chain.begin());
  Buffer forged;
  encode_record({52, entry(1, 1)}, chain, forged);
  put(path(), whole + std::string(as_text(forged)));
  EXPECT_NE(refused().message().find("entry 52 where entry 51 belongs"), std::string::npos)
      << refused().message();
  EXPECT_FALSE(FileLedger::open(path(), random_));
}

TEST_F(VerifyTest, RefusesACheckpointThatSaysOtherwise) {
  make(1);
  Checkpoint checkpoint = *parse_checkpoint(as_bytes(content(checkpoints_path(path()))));
  ++checkpoint.entries.front().second;
  put(checkpoints_path(path()), as_text(encode_checkpoint(checkpoint)));
  EXPECT_NE(refused().message().find("not what its checkpoint"), std::string::npos) << refused().message();
}

TEST_F(VerifyTest, SaysWhenThereIsNone) {
  EXPECT_EQ(refused().kind(), ErrorKind::NotFound);
  put(path(), "JLEDGE");
  EXPECT_EQ(refused().kind(), ErrorKind::DataLoss);
}

}  // namespace jalousie::ledger
