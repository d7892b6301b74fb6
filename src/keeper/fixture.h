// A keeper with a real registry in a folder of its own, a ledger that a test can look into and break, and a
// clock that moves when told.
#pragma once

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "crypto/system_random.h"
#include "keeper/breakable_store.h"
#include "keeper/keeper.h"
#include "registry/sqlite_store.h"
#include "support/temporary_folder.h"

namespace jalousie::keeper {

class MemoryLedger final : public ledger::Ledger {
 public:
  Result<std::uint64_t> append(const ledger::Entry& entry) override {
    if (before_append) std::exchange(before_append, nullptr)();
    const std::lock_guard lock(mutex_);
    if (broken) return fail(ErrorKind::Unavailable, "the disk is full");
    entries_.push_back(entry);
    return entries_.size();
  }
  Result<std::vector<ledger::Recorded>> read(HomeId, std::uint64_t, std::size_t) override {
    return std::vector<ledger::Recorded>();
  }
  std::vector<ledger::Entry> of(ledger::EntryKind kind) const {
    const std::lock_guard lock(mutex_);
    std::vector<ledger::Entry> found;
    std::ranges::copy_if(entries_, std::back_inserter(found),
                         [&](const auto& entry) { return entry.kind == kind; });
    return found;
  }

  std::atomic<bool> broken{false};
  std::function<void()> before_append;  // once

 private:
  mutable std::mutex mutex_;
  std::vector<ledger::Entry> entries_;
};

using test::TemporaryFolder;

inline RootKey root_key(std::uint8_t fill) {
  crypto::Secret<kRootKeyBytes> secret;
  std::ranges::fill(secret.bytes(), fill);
  return RootKey(std::move(secret));
}

/// Where revocations arrive.
struct Revocations {
  std::mutex mutex;
  std::vector<EndReason> reasons;
  RevokedCall call() {
    return [this](EndReason reason) {
      const std::lock_guard lock(mutex);
      reasons.push_back(reason);
    };
  }
};

class KeeperTest : public testing::Test {
 protected:
  KeeperTest() : store_(registry::SqliteStore::open(folder_.file("registry.db")).value()) { start(); }

  void start() {
    keeper_ =
        Keeper::create({breakable_, ledger_, clock_, random_, metrics_, {.memory_kib = 64, .passes = 1}},
                       root_key(1))
            .value();
    book_ = &keeper_->household();
    desk_ = &keeper_->sign_in();
  }

  /// A person of a home, signed in.
  struct Person {
    AccountId account;
    Principal principal;
    std::string cookie;
  };
  Person person(std::string_view name, HomeId home, registry::Role role = registry::Role::Owner,
                std::vector<CameraId> guest_cameras = {}, std::optional<UtcTime> until = std::nullopt) {
    Person made;
    made.account = book_->create_account(name).value();
    EXPECT_TRUE(book_->set_member(kOperator, {home, made.account, role, std::move(guest_cameras), until}));
    const std::string token = desk_->create_link(made.account, home).value();
    const SignedIn signed_in =
        desk_->use_link(token, "a fine password of " + std::string(name), Endpoint()).value();
    made.principal = signed_in.principal;
    made.cookie = signed_in.cookie;
    return made;
  }
  HomeId home(std::string_view name = "Home") { return book_->create_home(name, "#3b82f6").value(); }
  registry::Camera camera(HomeId home, std::string_view name = "Door") {
    return book_
        ->add_camera(kOperator, home,
                     {std::string(name), "rtsp://192.0.2.1/main", {"user", "camera secret"}, {}})
        .value();
  }
  Result<Grant> grant(const Principal& principal, CameraId camera) {
    return keeper_->grant({principal, camera, "whep"}, revocations_.call());
  }
  seal::BlockPtr sealed(seal::Sealer& sealer, std::string_view text) {
    return sealer.seal(seal::BlockKind::Video, seal::kFlagKeyFrame, clock_.utc(), as_bytes(text)).value();
  }
  static std::string opened(seal::Opener& opener, const seal::BlockPtr& block) {
    const auto clear = opener.open(*block);
    return clear ? std::string(as_text(clear->bytes())) : std::string(seal::to_string(clear.error()));
  }

  /// Whether a file of the registry holds this in the clear.
  bool is_on_disk(std::string_view text) const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      if (entry.path().string().ends_with("-shm")) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes((std::istreambuf_iterator<char>(file)), {});
      if (bytes.find(text) != std::string::npos) return true;
    }
    return false;
  }

  TemporaryFolder folder_;
  FakeClock clock_;
  crypto::SystemRandom random_;
  Metrics metrics_;
  MemoryLedger ledger_;
  std::unique_ptr<registry::SqliteStore> store_;
  BreakableStore breakable_{*store_};
  std::unique_ptr<Keeper> keeper_;
  Household* book_ = nullptr;
  SignIn* desk_ = nullptr;
  Revocations revocations_;
};

}  // namespace jalousie::keeper
