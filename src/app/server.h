// Everything that runs while the server serves, in the order in which it has to start, and ends the other way
// round.
#pragma once

#include <memory>
#include <vector>

#include "api/api.h"
#include "app/api_doors.h"
#include "app/camera_board.h"
#include "app/camera_fleet.h"
#include "app/data.h"
#include "app/keeper_office.h"
#include "app/options.h"
#include "app/page_events.h"
#include "decode/decoders.h"
#include "deliver/mse_door.h"
#include "deliver/still_door.h"
#include "deliver/udp_mux.h"
#include "deliver/viewing_desk.h"
#include "deliver/whep_door.h"
#include "http/server.h"
#include "ingest/admission.h"
#include "io/files.h"
#include "io/loop_thread.h"
#include "io/signals.h"
#include "io/task_group.h"
#include "io/workers.h"
#include "stream/hub.h"
#include "webrtc/dtls.h"

namespace jalousie::app {

class Server {
 public:
  /// An error says what is wrong and what to do; then nothing runs.
  static Result<std::unique_ptr<Server>> start(const CommonOptions& common, const ServeOptions& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  Data& data() { return *data_; }
  /// For what may be asked for in any number and blocks: SQLite and the ledger's disk. Rights and leases have
  /// workers of their own, the keeper office's.
  static constexpr std::size_t kCommonWorkers = 6;
  io::Workers& common_workers() { return *workers_; }
  /// Where the page is reached: "http://127.0.0.1:8480". --public-url when given; this machine's name where
  /// it listens on every address.
  std::string base_url() const;
  Metrics& metrics() { return metrics_; }
  /// The number of the next signal of SIGINT, SIGTERM and SIGHUP. On the calling thread, which is none of the
  /// loops'.
  int wait_for_signal();
  /// Takes what can change while people watch: the certificate, read anew, and host names. An error says why
  /// not; then all is as it was.
  Result<> reload(const ServeOptions& options);

 private:
  Server() = default;
  Result<> open(const CommonOptions& common, const ServeOptions& options);
  Result<> listen(const ServeOptions& options);
  Result<> serve(const ServeOptions& options);
  static Result<http::Server::Presence> presence_of(const ServeOptions& options);
  void open_stills();
  std::string make_run_name();
  void add_routes();
  io::Task<> keep_rights();
  io::Task<> follow_registry();
  io::Task<> admit();
  void stop();

  Metrics metrics_;
  std::unique_ptr<io::FileLock> lock_;
  std::unique_ptr<Data> data_;
  std::vector<std::unique_ptr<io::LoopThread>> threads_;
  std::vector<io::Loop*> loops_;
  std::unique_ptr<io::SignalWaiter> signals_;
  std::unique_ptr<io::Workers> workers_;
  std::unique_ptr<KeeperOffice> office_;
  std::unique_ptr<stream::Hub> hub_;
  PageEvents page_events_;
  CameraBoard board_;
  std::shared_ptr<const webrtc::Identity> identity_;
  std::unique_ptr<deliver::UdpMux> mux_;
  std::unique_ptr<deliver::ViewingDesk> desk_;
  std::unique_ptr<deliver::WhepDoor> whep_;
  std::unique_ptr<decode::Decoders> decoders_;
  std::unique_ptr<deliver::StillDoor> stills_;
  std::unique_ptr<deliver::MseDoor> mse_;
  std::unique_ptr<CameraFleet> fleet_;
  std::unique_ptr<io::TaskGroup> tasks_;
  std::unique_ptr<ingest::Admission> admission_;
  std::unique_ptr<BoardStates> states_;
  std::unique_ptr<IngestProber> prober_;
  std::unique_ptr<DeliverWhep> api_whep_;
  std::unique_ptr<DeliverStills> api_stills_;
  std::unique_ptr<DeliverMse> api_mse_;
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<http::Router> router_;
  std::unique_ptr<http::Server> http_;
  std::string public_url_;  // without a slash at its end; empty: none was given
  bool secure_ = false;
  ingest::Reach reach_ = ingest::Reach::Network;  // of cameras that owners enter
};

}  // namespace jalousie::app
