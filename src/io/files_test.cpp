#include "io/files.h"

#include <cstdlib>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace jalousie::io {
namespace {

class Files : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "filesXXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::string at(const std::string& name) const { return folder + "/" + name; }

  std::string folder;
};

TEST_F(Files, WritesWithTheModeAskedForAndReplacesWhole) {
  const mode_t before = ::umask(0777);
  ASSERT_TRUE(write_file_atomic(at("a"), as_bytes("first"), 0600));
  ASSERT_TRUE(write_file_atomic(at("a"), as_bytes("second"), 0640));
  ::umask(before);
  EXPECT_EQ(as_text(read_file(at("a"), 100).value()), "second");
  struct stat status{};
  ASSERT_EQ(::stat(at("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);  // nothing was left beside it
}

TEST_F(Files, ReadingIsBounded) {
  ASSERT_TRUE(write_file_atomic(at("a"), Buffer(100'000, 7), 0600));
  EXPECT_EQ(read_file(at("a"), 100'000).value(), Buffer(100'000, 7));
  EXPECT_EQ(read_file(at("a"), 99'999).error().kind(), ErrorKind::ResourceExhausted);
  EXPECT_EQ(read_file(at("none"), 10).error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(read_file(folder, 10).error().kind(), ErrorKind::InvalidArgument);
  EXPECT_EQ(read_file("/dev/zero", 1000).error().kind(), ErrorKind::ResourceExhausted);
}

TEST_F(Files, AWriteThatFailsLeavesTheOldContent) {
  EXPECT_FALSE(write_file_atomic(at("no/such/folder/a"), as_bytes("x"), 0600));
  ASSERT_EQ(::mkdir(at("taken").c_str(), 0700), 0);
  EXPECT_FALSE(
      write_file_atomic(at("taken"), as_bytes("x"), 0600));  // a folder stands in the way of the rename
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

TEST_F(Files, MakesFoldersAndSaysWhatStandsInTheWay) {
  ASSERT_TRUE(make_folder(at("a/b/c"), 0700));
  ASSERT_TRUE(make_folder(at("a/b/c"), 0700));
  struct stat status{};
  ASSERT_EQ(::stat(at("a/b").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700U);
  ASSERT_TRUE(write_file_atomic(at("file"), as_bytes("x"), 0600));
  EXPECT_EQ(make_folder(at("file"), 0700).error().kind(), ErrorKind::FailedPrecondition);
  EXPECT_FALSE(make_folder("/proc/never", 0700));
}

TEST_F(Files, ALockIsHeldByOne) {
  auto first = FileLock::acquire(at("lock"));
  ASSERT_TRUE(first);
  const auto second = FileLock::acquire(at("lock"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind(), ErrorKind::FailedPrecondition);
  first->reset();
  EXPECT_TRUE(FileLock::acquire(at("lock")));
}

}  // namespace
}  // namespace jalousie::io
