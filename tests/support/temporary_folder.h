// A folder that goes with the test, in memory where the machine has such a place: a test that waits for a
// disk several hundred times waits for everybody else's disk too.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace jalousie::test {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (parent() / "jalousie-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all, ignored);
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string file(std::string_view name) const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  static std::filesystem::path parent() {
    constexpr std::uintmax_t kRoom = std::uintmax_t{64} << 20;  // several tests run at once
    const std::filesystem::path memory = "/dev/shm";
    std::error_code problem;
    const auto space = std::filesystem::space(memory, problem);
    const bool usable = !problem && space.available >= kRoom && ::access(memory.c_str(), W_OK | X_OK) == 0;
    return usable ? memory : std::filesystem::temp_directory_path();
  }

  std::filesystem::path path_;
};

}  // namespace jalousie::test
