// The doors that the API asks for (api/doors.h), with the real rooms behind them.
#pragma once

#include "api/doors.h"
#include "app/camera_board.h"
#include "base/random.h"
#include "deliver/mse_door.h"
#include "deliver/still_door.h"
#include "deliver/whep_door.h"
#include "ingest/source.h"

namespace jalousie::app {

class BoardStates final : public api::CameraStates {
 public:
  explicit BoardStates(CameraBoard& board) : board_(board) {}
  std::optional<api::CameraState> state(const seal::Label& of) const override;
  std::unique_ptr<api::CameraSubscription> subscribe(std::function<void(CameraId)> changed) override;

 private:
  CameraBoard& board_;
};

class IngestProber final : public api::Prober {
 public:
  IngestProber(const Clock& clock, RandomSource& random, ingest::Reach reach)
      : clock_(clock), random_(random), reach_(reach) {}
  io::Task<api::ProbeOutcome> probe(keeper::NewCamera camera) override;

 private:
  const Clock& clock_;
  RandomSource& random_;
  const ingest::Reach reach_;
};

class DeliverWhep final : public api::Whep {
 public:
  explicit DeliverWhep(deliver::WhepDoor& door) : door_(door) {}
  io::Task<http::Response> offer(keeper::Principal principal, CameraId camera, StreamId stream,
                                 http::Request request) override {
    return door_.offer(principal, camera, stream, std::move(request));
  }
  io::Task<http::Response> patch(keeper::Principal principal, ViewingId viewing,
                                 http::Request request) override {
    return door_.patch(principal, viewing, std::move(request));
  }
  io::Task<http::Response> remove(keeper::Principal principal, ViewingId viewing) override {
    return door_.remove(principal, viewing);
  }

 private:
  deliver::WhepDoor& door_;
};

class DeliverStills final : public api::Stills {
 public:
  explicit DeliverStills(deliver::StillDoor& door) : door_(door) {}
  io::Task<std::expected<api::StillPicture, api::NoStill>> still(keeper::Principal principal, CameraId camera,
                                                                 std::uint16_t width) override;

 private:
  deliver::StillDoor& door_;
};

class DeliverMse final : public api::Mse {
 public:
  explicit DeliverMse(deliver::MseDoor& door) : door_(door) {}
  io::Task<http::Response> open(keeper::Principal principal, CameraId camera, StreamId stream,
                                http::Request request) override {
    return door_.open(principal, camera, stream, std::move(request));
  }

 private:
  deliver::MseDoor& door_;
};

}  // namespace jalousie::app
