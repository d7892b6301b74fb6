#include "decode/home_decoder.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/log.h"

namespace jalousie::decode {

namespace {

// Loading the libraries and closing the compartment takes 50 ms; a busy small machine may need seconds.
constexpr Microseconds kReadyWithin = Seconds(10);
// What the child spends on a picture of its own accord, and what it gets before it is ended.
constexpr Milliseconds kWorkLimit = Seconds(2);
constexpr Microseconds kAnswerWithin = Seconds(8);
constexpr Microseconds kTurnWithin = Seconds(20);
constexpr Microseconds kKeepIdle = Seconds(30);
constexpr Microseconds kKeepFailing = Seconds(120);
// The first failures may be one damaged picture's; after them it is a camera that means it.
constexpr int kFailuresAtOnce = 2;
constexpr Microseconds kFirstPause = Seconds(1);
constexpr Microseconds kLongestPause = Seconds(60);

Microseconds left_until(SteadyTime until, const Clock& clock) {
  return std::max<Microseconds>(until - clock.steady(), Microseconds(0));
}

/// Why there is no picture, for people.
std::string_view words_for(Outcome outcome) {
  switch (outcome) {
    case Outcome::TooLarge:
      return "the camera's picture is too large for a still";
    case Outcome::Unsupported:
      return "this server's decoder does not know the camera's video format";
    default:
      return "what the camera sent could not be decoded";
  }
}

struct Counted {
  explicit Counted(std::size_t& of) : number(of) { ++number; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --number; }
  std::size_t& number;
};

}  // namespace

Workshop::Workshop(Decoders::Parts all)
    : parts(std::move(all)),
      started(parts.metrics.counter("jalousie_decode_children_started_total", "Decoder children started")),
      pictures(parts.metrics.counter("jalousie_decode_requests_total", "Pictures asked of decoders",
                                     {{"outcome", "picture"}})),
      no_pictures(parts.metrics.counter("jalousie_decode_requests_total", "Pictures asked of decoders",
                                        {{"outcome", "no_picture"}})),
      failed(parts.metrics.counter("jalousie_decode_requests_total", "Pictures asked of decoders",
                                   {{"outcome", "failed"}})),
      running(parts.metrics.gauge("jalousie_decode_children", "Decoder children that run")) {}

/// The one request that is being served.
struct HomeDecoder::Turn {
  explicit Turn(HomeDecoder& of) : decoder(of) { decoder.busy_ = true; }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    decoder.busy_ = false;
    decoder.last_use_ = decoder.workshop_.parts.clock.steady();
    decoder.turn_.notify();
  }
  HomeDecoder& decoder;
};

HomeDecoder::HomeDecoder(Workshop& workshop, io::Loop& loop, HomeId home)
    : workshop_(workshop), loop_(loop), home_(home), turn_(loop), last_use_(workshop.parts.clock.steady()) {}

HomeDecoder::~HomeDecoder() {
  if (child_) workshop_.running.add(-1);
}

Microseconds HomeDecoder::keep_for() const { return failures_ > 0 ? kKeepFailing : kKeepIdle; }

io::Task<bool> HomeDecoder::wait_for_turn() {
  const Counted waiting(waiting_);
  const SteadyTime until = workshop_.parts.clock.steady() + kTurnWithin;
  while (busy_) {
    const Microseconds left = left_until(until, workshop_.parts.clock);
    if (left <= Microseconds(0)) co_return false;
    static_cast<void>(co_await turn_.wait(left));
  }
  co_return true;
}

io::Task<Result<Picture>> HomeDecoder::decode(Request& request) {
  if (waiting_ >= limits::kStillsWaitingPerHome)
    co_return fail(ErrorKind::ResourceExhausted, "too many stills of this home at once");
  if (!co_await wait_for_turn()) co_return fail(ErrorKind::Unavailable, "the decoder is busy");
  const Turn turn(*this);
  CO_TRY_VOID(co_await be_ready());
  auto answered = co_await exchange(request);
  request.wipe();
  if (!answered) {
    workshop_.failed.add();
    co_await fail_child(answered.error());
    co_return fail(ErrorKind::Unavailable, "the picture could not be decoded");
  }
  failures_ = 0;
  if (retiring_) static_cast<void>(co_await end_child());
  if (answered->outcome != Outcome::Picture) {
    workshop_.no_pictures.add();
    co_return fail(ErrorKind::DataLoss, std::string(words_for(answered->outcome)));
  }
  workshop_.pictures.add();
  co_return std::move(answered->picture);
}

io::Task<Result<>> HomeDecoder::be_ready() {
  if (child_) co_return Result<>();
  const Microseconds pause = start_after_ - workshop_.parts.clock.steady();
  if (pause > Microseconds(0)) {
    co_return fail(ErrorKind::Unavailable, "the decoder failed several times in a row");
  }
  const std::string& program = workshop_.parts.program;
  auto started = co_await io::offload(workshop_.parts.workers, [&] { return io::Child::start(program); });
  if (!started) {
    workshop_.failed.add();
    co_await fail_child(started.error());
    co_return fail(ErrorKind::Unavailable, "the decoder could not be started");
  }
  child_ = *std::move(started);
  workshop_.started.add();
  workshop_.running.add(1);
  retiring_ = false;
  auto stream = child_->stream(loop_);
  if (stream) stream_ = *std::move(stream);
  auto ready = stream ? co_await receive_header(workshop_.parts.clock.steady() + kReadyWithin)
                      : std::unexpected(std::move(stream).error());
  if (ready && ready->outcome != Outcome::Ready)
    ready = fail(ErrorKind::InvalidArgument, "decoder's answer: out of turn");
  if (!ready) {
    workshop_.failed.add();
    co_await fail_child(ready.error());
    co_return fail(ErrorKind::Unavailable, "the decoder could not be started");
  }
  tell_fences(ready->flags);
  co_return Result<>();
}

io::Task<Result<>> HomeDecoder::receive(MutableBytes target, SteadyTime until) {
  while (!target.empty()) {
    const auto got = co_await stream_->read_some(target, left_until(until, workshop_.parts.clock));
    if (!got && got.error().kind() == ErrorKind::DeadlineExceeded)
      co_return fail(ErrorKind::DeadlineExceeded, "no answer in time");
    if (!got || *got == 0) co_return fail(ErrorKind::DataLoss, "the decoder ended");
    target = target.subspan(*got);
  }
  co_return Result<>();
}

io::Task<Result<AnswerHeader>> HomeDecoder::receive_header(SteadyTime until) {
  std::array<std::uint8_t, kMessageHeaderBytes> bytes{};
  CO_TRY_VOID(co_await receive(bytes, until));
  co_return AnswerHeader::parse(bytes);
}

io::Task<Result<HomeDecoder::Answered>> HomeDecoder::exchange(Request& request) {
  // By chance, so that a child cannot have answered before it was asked.
  std::array<std::uint8_t, 4> chance{};
  workshop_.parts.random.fill(chance);
  const RequestHeader header = request.header(ByteReader(chance).u32() | 1, kWorkLimit);
  const SteadyTime until = workshop_.parts.clock.steady() + kAnswerWithin;
  const auto head = header.encode();
  const std::array<ByteView, 2> parts{head, request.bytes()};
  if (!co_await stream_->write(parts, kAnswerWithin))
    co_return fail(ErrorKind::DataLoss, "the decoder did not take the request");
  request.wipe();
  CO_TRY(const AnswerHeader answer, co_await receive_header(until));
  CO_TRY_VOID(check_answer(answer, header));
  retiring_ = (answer.flags & kFlagRetiring) != 0;
  if (answer.outcome != Outcome::Picture) co_return Answered{answer.outcome, {}};
  CO_TRY(Picture picture, co_await take_picture(answer, until));
  co_return Answered{Outcome::Picture, std::move(picture)};
}

io::Task<Result<Picture>> HomeDecoder::take_picture(AnswerHeader answer, SteadyTime until) {
  Picture picture;
  picture.unit = answer.unit;
  picture.width = answer.width;
  picture.height = answer.height;
  CO_TRY_VOID(co_await receive(picture.jpeg.extend(answer.jpeg_bytes), until));
  if (!looks_like_jpeg(picture.jpeg.view())) co_return fail(ErrorKind::DataLoss, "decoder's answer: no JPEG");
  co_return std::move(picture);
}

// Says why, once the child is gone and has told the kernel its part of it.
io::Task<> HomeDecoder::fail_child(Error why) {
  const std::string how = co_await end_child();
  ++failures_;
  if (failures_ > kFailuresAtOnce) {
    const int doublings = std::min(failures_ - kFailuresAtOnce - 1, 6);
    start_after_ = workshop_.parts.clock.steady() +
                   std::min<Microseconds>(kFirstPause * (1 << doublings), kLongestPause);
  }
  log::warn("decode", "a decoder failed",
            {{"home", home_.to_string()},
             {"why", why.message()},
             {"ended_by", how},
             {"failures", std::to_string(failures_)}});
}

io::Task<std::string> HomeDecoder::end_child() {
  if (!child_) co_return "";
  const std::unique_ptr<io::Child> child = std::move(child_);
  const std::unique_ptr<io::Stream> stream = std::move(stream_);
  workshop_.running.add(-1);
  // The stream goes after the child: one that is killed while it writes is to say so.
  co_return co_await io::offload(workshop_.parts.workers, [&] { return child->end(); });
}

io::Task<> HomeDecoder::end() { static_cast<void>(co_await end_child()); }

void HomeDecoder::tell_fences(std::uint8_t flags) {
  if (workshop_.fences_told.exchange(true)) return;
  const bool all = (flags & kFlagNamespaces) != 0 && (flags & kFlagEmptyRoot) != 0;
  log::info("decode",
            all ? "decoders run under seccomp, in empty namespaces"
                : "the kernel does not allow decoders namespaces of their own; seccomp and limits hold",
            {{"namespaces", (flags & kFlagNamespaces) != 0 ? "yes" : "no"},
             {"empty_root", (flags & kFlagEmptyRoot) != 0 ? "yes" : "no"},
             {"unprivileged", (flags & kFlagUnprivileged) != 0 ? "yes" : "no"}});
}

}  // namespace jalousie::decode
