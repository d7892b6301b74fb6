// The ways to a camera: TLS and whom it trusts, redirects and where passwords go, the other transport, and
// HTTP tunnels that are none. (A tunnel that works: tests/interop.)
#include <arpa/inet.h>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <ifaddrs.h>
#include <mutex>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "crypto/certificate.h"
#include "crypto/system_random.h"
#include "ingest/camera_connection.h"
#include "ingest/fake_camera_for_test.h"
#include "ingest/probe.h"
#include "ingest/seal_for_test.h"
#include "io/files.h"
#include "io/loop_thread.h"

namespace jalousie::ingest {
namespace {

constexpr Seconds kPatience{60};

constexpr const char* kNotFound = "HTTP/1.1 404 Not Found\r\n\r\n";
constexpr const char* kPage = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>";
constexpr const char* kNotHttp = "RTSP/1.0 400 Bad Request\r\n\r\n";
constexpr const char* kPasswordWanted =
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n";

constexpr const char* kTunnel = "HTTP/1.0 200 OK\r\nContent-Type: application/x-rtsp-tunnelled\r\n\r\n";

/// Says `answer` to everybody, and hangs up. With a `post_answer` it opens the half of a tunnel that is read,
/// and says that to the other.
class HttpPeer {
 public:
  HttpPeer(io::Loop& loop, std::string answer)
      : answer_(std::move(answer)),
        listener_(io::TcpListener::listen(loop, Endpoint::v4({127, 0, 0, 1}, 0)).value()),
        tasks_(loop) {}

  void start() { tasks_.spawn(accept()); }
  io::Task<> close() {
    listener_->close();
    co_await tasks_.close();
    open_.clear();
  }
  Source source(Reach reach) const {
    return {.url = "rtsp://" + listener_->local().to_string() + "/live",
            .username = "admin",
            .password = "guess",
            .transport = Transport::Http,
            .reach = reach};
  }
  int connections = 0;  // on the loop
  std::string post_answer;

 private:
  io::Task<> accept() {
    while (true) {
      auto stream = co_await listener_->accept();
      if (!stream) co_return;
      ++connections;
      Buffer request(4096);
      static_cast<void>(co_await (*stream)->read_some(request, kPatience));
      const bool is_post = as_text(request).starts_with("POST ");
      static_cast<void>(co_await (*stream)->write(as_bytes(is_post ? post_answer : answer_), kPatience));
      if (!post_answer.empty()) open_.push_back(*std::move(stream));
    }
  }

  std::string answer_;
  std::vector<std::unique_ptr<io::Stream>> open_;
  std::unique_ptr<io::TcpListener> listener_;
  io::TaskGroup tasks_;
};

/// Of this machine, where an owner may enter a camera; nothing: there is none.
std::optional<Endpoint> address_in_network() {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return std::nullopt;
  std::optional<Endpoint> found;
  for (const auto* one = all; one != nullptr && !found; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET) continue;
    char text[INET_ADDRSTRLEN]{};
    sockaddr_in address{};
    std::memcpy(&address, one->ifa_addr, sizeof(address));
    ::inet_ntop(AF_INET, &address.sin_addr, text, sizeof(text));
    const auto parsed = Endpoint::parse(text, 0);
    if (parsed && may_reach(Reach::Network, *parsed)) found = *parsed;
  }
  ::freeifaddrs(all);
  return found;
}

class WaysTest : public testing::Test {
 public:
  WaysTest() : camera_(thread_.loop(), random_, clock_), other_(thread_.loop(), random_, clock_) {
    timing_.backoff_first = Milliseconds(20);
    timing_.backoff_most = Milliseconds(50);
    timing_.silence = Seconds(20);
    on_loop([this] {
      camera_.start();
      other_.start();
    });
  }
  ~WaysTest() override {
    close();
    io::run_and_wait(thread_.loop(), camera_.close());
    io::run_and_wait(thread_.loop(), other_.close());
    on_loop([this] { connection_.reset(); });
    std::filesystem::remove_all(folder_);
  }

  template <class F>
  void on_loop(F work) {
    io::run_and_wait(thread_.loop(), [](F inner) -> io::Task<> {
      inner();
      co_return;
    }(std::move(work)));
  }
  /// Of a camera that begins to encrypt, with a certificate of its own; the fingerprint.
  std::string encrypt(FakeCamera& camera) {
    std::filesystem::create_directories(folder_);
    const auto made = crypto::Certificate::self_signed(random_, clock_.utc()).value();
    EXPECT_TRUE(io::write_file_atomic(folder_ + "/cert.pem", as_bytes(made.certificate_pem()), 0600));
    EXPECT_TRUE(io::write_file_atomic(folder_ + "/key.pem", as_bytes(made.private_key_pem()), 0600));
    auto context = io::TlsServerContext::load(folder_ + "/cert.pem", folder_ + "/key.pem").value();
    on_loop([&] { camera.tls = context; });
    std::string hex;
    for (const char c : made.fingerprint()) {
      if (c != ':') hex += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return hex;
  }
  static std::string secure(std::string url) { return url.insert(4, "s"); }
  /// An operator's camera, on a server where owners may have theirs on this machine.
  Source of_operator() const {
    return {.url = camera_.url(),
            .username = "admin",
            .password = "secret",
            .reach_elsewhere = Reach::NetworkAndLoopback};
  }

  void connect(Source source) {
    on_loop([&] {
      connection_ = std::make_unique<CameraConnection>(
          CameraConnection::Parts{
              .loop = thread_.loop(),
              .clock = clock_,
              .random = random_,
              .metrics = metrics_,
              .sealer = [this] { return make_sealer(); },
              .publish = [](const seal::BlockPtr&) {},
              .on_status = [this](const Status& status) { note(status); },
              .timing = timing_,
              .on_certificate = [this](const std::string& met) { pinned_.push_back(met); }},
          std::move(source));
      connection_->start();
    });
  }
  io::Task<Result<seal::Sealer>> make_sealer() { co_return sealer_for_test(random_, clock_); }
  void note(const Status& status) {
    const std::lock_guard lock(mutex_);
    statuses_.push_back(status);
    changed_.notify_all();
  }
  /// The first status of that state since the last call.
  Status wait_for(State state) {
    std::unique_lock lock(mutex_);
    std::optional<Status> found;
    changed_.wait_for(lock, kPatience, [&] {
      for (; read_ < statuses_.size() && !found; ++read_) {
        if (statuses_[read_].state == state) found = statuses_[read_];
      }
      return found.has_value();
    });
    EXPECT_TRUE(found) << "never " << to_string(state) << ", but "
                       << (statuses_.empty() ? "nothing" : statuses_.back().reason);
    return found.value_or(Status{});
  }
  void close() {
    if (connection_) io::run_and_wait(thread_.loop(), connection_->close());
  }
  std::vector<std::string> methods(FakeCamera& of) {
    std::vector<std::string> copy;
    on_loop([&] { copy = of.methods; });
    return copy;
  }
  std::vector<std::string> pinned() {
    std::vector<std::string> copy;
    on_loop([&] { copy = pinned_; });
    return copy;
  }
  Problem problem_of(Source source) {
    return io::run_and_wait(thread_.loop(), probe(std::move(source), Seconds(20), clock_, random_)).problem;
  }

  Problem through_http(std::string answer, Reach reach = Reach::Anywhere, std::string post_answer = "") {
    HttpPeer peer(thread_.loop(), std::move(answer));
    peer.post_answer = std::move(post_answer);
    on_loop([&] { peer.start(); });
    auto problem = problem_of(peer.source(reach));
    io::run_and_wait(thread_.loop(), peer.close());
    return problem;
  }
  /// The other camera, by another name.
  std::string at(const std::string& host) {
    return "rtsp://" + host + ":" + std::to_string(other_.port()) + "/live";
  }
  std::uint16_t closed_port() {
    std::uint16_t port = 0;
    on_loop([&] {
      port = io::TcpListener::listen(thread_.loop(), Endpoint::v4({127, 0, 0, 1}, 0)).value()->local().port();
    });
    return port;
  }

  io::Task<bool> heard_report() {
    const auto until = clock_.steady() + kPatience;
    while (camera_.receiver_reports == 0 && clock_.steady() < until) co_await io::sleep_for(Milliseconds(10));
    co_return camera_.receiver_reports > 0;
  }

  SystemClock clock_;
  crypto::SystemRandom random_;
  Metrics metrics_;
  io::LoopThread thread_;
  FakeCamera camera_;
  FakeCamera other_;
  Timing timing_;
  std::string folder_ = testing::TempDir() + "ways-" + std::to_string(getpid());
  std::unique_ptr<CameraConnection> connection_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Status> statuses_;
  std::size_t read_ = 0;
  std::vector<std::string> pinned_;  // on the loop
};

TEST_F(WaysTest, KeepsTheCertificateThatItMetFirst) {
  const auto fingerprint = encrypt(camera_);
  on_loop([this] { camera_.script.password = "secret"; });
  connect({.url = secure(camera_.url()), .username = "admin", .password = "secret"});
  wait_for(State::Live);
  EXPECT_EQ(pinned(), std::vector{fingerprint});
}

TEST_F(WaysTest, SendsNothingToACameraWithAnotherCertificate) {
  encrypt(camera_);
  connect(
      {.url = secure(camera_.url()), .username = "a", .password = "b", .certificate = std::string(64, '0')});
  const auto status = wait_for(State::CertificateChanged);
  EXPECT_NE(status.advice.find("accept the new certificate"), std::string::npos);
  close();
  EXPECT_TRUE(methods(camera_).empty());
  EXPECT_TRUE(pinned().empty());
}

TEST_F(WaysTest, NoticesACertificateThatChangesWhileItRuns) {
  encrypt(camera_);
  on_loop([this] {
    camera_.script.frames = 5;
    camera_.script.then = Script::Then::Cut;
  });
  connect({.url = secure(camera_.url())});
  wait_for(State::Live);
  encrypt(camera_);
  wait_for(State::CertificateChanged);
}

TEST_F(WaysTest, SpeaksNoTlsToWhatSpeaksNone) {
  on_loop([this] { camera_.script.raw = "RTSP/1.0 400 Bad Request\r\n\r\n"; });
  const auto problem = problem_of({.url = secure(camera_.url())});
  EXPECT_EQ(problem.state, State::Refused);
  EXPECT_TRUE(problem.reason.starts_with("No encrypted connection")  // it answered our hello
              || problem.reason.find("instead of encrypting") != std::string::npos)
      << problem.reason;
}

TEST_F(WaysTest, NeverSendsRtpInTheClearBesideAnEncryptedSession) {
  encrypt(camera_);
  on_loop([this] { camera_.script.is_udp_refused = true; });
  connect({.url = secure(camera_.url()), .transport = Transport::Udp});
  EXPECT_EQ(wait_for(State::Live).reason, "");
}

TEST_F(WaysTest, FollowsARedirectAndSignsInAtTheSameHost) {
  on_loop([this] {
    camera_.script.redirect = camera_.url() + "/sub";
    camera_.script.redirects = 1;
    camera_.script.password = "secret";
  });
  connect({.url = camera_.url(), .username = "admin", .password = "secret"});
  wait_for(State::Live);
}

TEST_F(WaysTest, GivesThePasswordToNoOtherPort) {
  on_loop([this] {
    camera_.script.redirect = other_.url();
    other_.script.password = "secret";
  });
  connect(of_operator());
  EXPECT_EQ(wait_for(State::WrongPassword).reason,
            "The camera sends its viewers to 127.0.0.1, which asks for a name and password.");
  close();
  on_loop([this] { EXPECT_EQ(other_.refused_passwords, 0); });
}

/// The operator's word is about the address that they entered.
TEST_F(WaysTest, LeadsAnOperatorsCameraNoFurtherThanAnOwners) {
  for (const auto* host : {"127.0.0.1", "localhost", "0.0.0.0"}) {
    for (const auto& target : {at(host), secure(at(host))}) {
      on_loop([&] { camera_.script.redirect = target; });
      EXPECT_EQ(problem_of({.url = camera_.url()}).reason,
                fmt::format("The camera sends its viewers to {}, where no camera of a home may be.", host));
    }
  }
  on_loop([this] { EXPECT_EQ(other_.connections, 0); });
}

TEST_F(WaysTest, GivesThePasswordToNoOtherHost) {
  auto elsewhere = other_.url();
  elsewhere.replace(elsewhere.find("127.0.0.1"), 9, "localhost");
  on_loop([&] {
    camera_.script.redirect = elsewhere;
    other_.script.password = "secret";
  });
  connect(of_operator());
  const auto status = wait_for(State::WrongPassword);
  EXPECT_EQ(status.reason, "The camera sends its viewers to localhost, which asks for a name and password.");
  close();
  EXPECT_TRUE(methods(other_).empty());
  on_loop([this] { EXPECT_EQ(other_.refused_passwords, 0); });
}

TEST_F(WaysTest, FollowsARedirectToAnotherHostThatAsksForNothing) {
  auto elsewhere = other_.url();
  elsewhere.replace(elsewhere.find("127.0.0.1"), 9, "localhost");
  on_loop([&] { camera_.script.redirect = elsewhere; });
  connect(of_operator());
  wait_for(State::Live);
}

TEST_F(WaysTest, TrustsNoUnknownCertificateElsewhere) {
  encrypt(other_);
  auto elsewhere = secure(other_.url());
  elsewhere.replace(elsewhere.find("127.0.0.1"), 9, "localhost");
  on_loop([&] { camera_.script.redirect = elsewhere; });
  EXPECT_EQ(problem_of(of_operator()).reason,
            "The camera sends its viewers to localhost, whose certificate nobody vouches for.");
}

TEST_F(WaysTest, IsNotLedOutOfEncryption) {
  encrypt(camera_);
  on_loop([this] { camera_.script.redirect = other_.url(); });
  EXPECT_EQ(problem_of({.url = secure(camera_.url())}).reason,
            "The camera sends its viewers to 127.0.0.1 without encryption.");
  on_loop([this] { EXPECT_EQ(other_.connections, 0); });
}

TEST_F(WaysTest, EndsARoundOfRedirects) {
  on_loop([this] { camera_.script.redirect = camera_.url(); });
  EXPECT_NE(problem_of({.url = camera_.url()}).reason.find("without end"), std::string::npos);
  on_loop([this] { EXPECT_EQ(camera_.connections, 4); });  // the owner's address, and three more
}

TEST_F(WaysTest, TakesTheOtherTransportAndSaysSo) {
  on_loop([this] { camera_.script.is_tcp_refused = true; });
  connect({.url = camera_.url()});
  EXPECT_EQ(wait_for(State::Live).reason, "The camera does not send over TCP: its pictures come over UDP.");
}

TEST_F(WaysTest, TakesTheOtherTransportTheOtherWayRound) {
  on_loop([this] { camera_.script.is_udp_refused = true; });
  connect({.url = camera_.url(), .transport = Transport::Udp});
  EXPECT_EQ(wait_for(State::Live).reason, "The camera does not send over UDP: its pictures come over TCP.");
}

TEST_F(WaysTest, SaysSoWhenACameraTakesNeither) {
  on_loop([this] { camera_.script.is_tcp_refused = camera_.script.is_udp_refused = true; });
  connect({.url = camera_.url()});
  EXPECT_EQ(wait_for(State::Refused).reason, "The camera sends neither over TCP nor over UDP.");
}

TEST_F(WaysTest, ReportsToACameraThatDoesNotSayWhereTo) {
  on_loop([this] { camera_.script.has_server_port = false; });
  connect({.url = camera_.url(), .transport = Transport::Udp});
  wait_for(State::Live);
  EXPECT_TRUE(io::run_and_wait(thread_.loop(), heard_report()));
}

TEST_F(WaysTest, BeginsAnewAtOnceWhenItsSessionIsForgotten) {
  timing_.backoff_first = timing_.backoff_most = std::chrono::hours(1);
  timing_.session_lost_least = Milliseconds(100);
  on_loop([this] { camera_.script.keep_alive_status = 454; });
  connect({.url = camera_.url()});
  wait_for(State::Live);
  wait_for(State::Connecting);
  wait_for(State::Live);
}

/// Without a tunnel, in the ways that cameras do without one.
TEST_F(WaysTest, SaysWhyThereIsNoTunnel) {
  EXPECT_EQ(through_http(kNotFound).reason,
            "The camera does not offer RTSP over HTTP at this address (404).");
  EXPECT_EQ(through_http(kPage).reason, "The camera does not offer RTSP over HTTP at this address (200).");
  EXPECT_EQ(through_http(kNotHttp).reason, "What answers at this address does not speak HTTP.");
  EXPECT_EQ(through_http("HTTP/1.1 200").reason, "What answers at this address does not speak HTTP.");
  EXPECT_EQ(through_http(kPasswordWanted).state, State::WrongPassword);
  EXPECT_EQ(through_http("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\n\r\n").state,
            State::Refused);
}

TEST_F(WaysTest, TakesSoundByEveryWay) {
  encrypt(other_);
  on_loop([this] {
    camera_.script.sound = other_.script.sound = Script::Sound::Pcmu;
    camera_.script.is_tcp_refused = true;
    other_.script.is_udp_refused = true;
  });
  for (const bool secured : {false, true}) {
    auto& camera = secured ? other_ : camera_;
    connect({.url = secured ? secure(camera.url()) : camera.url()});
    while (!wait_for(State::Live).sound && !HasFailure()) {
    }
    close();
    const auto wanted = secured ? std::vector<std::string>{"video", "sound"}
                                : std::vector<std::string>{"video", "video", "sound"};
    on_loop([&] {
      EXPECT_EQ(camera.set_up, wanted);
      connection_.reset();
    });
  }
}

/// Of an owner's camera: each way asks may_reach() itself.
TEST_F(WaysTest, LeadsNoOwnerToThisMachineByAnyWay) {
  for (const auto transport : {Transport::Tcp, Transport::Udp, Transport::Http}) {
    for (const auto& url : {camera_.url(), secure(camera_.url())}) {
      const auto problem = problem_of({.url = url, .transport = transport, .reach = Reach::Network});
      EXPECT_TRUE(problem.reason.starts_with("Cameras at this address can be added by")) << problem.reason;
    }
  }
  on_loop([this] { EXPECT_EQ(camera_.connections, 0); });
}

/// By its address in the network it is this machine all the same; with loopback cameras it may be.
TEST_F(WaysTest, LeadsNoOwnerToThisMachineByItsAddressInTheNetwork) {
  const auto network = address_in_network();
  if (!network) GTEST_SKIP() << "this machine has no address in a network";
  FakeCamera bridge(thread_.loop(), random_, clock_, *network);
  on_loop([&] { bridge.start(); });
  for (const auto transport : {Transport::Tcp, Transport::Udp, Transport::Http}) {
    const auto problem = problem_of({.url = bridge.url(), .transport = transport, .reach = Reach::Network});
    EXPECT_EQ(problem.reason, "No camera answers at this address.");
  }
  on_loop([&] {
    EXPECT_TRUE(bridge.methods.empty());
    camera_.script.redirect = bridge.url();
  });
  EXPECT_EQ(problem_of({.url = camera_.url()}).reason, "No camera answers at this address.");
  on_loop([&] { EXPECT_TRUE(bridge.methods.empty()); });
  const Source allowed{.url = bridge.url(), .reach = Reach::NetworkAndLoopback};
  EXPECT_TRUE(io::run_and_wait(thread_.loop(), probe(allowed, Seconds(20), clock_, random_)).ok());
  io::run_and_wait(thread_.loop(), bridge.close());
}

/// Linux connects 0.0.0.0 to itself.
TEST_F(WaysTest, FollowsARedirectAsFarAsItsCameraMayBe) {
  on_loop([this] { camera_.script.redirect = at("0.0.0.0"); });
  EXPECT_EQ(problem_of({.url = camera_.url(), .reach = Reach::NetworkAndLoopback}).reason,
            "The camera sends its viewers to 0.0.0.0, where no camera of a home may be.");
  on_loop([this] { EXPECT_EQ(other_.connections, 0); });
  on_loop([this] { camera_.script.redirect = at("127.0.0.1"); });
  EXPECT_TRUE(io::run_and_wait(thread_.loop(), probe(of_operator(), Seconds(20), clock_, random_)).ok());
}

TEST_F(WaysTest, TellsAnOwnerNotWhatIsThereInPlaceOfACamera) {
  constexpr auto kReach = Reach::NetworkAndLoopback;
  const auto closed = "rtsp://127.0.0.1:" + std::to_string(closed_port()) + "/live";
  const auto nothing = problem_of({.url = closed, .reach = kReach});
  EXPECT_EQ(nothing.reason, "No camera answers at this address.");
  EXPECT_EQ(problem_of({.url = secure(closed), .reach = kReach}), nothing);
  on_loop([this] { other_.script.raw = "HTTP/1.1 400 Bad Request\r\n\r\n"; });
  EXPECT_EQ(problem_of({.url = other_.url(), .reach = kReach}), nothing);
  EXPECT_EQ(problem_of({.url = secure(other_.url()), .reach = kReach}), nothing);
  for (const auto& target : {closed, secure(closed), other_.url(), secure(other_.url())}) {
    on_loop([&] { camera_.script.redirect = target; });
    EXPECT_EQ(problem_of({.url = camera_.url(), .reach = kReach}), nothing);
  }
  encrypt(other_);
  on_loop([this] { camera_.script.redirect = secure(at("localhost")); });
  EXPECT_EQ(problem_of({.url = camera_.url(), .reach = kReach}), nothing);

  const auto untunnelled = problem_of({.url = closed, .transport = Transport::Http, .reach = kReach});
  EXPECT_EQ(untunnelled.reason, nothing.reason);
  for (const auto* answer : {kNotFound, kPage, kNotHttp, kPasswordWanted})
    EXPECT_EQ(through_http(answer, kReach), untunnelled);
}

TEST_F(WaysTest, SaysThatTheCameraRefusesTheHalfThatIsWritten) {
  const auto refused = through_http(kTunnel, Reach::Anywhere, kNotFound);
  EXPECT_EQ(refused.state, State::Refused);
  EXPECT_EQ(refused.reason, "The camera does not offer RTSP over HTTP at this address (404).");
  EXPECT_NE(through_http(kTunnel, Reach::Anywhere, kPasswordWanted).reason.find("(401)"), std::string::npos);
  EXPECT_EQ(through_http(kTunnel, Reach::NetworkAndLoopback, kNotFound).reason,
            "No camera answers at this address.");
}

/// Cameras lock accounts over that; whoever may not be told so, it is waited for all the same.
TEST_F(WaysTest, WaitsAfterARefusedPasswordThatIsNotSaid) {
  timing_.backoff_first = timing_.backoff_most = std::chrono::hours(1);
  timing_.wrong_password = Milliseconds(20);
  HttpPeer peer(thread_.loop(), kPasswordWanted);
  on_loop([&] { peer.start(); });
  connect(peer.source(Reach::NetworkAndLoopback));
  EXPECT_EQ(wait_for(State::Unreachable).reason, "No camera answers at this address.");
  const auto tried_again = [](const HttpPeer& at, const Clock& clock) -> io::Task<bool> {
    const auto until = clock.steady() + kPatience;
    while (at.connections <= 2 && clock.steady() < until) co_await io::sleep_for(Milliseconds(10));
    co_return at.connections > 2;  // two in a round: one asks, one gives it
  };
  EXPECT_TRUE(io::run_and_wait(thread_.loop(), tried_again(peer, clock_)));
  close();
  io::run_and_wait(thread_.loop(), peer.close());
}

}  // namespace
}  // namespace jalousie::ingest
