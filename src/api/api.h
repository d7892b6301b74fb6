// REST under /api/v1 (docs/ref/api.md), the event stream, /healthz and /metrics. Authenticates, validates and
// asks the keeper; decides nothing itself. Handlers run on the connection's loop and do what blocks on
// workers.
#pragma once

#include <memory>
#include <string>

#include "api/doors.h"
#include "base/metrics.h"
#include "base/time.h"
#include "http/router.h"
#include "io/workers.h"
#include "keeper/keeper.h"
#include "registry/store.h"

namespace jalousie::api {

class Api {
 public:
  /// All outlive the API; the API outlives the server that has its routes.
  struct Parts {
    keeper::Keeper& keeper;
    registry::Store& store;
    io::Workers& workers;
    io::Workers& revoking;  // for what ends viewings: it waits for nothing else
    Clock& clock;
    Metrics& metrics;
    CameraStates& cameras;
    Whep& whep;
    Stills& stills;
    Mse& mse;
    Prober& prober;
    ViewingEvents& viewings;
    std::string version;
    std::string run;  // another for every process: a page whose server was replaced knows by it
  };
  explicit Api(Parts parts);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  void add_routes(http::Router& router);
  /// What /healthz says; it begins as true. From any thread.
  void set_serving(bool serving);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalousie::api
