// A ledger in a folder of its own, entries to put into it, and hands that alter its files.
#pragma once

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "ledger/chain_file.h"
#include "ledger/file_ledger.h"
#include "support/temporary_folder.h"

namespace jalousie::ledger {

namespace fs = std::filesystem;

class CountingRandom final : public RandomSource {
 public:
  void fill(MutableBytes target) override {
    for (std::uint8_t& byte : target) byte = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

class LedgerTest : public testing::Test {
 protected:
  std::string path() const { return folder_.file("ledger"); }
  std::unique_ptr<FileLedger> open() {
    auto opened = FileLedger::open(path(), random_);
    EXPECT_TRUE(opened) << opened.error().message();
    return opened ? *std::move(opened) : nullptr;
  }
  static HomeId home(std::uint8_t number) {
    HomeId id;
    id.bytes.fill(number);
    return id;
  }
  static Entry entry(std::uint8_t home_number, std::uint64_t frames) {
    Entry made;
    made.kind = EntryKind::Grant;
    made.home = home(home_number);
    made.frames = frames;
    made.door = "whep";
    return made;
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()));
  }
  static void overwrite(const std::string& path, std::uint64_t offset, std::string_view with) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file << with;
  }
  static std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void put(const std::string& path, std::string_view content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  }

  CountingRandom random_;
  test::TemporaryFolder folder_;
};

}  // namespace jalousie::ledger
