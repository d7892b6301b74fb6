#include "registry/sqlite_store.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "registry/schema.h"
#include "registry/store_conformance.h"
#include "support/temporary_folder.h"

namespace jalousie::registry {

namespace {

namespace fs = std::filesystem;

class TemporaryFolder : public test::TemporaryFolder {
 public:
  std::string file() const { return test::TemporaryFolder::file("registry.db"); }
};

// A store with a folder of its own, for the conformance suite.
class SqliteStoreInFolder final : public Store {
 public:
  SqliteStoreInFolder() : store_(SqliteStore::open(folder_.file()).value()) {}
  People& people() override { return store_->people(); }
  Cameras& cameras() override { return store_->cameras(); }
  Keys& keys() override { return store_->keys(); }
  Sessions& sessions() override { return store_->sessions(); }
  Suspensions& suspensions() override { return store_->suspensions(); }
  Result<Standing> standing(SessionId session, CameraId camera, std::string_view door) override {
    return store_->standing(session, camera, door);
  }
  Result<bool> is_empty() override { return store_->is_empty(); }
  Result<std::uint64_t> change_counter() override { return store_->change_counter(); }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<SqliteStore> store_;
};

std::unique_ptr<Store> make_sqlite_store() { return std::make_unique<SqliteStoreInFolder>(); }

void execute(const std::string& path, const char* sql) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
  sqlite3_close(handle);
}

/// Whether any file of the database has these bytes.
bool holds(const TemporaryFolder& folder, std::string_view text) {
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    if (entry.path().extension() != ".db-shm" && bytes.find(text) != std::string::npos) return true;
  }
  return false;
}

Error open_error(const std::string& path) {
  auto opened = SqliteStore::open(path);
  EXPECT_FALSE(opened.has_value());
  return opened ? Error(ErrorKind::Internal, "opened") : opened.error();
}

bool has(const Error& error, std::string_view words) {
  return error.message().find(words) != std::string::npos;
}

CameraId camera_number(std::uint32_t number) {
  CameraId id;
  std::memcpy(id.bytes.data(), &number, sizeof number);
  return id;
}

Camera camera_record(std::uint32_t number) {
  Camera camera;
  camera.id = camera_number(number);
  camera.tenure = Tenure{1};
  return camera;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance, testing::Values(&make_sqlite_store));

TEST(SqliteStore, KeepsWhatItHeldAcrossARestart) {
  const TemporaryFolder folder;
  const Home home{{}, "Home", "#000000"};
  {
    ASSERT_TRUE(SqliteStore::open(folder.file()).value()->people().add_home(home, Buffer{1}));
  }
  EXPECT_EQ(SqliteStore::open(folder.file()).value()->people().homes().value(), std::vector{home});
}

TEST(SqliteStore, IsReadableByItsOwnerOnly) {
  const TemporaryFolder folder;
  const auto store = SqliteStore::open(folder.file()).value();
  ASSERT_TRUE(store->people().add_home({}, Buffer{1}));
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    EXPECT_EQ(entry.status().permissions() & fs::perms::all, fs::perms::owner_read | fs::perms::owner_write)
        << entry.path();
  }
}

TEST(SqliteStore, RefusesOneThatANewerVersionMade) {
  const TemporaryFolder folder;
  {
    ASSERT_TRUE(SqliteStore::open(folder.file()));
  }
  execute(folder.file(), "PRAGMA user_version = 999");
  const Error error = open_error(folder.file());
  EXPECT_EQ(error.kind(), ErrorKind::FailedPrecondition);
  EXPECT_TRUE(has(error, "made by a newer Jalousie")) << error.message();
}

/// As the version had made it, with `insert` in it.
void make_version(const TemporaryFolder& folder, std::int64_t version, const std::string& insert) {
  for (std::int64_t one = 1; one <= version; ++one) {
    const std::string migration(migration_to(one));
    execute(folder.file(), migration.c_str());
  }
  execute(folder.file(), fmt::format("PRAGMA user_version = {}; PRAGMA application_id = {};"
                                     "INSERT INTO homes VALUES (zeroblob(16), 'Home', '#000000');"
                                     "INSERT INTO tenures VALUES (zeroblob(16), 1, zeroblob(16), 1, NULL);{}",
                                     version, kApplicationId, insert)
                             .c_str());
}

TEST(SqliteStore, BringsVersion2ToTheNewest) {
  const TemporaryFolder folder;
  make_version(folder, 2,
               "INSERT INTO cameras VALUES (7, zeroblob(16), 1, zeroblob(16), 'Door', 'rtsp://192.0.2.1/', "
               "x'01', 'udp', 'M', 'F', 'Z', 1, x'02', 'network');");
  const auto store = SqliteStore::open(folder.file()).value();
  const Camera camera = store->cameras().camera(CameraId()).value();
  EXPECT_FALSE(camera.sound) << "nobody was asked";
  EXPECT_EQ(camera.sealed_url, Buffer{2});
  EXPECT_EQ(camera.reach, Reach::Network);
  EXPECT_EQ(camera.certificate, "");
}

TEST(SqliteStore, BringsVersion3ToTheNewest) {
  const TemporaryFolder folder;
  make_version(folder, 3,
               "INSERT INTO cameras VALUES (7, zeroblob(16), 1, zeroblob(16), 'Door', 'rtsp://192.0.2.1/', "
               "x'01', 'udp', 'M', 'F', 'Z', 1, x'02', 'network', 1);");
  const auto store = SqliteStore::open(folder.file()).value();
  Camera camera = store->cameras().camera(CameraId()).value();
  const Camera was{.id = CameraId(),
                   .home = HomeId(),
                   .tenure = Tenure{1},
                   .name = "Door",
                   .url = "rtsp://192.0.2.1/",
                   .sealed_url = Buffer{2},
                   .sealed_credentials = Buffer{1},
                   .transport = Transport::Udp,
                   .reach = Reach::Network,
                   .certificate = {},
                   .model = "M",
                   .firmware = "F",
                   .time_zone = "Z",
                   .privacy = true,
                   .sound = true};
  EXPECT_EQ(camera, was);
  CameraUpdate update;
  update.transport = Transport::Http;
  update.access = AccessChange{access_of(camera), access_of(camera)};
  update.access->to.certificate = std::string(64, 'a');
  EXPECT_TRUE(store->cameras().update_camera(camera.id, camera.tenure, update))
      << "there is room for what is new";
}

TEST(SqliteStore, APasswordThatWasSetEndsEveryLinkOfTheAccount) {
  const TemporaryFolder folder;
  const auto store = SqliteStore::open(folder.file()).value();
  const HomeId home{};
  const AccountId account{};
  ASSERT_TRUE(store->people().add_home({home, "Home", "#3b82f6"}, as_bytes("key")));
  ASSERT_TRUE(store->people().add_account({account, "Anna", std::nullopt}));
  OneTimeLink link{.token_hash = {},
                   .account = account,
                   .home = home,
                   .purpose = LinkPurpose::FirstPassword,
                   .expires = utc_from_us(100),
                   .used = std::nullopt};
  ASSERT_TRUE(store->sessions().add_link(link, utc_from_us(1)));
  // As one that was made before a new link took the place of the old.
  execute(folder.file(),
          "INSERT INTO one_time_links (token_hash, account, home, purpose, expires) "
          "SELECT randomblob(32), account, home, purpose, expires FROM one_time_links");
  ASSERT_TRUE(store->sessions().use_link(link.token_hash, utc_from_us(2), "hash"));
  execute(folder.file(),
          "CREATE TEMP TABLE none (unused INTEGER CHECK (unused = 0)); "
          "INSERT INTO none SELECT count(*) FROM one_time_links WHERE used IS NULL");
}

TEST(SqliteStore, BringsVersion1ToTheNewest) {
  const TemporaryFolder folder;
  make_version(folder, 1,
               "INSERT INTO cameras VALUES (7, zeroblob(16), 1, zeroblob(16), 'Door', "
               "'rtsp://127.0.0.1/x?pwd=y', x'01', 'udp', 'M', 'F', 'Z', 1);");
  const auto store = SqliteStore::open(folder.file()).value();
  const Camera camera = store->cameras().camera(CameraId()).value();
  EXPECT_EQ(camera.name, "Door");
  EXPECT_EQ(camera.url, "rtsp://127.0.0.1/x?pwd=y") << "the keeper, who has the key, seals it";
  EXPECT_TRUE(camera.sealed_url.empty());
  EXPECT_EQ(camera.sealed_credentials, Buffer{1});
  EXPECT_EQ(camera.transport, Transport::Udp);
  EXPECT_EQ(camera.reach, Reach::Anywhere) << "what worked goes on working";
  EXPECT_TRUE(camera.privacy);
  EXPECT_FALSE(camera.sound) << "nobody was asked";
  EXPECT_EQ(camera.certificate, "");
  EXPECT_TRUE(SqliteStore::open(folder.file())) << "and it is the newest version now";
}

// Who had added them was not noted: what an owner may have entered leads into the network.
TEST(SqliteStore, OfVersion1OnlyWhatSaysLoopbackStaysOnThisMachine) {
  for (const auto& [url, reach] :
       std::vector<std::pair<std::string, Reach>>{{"rtsp://127.0.0.1:8554/x", Reach::Anywhere},
                                                  {"rtsp://user:p@ss@127.0.0.1/x", Reach::Anywhere},
                                                  {"rtsp://127.4.5.6", Reach::Anywhere},
                                                  {"rtsp://localhost/x", Reach::Anywhere},
                                                  {"rtsps://[::1]:322/x", Reach::Anywhere},
                                                  {"rtsp://192.0.2.1/x", Reach::Network},
                                                  {"rtsp://localhost.example/x", Reach::Network},
                                                  {"rtsp://127.0.0.1.example/x", Reach::Network},
                                                  {"rtsp://127.0.0.1@192.0.2.1/x", Reach::Network},
                                                  {"rtsp://192.0.2.1/@127.0.0.1", Reach::Network},
                                                  {"rtsp://0.0.0.0/x", Reach::Network},
                                                  {"nonsense", Reach::Network}}) {
    const TemporaryFolder folder;
    make_version(folder, 1,
                 fmt::format("INSERT INTO cameras VALUES (7, zeroblob(16), 1, zeroblob(16), 'Door', '{}', "
                             "x'01', 'udp', 'M', 'F', 'Z', 1);",
                             url));
    const auto store = SqliteStore::open(folder.file()).value();
    EXPECT_EQ(store->cameras().camera(CameraId()).value().reach, reach) << url;
  }
}

TEST(SqliteStore, OverwritesAnAddressThatGaveWayToAnother) {
  const TemporaryFolder folder;
  const auto store = SqliteStore::open(folder.file()).value();
  ASSERT_TRUE(store->people().add_home({}, Buffer{1}));
  Camera camera = camera_record(1);
  camera.url = "rtsp://192.0.2.1/x?pwd=a-password-in-the-clear";
  ASSERT_TRUE(store->cameras().add_camera(camera, Buffer{1}, {}));
  EXPECT_TRUE(holds(folder, "a-password-in-the-clear"));
  CameraUpdate update;
  update.access = AccessChange{access_of(camera), access_of(camera)};
  update.access->to.url = "rtsp://192.0.2.1/x";
  ASSERT_TRUE(store->cameras().update_camera(camera.id, camera.tenure, update));
  EXPECT_FALSE(holds(folder, "a-password-in-the-clear"));
}

// Another process reads at that moment, as a backup does.
TEST(SqliteStore, OverwritesItOnceNobodyElseReads) {
  const TemporaryFolder folder;
  const auto store = SqliteStore::open(folder.file()).value();
  ASSERT_TRUE(store->people().add_home({}, Buffer{1}));
  Camera camera = camera_record(1);
  camera.url = "rtsp://192.0.2.1/x?pwd=a-password-in-the-clear";
  ASSERT_TRUE(store->cameras().add_camera(camera, Buffer{1}, {}));
  sqlite3* reader = nullptr;
  ASSERT_EQ(sqlite3_open(folder.file().c_str(), &reader), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(reader, "BEGIN; SELECT * FROM cameras", nullptr, nullptr, nullptr), SQLITE_OK);
  CameraUpdate update;
  update.access = AccessChange{access_of(camera), access_of(camera)};
  update.access->to.url = "rtsp://192.0.2.1/x";
  ASSERT_TRUE(store->cameras().update_camera(camera.id, camera.tenure, update));
  EXPECT_TRUE(holds(folder, "a-password-in-the-clear")) << "the reader still sees it";
  sqlite3_close(reader);
  ASSERT_TRUE(store->cameras().update_camera(camera.id, camera.tenure, {.name = "Gate"}));
  EXPECT_FALSE(holds(folder, "a-password-in-the-clear"));
}

TEST(SqliteStore, RefusesADatabaseOfAnotherProgram) {
  const TemporaryFolder folder;
  execute(folder.file(), "CREATE TABLE recipes (name TEXT)");
  const Error error = open_error(folder.file());
  EXPECT_EQ(error.kind(), ErrorKind::FailedPrecondition);
  EXPECT_TRUE(has(error, "of another program")) << error.message();
}

TEST(SqliteStore, RefusesAlteredTables) {
  const TemporaryFolder folder;
  {
    ASSERT_TRUE(SqliteStore::open(folder.file()));
  }
  execute(folder.file(), "ALTER TABLE homes ADD COLUMN extra TEXT");
  const Error error = open_error(folder.file());
  EXPECT_EQ(error.kind(), ErrorKind::DataLoss);
  EXPECT_TRUE(has(error, "altered")) << error.message();
}

TEST(SqliteStore, RefusesBrokenReferences) {
  const TemporaryFolder folder;
  {
    ASSERT_TRUE(SqliteStore::open(folder.file()));
  }
  execute(folder.file(), "PRAGMA foreign_keys = OFF; INSERT INTO home_keys VALUES (zeroblob(16), x'00')");
  const Error error = open_error(folder.file());
  EXPECT_EQ(error.kind(), ErrorKind::DataLoss);
  EXPECT_TRUE(has(error, "home_keys")) << error.message();
}

TEST(SqliteStore, RefusesAFileThatIsNoDatabase) {
  const TemporaryFolder folder;
  std::ofstream(folder.file()) << std::string(8192, 'x');
  EXPECT_EQ(open_error(folder.file()).kind(), ErrorKind::DataLoss);
}

TEST(SqliteStore, RefusesDamagedPages) {
  const TemporaryFolder folder;
  {
    ASSERT_TRUE(SqliteStore::open(folder.file()));
  }
  const auto size = fs::file_size(folder.file());
  std::fstream file(folder.file(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096 * 2);
  file << std::string(size - 4096 * 2, '\x5a');
  file.close();
  EXPECT_EQ(open_error(folder.file()).kind(), ErrorKind::DataLoss);
}

// Run by root, a test may write anywhere: the refusals are asked for in a child that is nobody.
std::string open_as_nobody(const std::string& path) {
  std::array<int, 2> pipe{};
  EXPECT_EQ(::pipe(pipe.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) std::_Exit(1);
    const auto opened = SqliteStore::open(path);
    const std::string said =
        opened ? "opened" : fmt::format("{}: {}", to_string(opened.error().kind()), opened.error().message());
    std::_Exit(::write(pipe[1], said.data(), said.size()) < 0 ? 1 : 0);
  }
  ::close(pipe[1]);
  std::string said(4096, '\0');
  const ssize_t count = ::read(pipe[0], said.data(), said.size());
  said.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  ::close(pipe[0]);
  ::waitpid(child, nullptr, 0);
  return said;
}

TEST(SqliteStore, SaysWhatToDoWhenTheFolderCannotBeWritten) {
  const TemporaryFolder folder;
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read |
                                     fs::perms::others_exec);
  const std::string said = open_as_nobody(folder.file());
  EXPECT_NE(said.find("choose another data folder"), std::string::npos) << said;
}

TEST(SqliteStore, AReadOnlyFileIsRefusedAtTheStart) {
  const TemporaryFolder folder;
  {
    ASSERT_TRUE(SqliteStore::open(folder.file()));
  }
  fs::permissions(folder.path(), fs::perms::all);
  fs::permissions(folder.file(), fs::perms::owner_read | fs::perms::others_read);
  const std::string said = open_as_nobody(folder.file());
  EXPECT_NE(said.find("choose another data folder"), std::string::npos) << said;
}

TEST(SqliteStore, NoticesWhatAnotherProcessChanged) {
  const TemporaryFolder folder;
  const auto server = SqliteStore::open(folder.file()).value();
  const auto command_line = SqliteStore::open(folder.file()).value();
  const std::uint64_t before = server->change_counter().value();
  EXPECT_EQ(server->change_counter().value(), before);
  ASSERT_TRUE(command_line->people().add_home({{}, "Home", "#000000"}, Buffer{1}));
  EXPECT_GT(server->change_counter().value(), before);
  EXPECT_EQ(server->people().homes().value().size(), 1U);
}

TEST(SqliteStore, OverwritesTheBytesOfADeletedKey) {
  const TemporaryFolder folder;
  const auto store = SqliteStore::open(folder.file()).value();
  const std::string key = "a-wrapped-tenure-key-that-must-go";
  ASSERT_TRUE(store->people().add_home({}, Buffer{1}));
  ASSERT_TRUE(store->cameras().add_camera(camera_record(1), as_bytes(key), {}));
  EXPECT_TRUE(holds(folder, key));
  ASSERT_TRUE(store->cameras().remove_camera(camera_number(1), Tenure{1}, {}));
  EXPECT_FALSE(holds(folder, key));
}

// A child writes without end and says after each answer which camera it added; it is killed in the middle.
// What it was told is there must be there, and the file must open.
TEST(SqliteStore, KeepsWhatItAnsweredWhenKilled) {
  const TemporaryFolder folder;
  {
    ASSERT_TRUE(SqliteStore::open(folder.file()).value()->people().add_home({}, Buffer{1}));
  }
  std::uint32_t answered = 0;
  for (int turn = 0; turn < 12; ++turn) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto store = SqliteStore::open(folder.file());
      if (!store) std::_Exit(1);
      for (std::uint32_t number = answered + 1;; ++number) {
        const auto added = (*store)->cameras().add_camera(camera_record(number), Buffer(40, 1), {});
        if (!added && added.error().kind() != ErrorKind::FailedPrecondition) std::_Exit(2);
        if (::write(pipe[1], &number, sizeof number) != sizeof number) std::_Exit(3);
      }
    }
    ::close(pipe[1]);
    std::uint32_t number = 0;
    const std::uint32_t until = answered + 3 + static_cast<std::uint32_t>(turn) * 2;
    while (number < until && ::read(pipe[0], &number, sizeof number) == sizeof number) answered = number;
    ::kill(child, SIGKILL);
    while (::read(pipe[0], &number, sizeof number) == sizeof number) answered = number;
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);

    const auto store = SqliteStore::open(folder.file());
    ASSERT_TRUE(store) << store.error().message();
    for (std::uint32_t each = 1; each <= answered; ++each) {
      ASSERT_TRUE((*store)->cameras().camera(camera_number(each))) << "camera " << each << " of " << answered;
    }
  }
}

}  // namespace jalousie::registry
