// One home's decoder child, from this side: starts it when there is something to decode, sends one request at
// a time, takes every answer as hostile, ends it when it is late, wrong or dead. Never given to another home.
// Lives on one loop. Private to decode.
//
//   none --request--> starting --Ready--> idle --request--> busy --answer--> idle --30 s--> none
//   starting, busy --late, wrong, dead--> none; from the third failure in a row on, only after a while
#pragma once

#include <memory>
#include <string>

#include "base/ids.h"
#include "decode/decoders.h"
#include "io/child.h"
#include "io/loop.h"

namespace jalousie::decode {

/// What all homes' decoders share.
struct Workshop {
  explicit Workshop(Decoders::Parts all);
  Decoders::Parts parts;
  Counter& started;
  Counter& pictures;
  Counter& no_pictures;
  Counter& failed;
  Gauge& running;
  std::atomic<bool> fences_told{false};
};

class HomeDecoder {
 public:
  HomeDecoder(Workshop& workshop, io::Loop& loop, HomeId home);
  ~HomeDecoder();
  HomeDecoder(const HomeDecoder&) = delete;
  HomeDecoder& operator=(const HomeDecoder&) = delete;

  /// `request` is the caller's, who waits; it is wiped once it was sent.
  io::Task<Result<Picture>> decode(Request& request);
  /// Somebody is being served or waits.
  bool is_busy() const { return busy_ || waiting_ > 0; }
  SteadyTime last_use() const { return last_use_; }
  /// How long it is kept without work: longer while it fails, so that what it knows of that is not forgotten.
  Microseconds keep_for() const;
  /// Ends the child. Nobody may be waiting.
  io::Task<> end();

 private:
  struct Turn;
  /// What a child answered in the right form; without a picture, why.
  struct Answered {
    Outcome outcome = Outcome::NoPicture;
    Picture picture;
  };
  io::Task<bool> wait_for_turn();
  io::Task<Result<>> be_ready();
  io::Task<Result<AnswerHeader>> receive_header(SteadyTime until);
  io::Task<Result<>> receive(MutableBytes target, SteadyTime until);
  io::Task<Result<Answered>> exchange(Request& request);
  io::Task<Result<Picture>> take_picture(AnswerHeader answer, SteadyTime until);
  io::Task<> fail_child(Error why);
  io::Task<std::string> end_child();
  void tell_fences(std::uint8_t flags);

  Workshop& workshop_;
  io::Loop& loop_;
  HomeId home_;
  std::unique_ptr<io::Child> child_;
  std::unique_ptr<io::Stream> stream_;
  io::Event turn_;
  SteadyTime last_use_{};
  SteadyTime start_after_{};
  int failures_ = 0;  // in a row
  std::size_t waiting_ = 0;
  bool busy_ = false;
  bool retiring_ = false;
};

}  // namespace jalousie::decode
