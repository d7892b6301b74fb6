#include "http/web_socket_session.h"

#include "base/limits.h"
#include "http/web_socket_frame.h"
#include "io/task_group.h"

namespace jalousie::http {

namespace {

// What the kernel may hold that was not sent yet: half a second at 1 Mb/s. More would be pictures that grow
// old where nobody sees them.
constexpr std::size_t kUnsentBytes = 64 * 1024;
constexpr std::size_t kReadBytes = 1024;
// How long the client may take to answer a close frame.
constexpr Microseconds kLinger = Seconds(2);

class Session final : public WebSocket {
 public:
  Session(io::Loop& loop, io::Stream& stream, Buffer early, WebSocketTimes times)
      : stream_(stream),
        times_(times),
        input_(std::move(early)),
        reader_(limits::kWebSocketMessageBytes),
        written_(loop),
        closed_(loop),
        ended_(loop),
        tasks_(loop) {}

  io::Task<> serve(const Response& response) { co_await tasks_.around(run(response)); }

  io::Task<Result<>> send_text(std::string_view text) override { return write(Opcode::Text, as_bytes(text)); }
  io::Task<Result<>> send_binary(ByteView message) override { return write(Opcode::Binary, message); }
  void cut() override { stream_.close(); }

 private:
  // Notifies when a task ends, however it does.
  struct AtEnd {
    explicit AtEnd(io::Event& of) : ended(of) {}
    ~AtEnd() { ended.notify(); }
    AtEnd(const AtEnd&) = delete;
    AtEnd& operator=(const AtEnd&) = delete;
    io::Event& ended;
  };
  // One frame at a time. One that was left half way leaves nothing that the client could read on from.
  struct Writing {
    explicit Writing(Session& of) : session(of) { session.writing_ = true; }
    ~Writing() {
      session.writing_ = false;
      if (!done) session.broken_ = true;
      session.written_.notify();
    }
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;
    Session& session;
    bool done = false;
  };

  io::Task<> run(const Response& response) {
    stream_.limit_unsent(kUnsentBytes);
    tasks_.spawn(handle(response));
    tasks_.spawn(listen());
    tasks_.spawn(ping());
    co_await ended_.wait(Microseconds::max());
  }

  io::Task<> handle(const Response& response) {
    const AtEnd at_end(ended_);
    const WebSocketEnd end = co_await response.web_socket(*this);
    if (co_await close(static_cast<CloseCode>(end.code), end.reason)) co_await closed_.wait(kLinger);
  }

  io::Task<> listen() {
    const AtEnd at_end(ended_);
    const AtEnd at_close(closed_);
    for (;;) {
      const auto read = co_await receive();
      if (read) continue;
      // A message that is being written is not waited for.
      if (read.error().code != CloseCode::None && !writing_)
        static_cast<void>(co_await close(read.error().code, read.error().reason));
      co_return;
    }
  }

  using Ended = FrameReader::Fault;  // with the code to close with; None where the client is gone already

  /// Reads once and answers what came.
  io::Task<std::expected<void, Ended>> receive() {
    if (begin_ == input_.size()) {
      input_.resize(kReadBytes);
      const auto got = co_await stream_.read_some(input_, 2 * times_.ping_every + Seconds(10));
      if (!got || *got == 0) co_return std::unexpected(Ended{CloseCode::None, ""});
      input_.resize(*got);
      begin_ = 0;
    }
    const auto used = reader_.feed(ByteView(input_).subspan(begin_));
    if (!used) co_return std::unexpected(used.error());
    begin_ += *used;
    const auto received = reader_.take();
    if (!received) co_return std::expected<void, Ended>();
    co_return co_await answer(*received);
  }

  // `received` is the caller's, who waits.
  io::Task<std::expected<void, Ended>> answer(const Received& received) {
    if (++frames_since_ping_ > limits::kWebSocketFramesPerPing)
      co_return std::unexpected(Ended{CloseCode::PolicyViolation, "too many frames"});
    switch (received.opcode) {
      case Opcode::Pong:
        break;
      case Opcode::Ping:
        if (!co_await write(Opcode::Pong, received.payload))
          co_return std::unexpected(Ended{CloseCode::None, ""});
        break;
      case Opcode::Close:
        co_return std::unexpected(
            Ended{received.code == CloseCode::None ? CloseCode::Normal : received.code, ""});
      case Opcode::Text:
      case Opcode::Binary:
      case Opcode::Continuation:
        co_return std::unexpected(Ended{CloseCode::UnsupportedData, "nothing is expected here"});
    }
    co_return std::expected<void, Ended>();
  }

  io::Task<> ping() {
    for (;;) {
      co_await io::sleep_for(times_.ping_every);
      frames_since_ping_ = 0;
      if (!co_await write(Opcode::Ping, {})) co_return;
    }
  }

  // `reason` outlives the call.
  io::Task<bool> close(CloseCode code, std::string_view reason) {
    if (close_sent_) co_return false;
    const Buffer payload = close_payload(code, reason);
    const bool sent = (co_await write(Opcode::Close, payload)).has_value();
    close_sent_ = true;
    co_return sent;
  }

  // `payload` outlives the call.
  io::Task<Result<>> write(Opcode opcode, ByteView payload) {
    while (writing_) co_await written_.wait(Microseconds::max());
    if (broken_ || close_sent_) co_return fail(ErrorKind::Cancelled, "the WebSocket is closed");
    Writing writing(*this);
    const FrameHeader header(opcode, payload.size());
    const std::array<ByteView, 2> parts{header.view(), payload};
    auto written = co_await stream_.write(parts, times_.write_timeout);
    writing.done = written.has_value();
    co_return written;
  }

  io::Stream& stream_;
  const WebSocketTimes times_;
  Buffer input_;
  std::size_t begin_ = 0;  // of what was read and not yet taken
  FrameReader reader_;
  io::Event written_;
  io::Event closed_;
  io::Event ended_;
  io::TaskGroup tasks_;
  std::size_t frames_since_ping_ = 0;
  bool writing_ = false;
  bool broken_ = false;
  bool close_sent_ = false;
};

}  // namespace

io::Task<> serve_web_socket(io::Stream& stream, Buffer early, const Response& response,
                            WebSocketTimes times) {
  Session session(*co_await io::current_loop(), stream, std::move(early), times);
  co_await session.serve(response);
}

}  // namespace jalousie::http
