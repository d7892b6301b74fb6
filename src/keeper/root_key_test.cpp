#include "keeper/root_key.h"

#include <fstream>
#include <sys/stat.h>

#include "keeper/fixture.h"

namespace jalousie::keeper {

namespace fs = std::filesystem;

class RootKeyTest : public testing::Test {
 protected:
  RootKeyTest() { ::unsetenv("CREDENTIALS_DIRECTORY"); }
  ~RootKeyTest() override { ::unsetenv("CREDENTIALS_DIRECTORY"); }
  TemporaryFolder folder_;
  crypto::SystemRandom random_;
};

TEST_F(RootKeyTest, ComesBackAsItWasMade) {
  const std::string path = folder_.file("keys/deep/root.key");
  const auto made = create_root_key(path, random_).value();
  const auto loaded = load_root_key(path).value();
  EXPECT_TRUE(std::ranges::equal(made.view(), loaded.view()));
  EXPECT_EQ(fs::status(path).permissions() & fs::perms::all, fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(folder_.file("keys/deep")).permissions() & fs::perms::all, fs::perms::owner_all);
  EXPECT_EQ(create_root_key(path, random_).error().kind(), ErrorKind::AlreadyExists);
}

TEST_F(RootKeyTest, AModeThatLetsOthersReadIsRefused) {
  const std::string path = folder_.file("root.key");
  ASSERT_TRUE(create_root_key(path, random_));
  for (const mode_t mode : {0640U, 0604U, 0620U, 0601U, 0666U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    const auto refused = load_root_key(path);
    ASSERT_FALSE(refused) << mode;
    EXPECT_EQ(refused.error().kind(), ErrorKind::PermissionDenied);
    EXPECT_NE(refused.error().message().find("chmod 600"), std::string::npos);
  }
  ASSERT_EQ(::chmod(path.c_str(), 0400), 0);
  EXPECT_TRUE(load_root_key(path));
}

TEST_F(RootKeyTest, WhatIsNoKeyIsRefusedWithoutRepeatingIt) {
  const std::string path = folder_.file("root.key");
  const std::string good(64, 'a');
  for (const std::string& text :
       {std::string(), std::string("secret words"), good.substr(1), good + "aa", good + " x"}) {
    std::ofstream(path) << text;
    ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
    const auto refused = load_root_key(path);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().kind(), ErrorKind::InvalidArgument);
    EXPECT_EQ(refused.error().message().find("secret words"), std::string::npos);
  }
  std::ofstream(path) << good << "\n";
  EXPECT_TRUE(load_root_key(path));
}

TEST_F(RootKeyTest, IsMadeOnlyWhereThereIsNoData) {
  const std::string path = folder_.file("root.key");
  const auto refused = load_or_create_root_key(path, false, random_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::NotFound);
  EXPECT_FALSE(fs::exists(path));
  ASSERT_TRUE(load_or_create_root_key(path, true, random_));
  EXPECT_TRUE(load_or_create_root_key(path, false, random_));
}

TEST_F(RootKeyTest, ASystemdCredentialComesFirst) {
  EXPECT_EQ(root_key_path("/etc/jalousie/root.key"), "/etc/jalousie/root.key");
  ::setenv("CREDENTIALS_DIRECTORY", folder_.path().c_str(), 1);
  EXPECT_EQ(root_key_path("/etc/jalousie/root.key"), "/etc/jalousie/root.key");
  ASSERT_TRUE(create_root_key(folder_.file("jalousie-root-key"), random_));
  ASSERT_EQ(::chmod(folder_.file("jalousie-root-key").c_str(), 0440), 0);
  EXPECT_EQ(root_key_path("/etc/jalousie/root.key"), folder_.file("jalousie-root-key"));
  EXPECT_TRUE(load_root_key(root_key_path("/etc/jalousie/root.key")));
}

}  // namespace jalousie::keeper
