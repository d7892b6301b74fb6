// What one block costs: sealed, opened, and refused.
#include <benchmark/benchmark.h>

#include "base/assert.h"
#include "crypto/system_random.h"
#include "seal/fixture.h"

namespace jalousie::seal {
namespace {

Buffer plaintext_of(const benchmark::State& state) {
  return Buffer(static_cast<std::size_t>(state.range(0)), 0x5a);
}

void count_bytes(benchmark::State& state) { state.SetBytesProcessed(state.iterations() * state.range(0)); }

void seal_block(benchmark::State& state) {
  crypto::SystemRandom random;
  fixture::KeyDesk desk{fixture::label()};
  Sealer sealer(fixture::label(), std::make_unique<fixture::DeskKeySource>(desk), random, 1);
  const Buffer plaintext = plaintext_of(state);
  for (auto _ : state) {
    benchmark::DoNotOptimize(sealer.seal(BlockKind::Video, 0, fixture::kCapture, plaintext));
  }
  count_bytes(state);
}
BENCHMARK(seal_block)->Arg(200)->Arg(10'000)->Arg(100'000);

// reopen() runs all of open() but the step of the window, and takes the same block again and again.
void open_block(benchmark::State& state) {
  const BlockPtr block = fixture::Bench().seal(plaintext_of(state));
  Opener opener = fixture::opener();
  JAL_ASSERT(opener.open(*block).has_value());
  for (auto _ : state) benchmark::DoNotOptimize(opener.reopen(*block));
  count_bytes(state);
}
BENCHMARK(open_block)->Arg(200)->Arg(10'000)->Arg(100'000);

void refuse(benchmark::State& state, const Block& block, Refusal expected) {
  Opener opener = fixture::opener();
  JAL_ASSERT(opener.open(block).error() == expected);
  for (auto _ : state) benchmark::DoNotOptimize(opener.open(block));
}

void refuse_label(benchmark::State& state) {
  refuse(state, *fixture::Bench(fixture::label(0xa2)).seal(plaintext_of(state)), Refusal::WrongLabel);
}
BENCHMARK(refuse_label)->Arg(10'000);

void refuse_epoch(benchmark::State& state) {
  refuse(state, *fixture::Bench().seal(plaintext_of(state), fixture::kCapture + Seconds(600)),
         Refusal::WrongKey);
}
BENCHMARK(refuse_epoch)->Arg(10'000);

void refuse_commitment(benchmark::State& state) {
  const BlockPtr genuine = fixture::Bench().seal(plaintext_of(state));
  refuse(state, *fixture::altered(*genuine, [](Buffer& bytes) { bytes[112] ^= 1; }), Refusal::WrongKey);
}
BENCHMARK(refuse_commitment)->Arg(10'000)->Arg(1'000'000);

void refuse_tag(benchmark::State& state) {
  const BlockPtr genuine = fixture::Bench().seal(plaintext_of(state));
  refuse(state, *fixture::altered(*genuine, [](Buffer& bytes) { bytes.back() ^= 1; }), Refusal::Broken);
}
BENCHMARK(refuse_tag)->Arg(10'000);

void derive_epoch_key(benchmark::State& state) {
  const DayKey day = fixture::day_key(fixture::label().label, day_of(fixture::kEpoch));
  for (auto _ : state) benchmark::DoNotOptimize(day.epoch_key(StreamId::Main, fixture::kEpoch));
}
BENCHMARK(derive_epoch_key);

}  // namespace
}  // namespace jalousie::seal
