#include "app/programs.h"

#include <filesystem>
#include <system_error>

namespace jalousie::app {

std::string decoder_program() {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  const fs::path folder = error ? fs::path(".") : self.parent_path();
  const fs::path beside = folder / "jalousie-decode";
  return fs::exists(beside, error) ? beside : folder.parent_path() / "libexec/jalousie/jalousie-decode";
}

}  // namespace jalousie::app
