// jalousie doctor: looks at everything that a server needs, and says of each what is wrong and what to do.
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <thread>
#include <unistd.h>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/data.h"
#include "app/programs.h"
#include "app/transport.h"
#include "ingest/probe.h"
#include "io/files.h"
#include "io/loop_thread.h"
#include "io/stream.h"
#include "io/udp.h"

namespace jalousie::app {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLeastFree = std::uintmax_t{256} << 20;
constexpr std::uintmax_t kLittleFree = std::uintmax_t{1} << 30;
constexpr auto kRenewWithin = std::chrono::days(14);
constexpr Microseconds kAnswerWithin = Seconds(3);
constexpr Microseconds kPictureWithin = Seconds(15);
constexpr std::size_t kCamerasAtOnce = 16;

/// What was found, told as it is found.
class Report {
 public:
  void good(std::string_view of, const std::string& text) { tell("ok", of, text); }
  /// It works now, and may not for long or not for everybody.
  void doubtful(std::string_view of, const std::string& text) { tell("mind", of, text); }
  void bad(std::string_view of, const std::string& text) {
    tell("BAD", of, text);
    ++bad_;
  }
  Result<> result() const {
    if (bad_ == 0) return {};
    return fail(ErrorKind::FailedPrecondition,
                fmt::format("{} of these {} attention", bad_, bad_ == 1 ? "needs" : "need"));
  }

 private:
  void tell(std::string_view kind, std::string_view of, const std::string& text) {
    fmt::print("{:<5} {:<14} {}\n", kind, of, text);
    std::fflush(stdout);
  }
  std::size_t bad_ = 0;
};

void look_at_configuration(const config::ConfigSources& sources, const config::Configuration& read,
                           Report& report) {
  for (const std::string& complaint : read.complaints) report.bad("configuration", complaint);
  if (!read.complaints.empty()) return;
  std::error_code problem;
  report.good("configuration", fs::exists(sources.file, problem)
                                   ? fmt::format("{}: {} settings", sources.file, read.origins.size())
                                   : fmt::format("there is no {}: what is built in holds", sources.file));
}

void look_at_clock(Report& report) {
  timex state{};
  if (::adjtimex(&state) == TIME_ERROR) {
    report.doubtful("clock",
                    "nothing keeps this machine's clock right, and pictures carry its time: install "
                    "chrony or systemd-timesyncd");
  } else {
    report.good("clock", "kept right");
  }
}

void look_at_disk(const std::string& folder, Report& report) {
  struct statvfs disk{};
  if (::statvfs(folder.c_str(), &disk) != 0) return;
  const std::uintmax_t free = std::uintmax_t{disk.f_bavail} * disk.f_frsize;
  const std::string text =
      fmt::format("{:.1f} GiB free for {}", static_cast<double>(free) / (1 << 30), folder);
  if (free < kLeastFree)
    report.bad("disk", text + ": nothing can be kept soon; make room");
  else if (free < kLittleFree)
    report.doubtful("disk", text);
  else
    report.good("disk", text);
}

/// The data, opened; null where there is none yet, or it cannot be.
std::unique_ptr<Data> look_at_data(const CommonOptions& options, Metrics& metrics, Report& report) {
  std::error_code problem;
  if (!fs::exists(options.data + "/registry.sqlite", problem)) {
    if (problem)
      report.bad("data", fmt::format("{} cannot be read; run this as the user who serves", options.data));
    else
      report.good("data",
                  fmt::format("none yet in {}: the first start makes it, and the root key", options.data));
    return nullptr;
  }
  auto opened = Data::open(options, metrics);
  if (!opened) {
    report.bad("data", opened.error().message());
    return nullptr;
  }
  const auto homes = (*opened)->store().people().homes();
  if (!homes) {
    report.bad("data", homes.error().message());
    return nullptr;
  }
  report.good("data", fmt::format("{}: {} {}; the root key fits", options.data, homes->size(),
                                  homes->size() == 1 ? "home" : "homes"));
  return *std::move(opened);
}

void look_at_decoder(Report& report) {
  const std::string program = decoder_program();
  if (::access(program.c_str(), X_OK) == 0)
    report.good("stills", program);
  else
    report.bad("stills", fmt::format("{} is not there: install it again", program));
}

void look_at_certificate(const ServeOptions& options, Report& report) {
  if (options.tls_certificate.empty())
    return report.good("certificate", "none: the page is for this machine, or for a proxy on it");
  const auto loaded = io::TlsServerContext::load(options.tls_certificate, options.tls_key);
  if (!loaded) return report.bad("certificate", loaded.error().message());
  const UtcTime ends = (*loaded)->not_after();
  const std::string text = fmt::format("{} ends on {:%d %b %Y}", options.tls_certificate, ends);
  if (ends - SystemClock().utc() < kRenewWithin)
    report.doubtful("certificate", text + ": renew it, then SIGHUP");
  else
    report.good("certificate", text);
}

io::Task<Result<>> ask_health(Endpoint at, bool secure) {
  CO_TRY(auto stream, co_await io::connect_tcp(at.address_text(), at.port(), kAnswerWithin));
  if (secure) {
    CO_TRY(auto tls, co_await io::connect_tls(std::move(stream), "localhost", kAnswerWithin));
    stream = std::move(tls.stream);
  }
  CO_TRY_VOID(co_await stream->write(
      as_bytes("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), kAnswerWithin));
  std::array<std::uint8_t, 64> answer{};
  CO_TRY(const std::size_t size, co_await stream->read_some(answer, kAnswerWithin));
  const std::string_view line = as_text(ByteView(answer).first(size));
  if (!line.starts_with("HTTP/1.1 200"))
    co_return fail(ErrorKind::Unavailable, fmt::format("it answers {}", line.substr(0, 12)));
  co_return Result<>();
}

/// As a client on this machine reaches it.
Endpoint here(const Endpoint& listen) {
  return listen.is_unspecified() ? Endpoint::v4({127, 0, 0, 1}, listen.port()) : listen;
}

io::Task<Result<>> try_ports(Endpoint page, Endpoint media) {
  io::Loop& loop = *co_await io::current_loop();
  CO_TRY_VOID(io::TcpListener::listen(loop, page));
  CO_TRY_VOID(io::UdpSocket::bind(loop, media));
  co_return Result<>();
}

void look_at_ports(const CommonOptions& common, const ServeOptions& options, io::Loop& loop, Report& report) {
  const auto page = Endpoint::parse(options.listen);
  const auto media = page ? Endpoint::parse(page->address_text(), options.media_port) : page;
  if (!media) return;  // said of the configuration
  const std::string ports = fmt::format("TCP {} and UDP {}", page->to_string(), media->port());
  std::error_code problem;
  const auto lock = fs::exists(common.data + "/lock", problem) ? io::FileLock::acquire(common.data + "/lock")
                                                               : Result<std::unique_ptr<io::FileLock>>();
  const bool is_running = !lock && lock.error().kind() == ErrorKind::FailedPrecondition;
  const auto tried = is_running
                         ? io::run_and_wait(loop, ask_health(here(*page), !options.tls_certificate.empty()))
                         : io::run_and_wait(loop, try_ports(*page, *media));
  if (!tried) {
    report.bad("ports",
               fmt::format("{}: {}", is_running ? "the server runs, and its page does not answer" : ports,
                           tried.error().message()));
    return;
  }
  report.good("ports", fmt::format("{}: {}", ports, is_running ? "the server runs and answers" : "free"));
  if (page->is_loopback() && options.media_address.empty()) return;
  report.doubtful(
      "firewall",
      fmt::format("open {} for those who watch from elsewhere; where no UDP gets through, pictures take the "
                  "page's way, a little later",
                  ports));
}

ingest::Source source_of(const keeper::CameraSource& source, bool allow_loopback) {
  const auto network = allow_loopback ? ingest::Reach::NetworkAndLoopback : ingest::Reach::Network;
  return {.url = source.url,
          .username = source.credentials.username(),
          .password = source.credentials.password(),
          .transport = transport_of(source.transport),
          .certificate = source.certificate,
          .sound = false,
          .reach = source.reach == registry::Reach::Anywhere ? ingest::Reach::Anywhere : network,
          .reach_elsewhere = network};
}

void look_at_cameras(Data& data, const ServeOptions& options, Report& report) {
  const auto cameras = data.store().cameras().cameras();
  if (!cameras) return report.bad("cameras", cameras.error().message());
  std::atomic<std::size_t> next = 0;
  std::mutex telling;
  const auto look = [&] {
    io::LoopThread thread;
    for (std::size_t i = next++; i < cameras->size(); i = next++) {
      const registry::Camera& camera = (*cameras)[i];
      const auto source = data.keeper().camera_source(camera.id, camera.tenure);
      const auto found =
          source ? io::run_and_wait(thread.loop(),
                                    ingest::probe(source_of(*source, options.allow_loopback_cameras),
                                                  kPictureWithin, data.clock(), data.random()))
                 : ingest::Probe{.video = {}, .problem = {.reason = source.error().message(), .advice = {}}};
      const std::lock_guard lock(telling);
      if (found.video) {
        report.good("camera",
                    fmt::format("{}: {}, {} x {}", camera.name, codec::to_string(found.video->codec),
                                found.video->width, found.video->height));
      } else {
        report.bad("camera",
                   fmt::format("{}: {} {}", camera.name, found.problem.reason, found.problem.advice));
      }
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < std::min(kCamerasAtOnce, cameras->size()); ++i) threads.emplace_back(look);
}

}  // namespace

Result<> examine(const config::ConfigSources& sources, bool with_cameras) {
  log::configure({.from = log::Level::Error}, log::Format::Text);
  const config::Configuration read = config::read_configuration(sources);
  const auto& [common, serve] = read.options;
  Report report;
  Metrics metrics;
  io::LoopThread thread;
  look_at_configuration(sources, read, report);
  look_at_clock(report);
  look_at_disk(common.data, report);
  // Root goes on as the user who serves from here on, and sees of keys and ports what that one does.
  const std::unique_ptr<Data> data = look_at_data(common, metrics, report);
  look_at_decoder(report);
  look_at_certificate(serve, report);
  look_at_ports(common, serve, thread.loop(), report);
  if (data && with_cameras) look_at_cameras(*data, serve, report);
  return report.result();
}

}  // namespace jalousie::app
