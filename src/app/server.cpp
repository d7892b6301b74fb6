#include "app/server.h"

#include <array>
#include <filesystem>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <climits>
#include <fmt/format.h>

#include "app/page_files.h"
#include "app/programs.h"
#include "base/encoding.h"
#include "base/log.h"
#include "io/stream.h"

namespace jalousie::app {

namespace {

constexpr Microseconds kLookEvery = Milliseconds(250);
constexpr Microseconds kAdmitEvery = Milliseconds(20);
constexpr int kSweepEvery = 20;  // looks

/// "*:8480" as people can reach it: under this machine's name.
std::string at_this_machine(const Endpoint& local) {
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return local.to_string();
  return fmt::format("{}:{}", name.data(), local.port());
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const CommonOptions& common, const ServeOptions& options) {
  std::unique_ptr<Server> server(new Server);
  TRY_VOID(server->open(common, options));
  TRY_VOID(server->listen(options));
  TRY_VOID(server->serve(options));
  return server;
}

Server::~Server() { stop(); }

Result<> Server::open(const CommonOptions& common, const ServeOptions& options) {
  TRY_VOID(Data::make_folder(common.data));
  // Certificates, log files and ports are root's to open, the folder's files are not.
  if (struct stat folder{};
      ::geteuid() == 0 && ::stat(common.data.c_str(), &folder) == 0 && folder.st_uid != 0) {
    return fail(
        ErrorKind::FailedPrecondition,
        fmt::format(
            "the data folder {} belongs to another user, and the server has to run as that one: systemctl "
            "start jalousie; or give --data another folder",
            common.data));
  }
  auto lock = io::FileLock::acquire(common.data + "/lock");
  if (!lock) {
    return fail(
        lock.error().kind(),
        fmt::format("another jalousie serve already runs on {}; stop that one, or give --data another folder",
                    common.data));
  }
  lock_ = std::move(*lock);
  TRY(data_, Data::open(common, metrics_));

  std::size_t count = options.loops;
  if (count == 0) count = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < count; ++i) {
    threads_.push_back(std::make_unique<io::LoopThread>());
    loops_.push_back(&threads_.back()->loop());
  }
  signals_ = std::make_unique<io::SignalWaiter>(*loops_.front());
  workers_ = std::make_unique<io::Workers>(kCommonWorkers);
  workers_->post([] { static_cast<void>(io::TlsClientContext::shared()); });  // before a loop has to
  office_ = std::make_unique<KeeperOffice>(data_->keeper(), data_->store());
  hub_ = std::make_unique<stream::Hub>(loops_, data_->clock(), stream::RingLimits{}, metrics_);
  if (options.allow_loopback_cameras) reach_ = ingest::Reach::NetworkAndLoopback;
  admission_ = std::make_unique<ingest::Admission>(data_->clock(), ingest::Admission::Rate{});
  return {};
}

Result<> Server::listen(const ServeOptions& options) {
  TRY(const Endpoint page, Endpoint::parse(options.listen));
  TRY(identity_, webrtc::Identity::create(data_->random(), data_->clock().utc()));
  TRY(const Endpoint media, Endpoint::parse(page.address_text(), options.media_port));
  auto mux = deliver::UdpMux::start(*loops_.front(), media, metrics_);
  if (!mux) return fail(mux.error().kind(), fmt::format("{} (--media-port)", mux.error().message()));
  mux_ = std::move(*mux);
  desk_ = std::make_unique<deliver::ViewingDesk>(deliver::ViewingDesk::Parts{
      .hub = *hub_,
      .workers = *workers_,
      .office = *office_,
      .ask_grant =
          [this](const keeper::GrantRequest& request, keeper::RevokedCall revoked) {
            return data_->keeper().grant(request, std::move(revoked));
          },
      .ask_media = [this](const keeper::Principal& principal, CameraId camera,
                          StreamId stream) -> Result<deliver::Media> {
        TRY(const auto of, data_->keeper().household().camera(principal, camera));
        const auto seen = board_.seen({of.home, of.id, of.tenure});
        const auto sent = [](const ingest::Status& status) {
          return deliver::Media{.video = status.video, .sound = status.sound};
        };
        if (stream == StreamId::Main) return seen ? sent(seen->status) : deliver::Media{};
        if (of.sub_url.empty()) return fail(ErrorKind::NotFound, "This camera has no small stream.");
        return seen && seen->sub ? sent(*seen->sub) : deliver::Media{};
      }});
  mse_ = std::make_unique<deliver::MseDoor>(deliver::MseDoor::Parts{*desk_, metrics_, page_events_});
  deliver::WhepDoor::Parts parts{.desk = *desk_,
                                 .mux = *mux_,
                                 .random = data_->random(),
                                 .metrics = metrics_,
                                 .events = page_events_,
                                 .identity = identity_,
                                 .advertised = std::nullopt};
  if (!options.media_address.empty()) {
    TRY(parts.advertised, Endpoint::parse(options.media_address, options.media_port));
  }
  whep_ = std::make_unique<deliver::WhepDoor>(std::move(parts));
  open_stills();
  return {};
}

void Server::open_stills() {
  std::string program = decoder_program();
  if (::access(program.c_str(), X_OK) != 0)
    log::warn("app", "there will be no stills: the decoder is not where it should be", {{"at", program}});
  decoders_ = std::make_unique<decode::Decoders>(
      loops_,
      decode::Decoders::Parts{*workers_, data_->clock(), data_->random(), metrics_, std::move(program)});
  stills_ = std::make_unique<deliver::StillDoor>(
      deliver::StillDoor::Parts{.hub = *hub_,
                                .workers = *workers_,
                                .office = *office_,
                                .ask_grant =
                                    [this](const keeper::GrantRequest& request, keeper::RevokedCall revoked) {
                                      return data_->keeper().grant(request, std::move(revoked));
                                    },
                                .decoders = *decoders_,
                                .clock = data_->clock(),
                                .metrics = metrics_});
}

Result<> Server::serve(const ServeOptions& options) {
  fleet_ = std::make_unique<CameraFleet>(CameraFleet::Parts{data_->store(), data_->keeper(), *workers_, *hub_,
                                                            data_->clock(), data_->random(), metrics_, board_,
                                                            *admission_, reach_});
  tasks_ = std::make_unique<io::TaskGroup>(*loops_.front());
  add_routes();

  public_url_ = options.public_url;
  if (public_url_.ends_with('/')) public_url_.pop_back();
  http::Server::Options http;
  TRY(http.listen, Endpoint::parse(options.listen));
  TRY(http.presence, presence_of(options));
  secure_ = http.presence.tls != nullptr;
  http.clock = &data_->clock();
  auto started = http::Server::start(loops_, *router_, metrics_, std::move(http));
  if (!started) {
    if (started.error().kind() != ErrorKind::AlreadyExists)
      return std::unexpected(std::move(started).error());
    return fail(ErrorKind::AlreadyExists, fmt::format("{} (--listen)", started.error().message()));
  }
  http_ = std::move(*started);
  loops_.front()->post([this] {
    tasks_->spawn(keep_rights());
    tasks_->spawn(follow_registry());
    tasks_->spawn(admit());
  });
  return {};
}

std::string Server::make_run_name() {
  std::array<std::uint8_t, 16> bytes{};
  data_->random().fill(bytes);
  return encode_hex(bytes);
}

void Server::add_routes() {
  states_ = std::make_unique<BoardStates>(board_);
  prober_ = std::make_unique<IngestProber>(data_->clock(), data_->random(), reach_);
  api_whep_ = std::make_unique<DeliverWhep>(*whep_);
  api_stills_ = std::make_unique<DeliverStills>(*stills_);
  api_mse_ = std::make_unique<DeliverMse>(*mse_);
  api_ = std::make_unique<api::Api>(api::Api::Parts{.keeper = data_->keeper(),
                                                    .store = data_->store(),
                                                    .workers = *workers_,
                                                    .revoking = office_->revoking(),
                                                    .clock = data_->clock(),
                                                    .metrics = metrics_,
                                                    .cameras = *states_,
                                                    .whep = *api_whep_,
                                                    .stills = *api_stills_,
                                                    .mse = *api_mse_,
                                                    .prober = *prober_,
                                                    .viewings = page_events_,
                                                    .version = JALOUSIE_VERSION,
                                                    .run = make_run_name()});
  router_ = std::make_unique<http::Router>();
  api_->add_routes(*router_);
  add_page(*router_);
}

io::Task<> Server::admit() {
  for (;;) {
    admission_->tick();
    co_await io::sleep_for(kAdmitEvery);
  }
}

io::Task<> Server::keep_rights() {
  for (;;) {
    const auto ticked = co_await office_->tick();
    if (!ticked) log::error("keeper", "looking after viewings failed", {{"why", ticked.error().message()}});
    co_await io::sleep_for(kLookEvery);
  }
}

// A loop of its own: refreshing the fleet asks the common workers.
io::Task<> Server::follow_registry() {
  std::optional<std::uint64_t> seen;
  for (int round = 0;; ++round) {
    const auto counter = co_await office_->change_counter();
    if (counter && counter != seen) {
      const auto refreshed = co_await fleet_->refresh();
      if (refreshed) {
        seen = *counter;
      } else {
        log::error("app", "the registry could not be read", {{"why", refreshed.error().message()}});
      }
    }
    if (round % kSweepEvery == 0) hub_->sweep();
    co_await io::sleep_for(kLookEvery);
  }
}

std::string Server::base_url() const {
  if (!public_url_.empty()) return public_url_;
  const Endpoint local = http_->local();
  return fmt::format("{}://{}", secure_ ? "https" : "http",
                     local.is_unspecified() ? at_this_machine(local) : local.to_string());
}

int Server::wait_for_signal() { return io::run_and_wait(*loops_.front(), signals_->wait()); }

Result<http::Server::Presence> Server::presence_of(const ServeOptions& options) {
  http::Server::Presence presence{.tls = nullptr, .host_names = options.host_names};
  if (!options.tls_certificate.empty()) {
    TRY(presence.tls, io::TlsServerContext::load(options.tls_certificate, options.tls_key));
  }
  return presence;
}

Result<> Server::reload(const ServeOptions& options) {
  TRY(auto presence, presence_of(options));
  return http_->present(std::move(presence));
}

void Server::stop() {
  if (loops_.empty()) return;
  if (api_) api_->set_serving(false);
  if (http_) http_->close();
  if (admission_) admission_->close();
  if (tasks_) io::run_and_wait(*loops_.front(), tasks_->close());
  // Viewers are told goodbye while there still is a socket.
  if (whep_) io::run_and_wait(*loops_.front(), whep_->close());
  if (mux_) {
    io::run_and_wait(*loops_.front(), [](deliver::UdpMux& mux) -> io::Task<> {
      mux.close();
      co_return;
    }(*mux_));
  }
  if (decoders_) decoders_->close();
  if (fleet_) fleet_->close();
  // Viewings that have just ended still tell the keeper; workers finish what they accepted.
  workers_.reset();
  office_.reset();
  for (auto& thread : threads_) thread->stop_and_join();
  signals_.reset();
  http_.reset();
  tasks_.reset();
  fleet_.reset();
  whep_.reset();
  stills_.reset();
  decoders_.reset();
  mse_.reset();
  desk_.reset();
  mux_.reset();
  hub_.reset();
}

}  // namespace jalousie::app
