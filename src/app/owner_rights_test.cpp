#include "app/owner_rights.h"

#include <filesystem>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "app/data.h"
#include "support/temporary_folder.h"

namespace jalousie::app {

namespace {

constexpr uid_t kOwner = 65'534;

class OwnerRightsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can act as another user";
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
    std::filesystem::create_directory(options_.data);
    ASSERT_EQ(::chown(options_.data.c_str(), kOwner, kOwner), 0);
  }
  static uid_t owner_of(const std::string& path) {
    struct stat found{};
    return ::stat(path.c_str(), &found) == 0 ? found.st_uid : static_cast<uid_t>(-1);
  }
  /// What it returns in a process of its own: rights are a process's.
  static bool in_a_process(const std::function<bool()>& what) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(what() ? 0 : 1);
    int status = 0;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

  test::TemporaryFolder folder_;
  CommonOptions options_{.data = folder_.file("data"), .root_key = folder_.file("key/root.key")};
};

}  // namespace

TEST_F(OwnerRightsTest, WhatRootMakesInTheFolderIsItsOwners) {
  EXPECT_TRUE(in_a_process([this] {
    Metrics metrics;
    const auto data = Data::open(options_, metrics);
    // For good.
    return data && ::geteuid() == kOwner && ::getegid() == kOwner && ::seteuid(0) != 0 &&
           ::getgroups(0, nullptr) == 1;
  }));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(options_.data))
    EXPECT_EQ(owner_of(entry.path()), kOwner) << entry.path();
  EXPECT_EQ(owner_of(options_.data + "/registry.sqlite"), kOwner);
  EXPECT_EQ(owner_of(options_.root_key), 0U) << "the key stays where its owner cannot read it";
}

TEST_F(OwnerRightsTest, TheKeyThatOnlyRootMayReadOpensTheData) {
  for (int time = 0; time < 2; ++time) {
    EXPECT_TRUE(in_a_process([this] {
      Metrics metrics;
      const auto data = Data::open(options_, metrics);
      return data && (*data)->keeper().household().create_home("Home", "#2f6f4f");
    }));
  }
}

TEST_F(OwnerRightsTest, RightsThatAreNotKeptAreGivenBack) {
  EXPECT_TRUE(in_a_process([this] {
    {
      const auto rights = OwnerRights::take(options_.data);
      if (!rights || ::geteuid() != kOwner) return false;
      bool was_root = false;
      rights->without([&] { was_root = ::geteuid() == 0; });
      if (!was_root || ::geteuid() != kOwner) return false;
    }
    return ::geteuid() == 0 && ::getegid() == 0;
  }));
}

TEST_F(OwnerRightsTest, InAFolderOfItsOwnNothingChanges) {
  ASSERT_EQ(::chown(options_.data.c_str(), 0, 0), 0);
  EXPECT_TRUE(in_a_process([this] {
    auto rights = OwnerRights::take(options_.data);
    return rights && ::geteuid() == 0 && std::move(*rights).keep() && ::geteuid() == 0;
  }));
}

}  // namespace jalousie::app
