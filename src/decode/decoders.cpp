#include "decode/decoders.h"

#include <algorithm>
#include <unordered_map>

#include "base/assert.h"
#include "base/limits.h"
#include "decode/home_decoder.h"
#include "io/loop_thread.h"
#include "io/task_group.h"

namespace jalousie::decode {

namespace {

constexpr Microseconds kLookEvery = Seconds(5);

/// Resumes who waits for a task when that has ended, however it does.
class Waiter {
 public:
  explicit Waiter(std::move_only_function<void()> resume)
      : resume_(std::make_unique<std::move_only_function<void()>>(std::move(resume))) {}
  Waiter(Waiter&&) = default;
  Waiter& operator=(Waiter&&) = delete;
  ~Waiter() {
    if (resume_) (*resume_)();
  }

 private:
  std::unique_ptr<std::move_only_function<void()>> resume_;
};

}  // namespace

/// The homes whose children are talked to on one loop.
struct Decoders::Corner {
  Corner(Workshop& all, io::Loop& on) : workshop(all), loop(on), group(on), sweep(on) {}

  using Answer = std::optional<Result<Picture>>;
  // `request` and `answer` are in the frame of who waits for `waiter`.
  static io::Task<> serve(Corner& corner, HomeId home, Request& request, Answer& answer, Waiter waiter) {
    static_cast<void>(waiter);
    HomeDecoder* const decoder = corner.decoder_of(home);
    if (decoder == nullptr) {
      answer.emplace(fail(ErrorKind::ResourceExhausted, "too many homes ask for stills at once"));
      co_return;
    }
    answer.emplace(co_await decoder->decode(request));
    corner.sweep_later();
  }

  HomeDecoder* decoder_of(HomeId home) {
    if (const auto found = decoders.find(home); found != decoders.end()) return found->second.get();
    if (decoders.size() >= limits::kDecodersPerLoop && !make_room()) return nullptr;
    return decoders.emplace(home, std::make_unique<HomeDecoder>(workshop, loop, home)).first->second.get();
  }

  bool make_room() {
    auto oldest = decoders.end();
    for (auto it = decoders.begin(); it != decoders.end(); ++it) {
      if (it->second->is_busy()) continue;
      if (oldest == decoders.end() || it->second->last_use() < oldest->second->last_use()) oldest = it;
    }
    if (oldest == decoders.end()) return false;
    end_later(oldest);
    return true;
  }

  using Decoder = std::unordered_map<HomeId, std::unique_ptr<HomeDecoder>>::iterator;
  Decoder end_later(Decoder which) {
    group.spawn([](std::unique_ptr<HomeDecoder> decoder) -> io::Task<> {
      co_await decoder->end();
    }(std::move(which->second)));
    return decoders.erase(which);
  }

  void sweep_later() {
    if (sweeping) return;
    sweeping = true;
    sweep.start(kLookEvery, [this] {
      sweeping = false;
      const SteadyTime now = workshop.parts.clock.steady();
      for (auto it = decoders.begin(); it != decoders.end();) {
        const bool keep = it->second->is_busy() || now - it->second->last_use() < it->second->keep_for();
        it = keep ? std::next(it) : end_later(it);
      }
      if (!decoders.empty()) sweep_later();
    });
  }

  static io::Task<> close(Corner& corner) {
    corner.sweep.cancel();
    co_await corner.group.close();
    for (auto& [home, decoder] : corner.decoders) co_await decoder->end();
    corner.decoders.clear();
  }

  Workshop& workshop;
  io::Loop& loop;
  io::TaskGroup group;
  io::Timer sweep;
  bool sweeping = false;
  std::unordered_map<HomeId, std::unique_ptr<HomeDecoder>> decoders;
};

Decoders::Decoders(std::span<io::Loop* const> loops, Parts parts)
    : workshop_(std::make_unique<Workshop>(std::move(parts))) {
  JAL_ASSERT(!loops.empty());
  for (io::Loop* const loop : loops) corners_.push_back(std::make_unique<Corner>(*workshop_, *loop));
}

Decoders::~Decoders() = default;

io::Task<Result<Picture>> Decoders::decode(HomeId home, Request request) {
  JAL_ASSERT(!request.empty());
  Corner& corner = *corners_[std::hash<HomeId>()(home) % corners_.size()];
  Corner::Answer answer;
  co_await io::suspend([&corner, &home, &request, &answer](std::move_only_function<void()> resume) {
    corner.loop.post([&corner, home, &request, &answer, waiter = Waiter(std::move(resume))]() mutable {
      corner.group.spawn(Corner::serve(corner, home, request, answer, std::move(waiter)));
    });
  });
  if (!answer) co_return fail(ErrorKind::Unavailable, "the server is ending");
  co_return *std::move(answer);
}

void Decoders::close() {
  for (const auto& corner : corners_) io::run_and_wait(corner->loop, Corner::close(*corner));
}

}  // namespace jalousie::decode
