#include "app/camera_fleet.h"

#include <set>

#include "app/transport.h"
#include "base/log.h"
#include "io/loop_thread.h"
#include "io/task_group.h"

namespace jalousie::app {

namespace {

constexpr Microseconds kKeepAgain = Seconds(1);
constexpr Microseconds kKeepAgainMost = Seconds(60);
// A small stream that nobody watches any more is let go of after this long; it is looked at this often.
constexpr Microseconds kSubIdle = Seconds(30);
constexpr Microseconds kLookAtSub = Seconds(1);
// One that failed says so for this long after that. Were it idle at once, pages would ask for it again, and a
// camera would be given the same wrong password until it locks itself.
constexpr Microseconds kSubFailed = Seconds(600);

seal::Label label_of(const registry::Camera& camera) { return {camera.home, camera.id, camera.tenure}; }

}  // namespace

/// The connections of one shard; lives and is called on its loop.
class CameraFleet::Berth {
 public:
  Berth(const Parts& parts, stream::Shard& shard)
      : parts_(parts), shard_(shard), tasks_(shard.loop()), stopped_(shard.loop()) {
    shard_.loop().post([this] {
      shard_.on_watched([this](const seal::StreamLabel& label) {
        if (label.stream == StreamId::Sub) begin_sub(label.label);
      });
    });
  }

  stream::Shard& shard() { return shard_; }

  void start(const registry::Camera& camera) {
    with_sub_.erase(camera.id);
    tasks_.spawn(connect(camera));
    if (camera.sub_url.empty()) return;
    const seal::Label label = label_of(camera);
    with_sub_[camera.id] = label;
    parts_.board.forget_sub(label);
    // Those who watched the small stream of before go on with this one.
    if (shard_.is_watched({label, StreamId::Sub})) begin_sub(label);
  }

  /// `last_word`: what the board says of it from now on; nothing: the camera is gone from it.
  void stop(const seal::Label& label, std::optional<ingest::Status> last_word) {
    stop(label.camera);
    if (last_word) {
      parts_.board.set(label, *std::move(last_word));
    } else {
      parts_.board.remove(label);
    }
  }

  void stop(CameraId camera) {
    ++generations_[camera];
    with_sub_.erase(camera);
    stopped_.notify();
    const auto found = connections_.find(camera);
    if (found == connections_.end()) return;
    tasks_.spawn(end(std::move(found->second)));
    connections_.erase(found);
  }

  io::Task<> close() {
    shard_.on_watched({});
    for (auto& [camera, generation] : generations_) ++generation;
    stopped_.notify();
    while (!connections_.empty()) stop(connections_.begin()->first);
    while (tasks_.size() > 0) co_await io::sleep_for(Milliseconds(5));
    co_await tasks_.close();
  }

 private:
  // By value: the frame outlives the caller's record.
  io::Task<> connect(registry::Camera camera) {
    const std::uint64_t generation = ++generations_[camera.id];
    const seal::Label label = label_of(camera);
    co_await parts_.admission.enter(camera.home);
    if (generations_[camera.id] != generation) co_return;
    auto source = co_await source_of(label);
    for (Microseconds wait = Seconds(1); !source; wait = std::min<Microseconds>(wait * 2, Seconds(30))) {
      if (generations_[camera.id] != generation) co_return;
      log::error("app", "a camera's address could not be read",
                 {{"camera", camera.id.to_string()}, {"why", source.error().message()}});
      ingest::Status status;
      status.state = ingest::State::NoStream;
      status.reason = "This server cannot read the camera's settings.";
      status.advice = "Its log says why; it tries again by itself.";
      status.since = parts_.clock.utc();
      parts_.board.set(label, status);
      static_cast<void>(co_await stopped_.wait(wait));
      if (generations_[camera.id] != generation) co_return;
      source = co_await source_of(label);
    }
    if (generations_[camera.id] != generation) co_return;
    auto line = parts_.board.line(label);
    ingest::CameraConnection::Parts ingest_parts{
        .loop = shard_.loop(),
        .clock = parts_.clock,
        .random = parts_.random,
        .metrics = parts_.metrics,
        .sealer = [this, label] { return make_sealer(label, StreamId::Main); },
        .publish =
            [this, line, id = camera.id, generation](seal::BlockPtr block) {
              if (generations_[id] != generation) return;  // what it showed is forgotten already
              line->note(block->header());
              shard_.publish(std::move(block));
            },
        .on_status =
            [this, label, generation](const ingest::Status& status) {
              // A connection that is being closed has nothing to say any more.
              if (generations_[label.camera] == generation) parts_.board.set(label, status);
            },
        .on_certificate =
            [this, label, url = camera.url, generation](const std::string& fingerprint) {
              tasks_.spawn(keep_certificate(label, url, fingerprint, generation));
            },
    };
    auto connection =
        std::make_unique<ingest::CameraConnection>(std::move(ingest_parts), where(*source, source->url));
    connection->start();
    connections_[camera.id] = std::move(connection);
  }

  ingest::Source where(const keeper::CameraSource& source, const std::string& url) const {
    return {.url = url,
            .username = source.credentials.username(),
            .password = source.credentials.password(),
            .transport = transport_of(source.transport),
            .certificate = source.certificate,
            .sound = source.sound,
            .reach = source.reach == registry::Reach::Anywhere ? ingest::Reach::Anywhere : parts_.reach,
            .reach_elsewhere = parts_.reach};
  }

  // The small streams (docs/design/sub-stream.md).

  void begin_sub(const seal::Label& label) {
    if (has_sub(label) && subs_.insert(label).second) tasks_.spawn(serve_sub(label));
  }

  bool has_sub(const seal::Label& label) const {
    const auto found = with_sub_.find(label.camera);
    return found != with_sub_.end() && found->second == label;
  }

  bool is_live(CameraId camera) const {
    const auto found = connections_.find(camera);
    return found != connections_.end() && found->second->status().state == ingest::State::Live;
  }

  // By value: the frame outlives the caller's label.
  io::Task<> serve_sub(seal::Label label) {
    while (has_sub(label) && shard_.is_watched({label, StreamId::Sub})) {
      if (is_live(label.camera)) {
        const std::uint64_t generation = generations_[label.camera];
        const auto failed = co_await feed_sub(label, generation);
        if (failed) co_await rest_sub(label, generation, *failed);
        parts_.board.sub_let_go(label);
      } else {
        static_cast<void>(co_await stopped_.wait(kLookAtSub));
      }
    }
    subs_.erase(label);
  }

  static bool is_failure(ingest::State state) {
    return state != ingest::State::Live && state != ingest::State::Connecting &&
           state != ingest::State::Stalled;
  }

  // The caller's frame holds the label in these. Until nobody watches any more; what it failed with, if it
  // did.
  io::Task<std::optional<ingest::State>> feed_sub(const seal::Label& label, std::uint64_t generation) {
    auto source = co_await sub_source(label);
    if (generations_[label.camera] != generation) co_return std::nullopt;
    if (!source) {
      static_cast<void>(co_await stopped_.wait(kLookAtSub));
      co_return std::nullopt;
    }
    ingest::CameraConnection connection(
        {.loop = shard_.loop(),
         .clock = parts_.clock,
         .random = parts_.random,
         .metrics = parts_.metrics,
         .sealer = [this, label] { return make_sealer(label, StreamId::Sub); },
         .publish =
             [this, label, generation](seal::BlockPtr block) {
               if (generations_[label.camera] == generation) shard_.publish(std::move(block));
             },
         .on_status =
             [this, label, generation](const ingest::Status& status) {
               if (generations_[label.camera] == generation) parts_.board.set_sub(label, status);
             }},
        *std::move(source));
    source.reset();  // the connection has its own
    connection.start();
    SteadyTime watched = parts_.clock.steady();
    while (generations_[label.camera] == generation && parts_.clock.steady() - watched < kSubIdle) {
      static_cast<void>(co_await stopped_.wait(kLookAtSub));
      if (shard_.is_watched({label, StreamId::Sub})) watched = parts_.clock.steady();
    }
    const ingest::State state = connection.status().state;
    co_await connection.close();
    co_return is_failure(state) ? std::optional(state) : std::nullopt;
  }

  // Until it is forgotten, or somebody asks for it all the same: not for a password that was refused.
  io::Task<> rest_sub(const seal::Label& label, std::uint64_t generation, ingest::State failed) {
    const SteadyTime until = parts_.clock.steady() + kSubFailed;
    while (generations_[label.camera] == generation && parts_.clock.steady() < until) {
      if (failed != ingest::State::WrongPassword && shard_.is_watched({label, StreamId::Sub})) co_return;
      static_cast<void>(co_await stopped_.wait(kLookAtSub));
    }
  }

  io::Task<std::optional<ingest::Source>> sub_source(const seal::Label& label) {
    const auto source = co_await source_of(label);
    if (!source || source->sub_url.empty()) co_return std::nullopt;
    co_return where(*source, source->sub_url);
  }

  // The caller's frame holds the label.
  io::Task<Result<keeper::CameraSource>> source_of(const seal::Label& label) {
    co_return co_await io::offload(parts_.workers,
                                   [&] { return parts_.keeper.camera_source(label.camera, label.tenure); });
  }

  io::Task<Result<seal::Sealer>> make_sealer(seal::Label label, StreamId stream) {
    co_return co_await io::offload(parts_.workers,
                                   [&] { return parts_.keeper.sealer(label.camera, label.tenure, stream); });
  }

  // By value: the frame outlives the connection that has met it. Until it is kept, another certificate would
  // be trusted after a restart: tried again for as long as the camera is at that address.
  io::Task<> keep_certificate(seal::Label label, std::string url, std::string fingerprint,
                              std::uint64_t generation) {
    for (Microseconds wait = kKeepAgain; generations_[label.camera] == generation;
         wait = std::min<Microseconds>(wait * 2, kKeepAgainMost)) {
      const auto kept = co_await io::offload(parts_.workers, [&] {
        return parts_.keeper.keep_certificate(label.camera, label.tenure, url, fingerprint);
      });
      if (kept) co_return;
      log::warn("app", "a camera's certificate could not be kept",
                {{"camera", label.camera.to_string()}, {"why", kept.error().message()}});
      if (kept.error().kind() == ErrorKind::NotFound) co_return;  // gone from that address
      if (generations_[label.camera] != generation) co_return;
      static_cast<void>(co_await stopped_.wait(wait));
    }
  }

  static io::Task<> end(std::unique_ptr<ingest::CameraConnection> connection) {
    co_await connection->close();
  }

  Parts parts_;
  stream::Shard& shard_;
  io::TaskGroup tasks_;
  io::Event stopped_;  // some connection of this loop is to stop: who waits looks whether it is theirs
  std::map<CameraId, std::unique_ptr<ingest::CameraConnection>> connections_;
  std::map<CameraId, std::uint64_t> generations_;
  std::map<CameraId, seal::Label> with_sub_;  // those that have a small stream
  std::set<seal::Label> subs_;                // of these, those that somebody watches, or did a moment ago
};

bool CameraFleet::Wanted::is_same_connection(const registry::Camera& other) const {
  // The first certificate is kept by the connection itself, which knows it already.
  return (camera.certificate.empty() || camera.certificate == other.certificate) &&
         camera.tenure == other.tenure && camera.home == other.home && camera.url == other.url &&
         camera.sealed_url == other.sealed_url && camera.sub_url == other.sub_url &&
         camera.sealed_sub_url == other.sealed_sub_url && camera.reach == other.reach &&
         camera.sealed_credentials == other.sealed_credentials && camera.transport == other.transport &&
         camera.privacy == other.privacy && camera.sound == other.sound;
}

CameraFleet::CameraFleet(Parts parts) : parts_(parts) {
  for (const auto& shard : parts_.hub.shards()) berths_.push_back(std::make_unique<Berth>(parts_, *shard));
}

CameraFleet::~CameraFleet() = default;

io::Task<Result<>> CameraFleet::refresh() {
  auto cameras = co_await io::offload(parts_.workers, [this] { return parts_.store.cameras().cameras(); });
  if (!cameras) co_return std::unexpected(std::move(cameras).error());
  std::map<CameraId, Wanted> wanted;
  for (registry::Camera& camera : *cameras) {
    const CameraId id = camera.id;
    wanted.emplace(id, Wanted{std::move(camera)});
  }
  const auto berth_of = [this](CameraId camera) {
    stream::Shard& shard = parts_.hub.shard_of(camera);
    return std::find_if(berths_.begin(), berths_.end(),
                        [&](const auto& berth) { return &berth->shard() == &shard; })
        ->get();
  };

  for (auto running = running_.begin(); running != running_.end();) {
    const auto found = wanted.find(running->first);
    if (found != wanted.end() && running->second.is_same_connection(found->second.camera)) {
      running->second.camera.certificate = found->second.camera.certificate;
      ++running;
      continue;
    }
    const registry::Camera& old = running->second.camera;
    Berth* berth = berth_of(old.id);
    const bool is_another = found == wanted.end() || found->second.camera.tenure != old.tenure;
    berth->shard().loop().post([berth, label = label_of(old), is_another] {
      if (is_another) {
        berth->stop(label, std::nullopt);
      } else {
        berth->stop(label.camera);
      }
    });
    // Nobody is shown what came before: with privacy, nothing; from another address, perhaps another place,
    // and in an epoch whose keys no new viewer gets any more.
    parts_.hub.forget(label_of(old));
    running = running_.erase(running);
  }
  for (auto& [id, want] : wanted) {
    if (running_.contains(id)) continue;
    running_.emplace(id, want);
    Berth* berth = berth_of(id);
    if (want.camera.privacy) {
      ingest::Status status;
      status.state = ingest::State::Privacy;
      status.reason = "Privacy is on.";
      status.advice = "Nothing is taken in until it is switched off.";
      status.since = parts_.clock.utc();
      berth->shard().loop().post(
          [berth, label = label_of(want.camera), status] { berth->stop(label, status); });
      continue;
    }
    berth->shard().loop().post([berth, camera = want.camera] { berth->start(camera); });
  }
  co_return Result<>{};
}

void CameraFleet::close() {
  for (const auto& berth : berths_) io::run_and_wait(berth->shard().loop(), berth->close());
}

}  // namespace jalousie::app
