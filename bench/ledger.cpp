// Opening a ledger of some length, with its checkpoints and without (as after an update from a version that
// made none), and what verifying all of it takes. Set JALOUSIE_BENCH_FOLDER to choose the disk.
#include <cstdlib>
#include <filesystem>
#include <map>

#include <benchmark/benchmark.h>

#include "crypto/system_random.h"
#include "ledger/chain_file.h"
#include "ledger/verify.h"

namespace {

using namespace jalousie;
using namespace jalousie::ledger;
namespace fs = std::filesystem;

constexpr std::size_t kHomes = 200;

class Folder {
 public:
  Folder() {
    const char* chosen = std::getenv("JALOUSIE_BENCH_FOLDER");
    std::string pattern =
        (chosen != nullptr ? fs::path(chosen) : fs::temp_directory_path()) / "jalousie-bench-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path_); }

  /// Made once for each length.
  std::string ledger_of(std::size_t entries) {
    const std::string path = path_ / std::to_string(entries);
    if (fs::exists(path)) return path;
    crypto::SystemRandom random;
    const auto file = ChainFile::open(path, random).value();
    std::vector<Entry> made(kBatchEntries);
    for (std::size_t done = 0; done < entries; done += made.size()) {
      std::vector<const Entry*> batch;
      for (std::size_t index = 0; index < made.size(); ++index) {
        made[index].kind = EntryKind::Renewal;
        made[index].home.bytes[0] = static_cast<std::uint8_t>((done / 7 + index) % kHomes);
        made[index].door = "whep";
        batch.push_back(&made[index]);
      }
      if (!file->append(batch)) std::abort();
    }
    return path;
  }

 private:
  fs::path path_;
};

Folder& folder() {
  static Folder made;
  return made;
}

void open_again(benchmark::State& state) {
  const std::string path = folder().ledger_of(static_cast<std::size_t>(state.range(0)));
  crypto::SystemRandom random;
  std::uint64_t read = 0;
  for (auto _ : state) read = ChainFile::open(path, random).value()->bytes_read();
  state.counters["MiB_read"] = static_cast<double>(read) / (1 << 20);
}

void open_without_checkpoints(benchmark::State& state) {
  const std::string path = folder().ledger_of(static_cast<std::size_t>(state.range(0)));
  crypto::SystemRandom random;
  for (auto _ : state) {
    fs::remove(checkpoints_path(path));
    benchmark::DoNotOptimize(ChainFile::open(path, random).value());
  }
}

void verify_all(benchmark::State& state) {
  const std::string path = folder().ledger_of(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(verify_ledger(path, {}).value());
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void read_the_oldest(benchmark::State& state) {
  const std::string path = folder().ledger_of(static_cast<std::size_t>(state.range(0)));
  crypto::SystemRandom random;
  const auto file = ChainFile::open(path, random).value();
  for (auto _ : state) benchmark::DoNotOptimize(file->read(HomeId(), 1, 100).value());
}

}  // namespace

BENCHMARK(open_again)->Arg(100'000)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(read_the_oldest)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(verify_all)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(open_without_checkpoints)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
