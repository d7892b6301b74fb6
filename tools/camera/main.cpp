// jalousie-camera: an RTSP camera for demonstrations and tests.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/log.h"
#include "camera/fleet.h"
#include "camera/footage.h"
#include "camera/live_stream.h"
#include "camera/scene.h"
#include "camera/server.h"
#include "camera/sound_stream.h"
#include "camera/time_zone.h"
#include "crypto/certificate.h"
#include "crypto/system_random.h"
#include "io/files.h"
#include "io/signals.h"

namespace {

using namespace jalousie;
using namespace jalousie::camera;

struct Options {
  std::string listen = "127.0.0.1";
  std::uint16_t port = 8554;
  std::string path;
  std::string user = "admin", password, password_file, password_variable, authentication = "digest";
  std::uint32_t home = 1, camera = 1;
  unsigned cameras = 1, homes = 1;
  unsigned tenure = 1;
  std::string name = "Camera", model = "Jalousie test camera", firmware = "1.0.0", time_zone;
  double gop = 2;
  unsigned fps = 25, main_kilobits = 2000, sub_kilobits = 300, session_timeout = 60;
  std::string scene, file;
  std::string sound = "none";
  unsigned tone_hz = 440;
  std::string redirect_to;
  unsigned nonce_lifetime = 300;
  std::vector<std::string> quirks;
  bool qop = false, verbose = false, tls = false, http_tunnel = false;
};

void declare_network(CLI::App& app, Options& options) {
  app.add_option("--listen", options.listen, "address to listen at")->capture_default_str()->group("Network");
  app.add_option("--port", options.port, "RTSP port; 0 takes a free one")
      ->capture_default_str()
      ->group("Network");
  app.add_option(
         "--path", options.path,
         "folder of the streams: /stream makes /stream/main and /stream/sub, and /stream itself is main")
      ->group("Network");
  app.add_option("--session-timeout", options.session_timeout,
                 "seconds of silence after which a client is dropped, 1 to 3600")
      ->capture_default_str()
      ->check(CLI::Range(1, 3600).description(""))
      ->type_name("")
      ->group("Network");

  app.add_flag("--tls", options.tls, "RTSPS, with a certificate made up at each start")->group("Network");
  app.add_flag("--http-tunnel", options.http_tunnel, "serve RTSP over HTTP, too, at the same port")
      ->group("Network");
  app.add_option("--redirect-to", options.redirect_to, "URL that DESCRIBE sends every client to")
      ->group("Network");
  app.add_option("--quirk", options.quirks, "get something wrong as real cameras do; any number of times")
      ->type_name("NAME")
      ->group("Network");
}

void declare_access(CLI::App& app, Options& options) {
  app.add_option("--nonce-lifetime", options.nonce_lifetime, "seconds until a nonce is stale, 1 to 3600")
      ->capture_default_str()
      ->check(CLI::Range(1, 3600).description(""))
      ->type_name("")
      ->group("Access");
  app.add_option("--user", options.user, "name to sign in with")->capture_default_str()->group("Access");
  auto* password = app.add_option("--password", options.password,
                                  "password; seen by all users of this machine, so prefer the next two");
  auto* file = app.add_option("--password-file", options.password_file, "file that holds the password");
  auto* variable = app.add_option("--password-env", options.password_variable,
                                  "environment variable that holds the password");
  password->group("Access")->excludes(file)->excludes(variable);
  file->group("Access")->excludes(variable);
  variable->group("Access");
  app.add_option("--auth", options.authentication,
                 "digest (SHA-256, then MD5), digest-md5, digest-sha256, basic or none")
      ->capture_default_str()
      ->check(CLI::IsMember({"digest", "digest-md5", "digest-sha256", "basic", "none"}).description(""))
      ->type_name("KIND")
      ->group("Access");
  app.add_flag(
         "--qop", options.qop,
         "ask for quality of protection (RFC 7616), as few cameras do: GStreamer 1.22 does not answer that")
      ->group("Access");
}

void declare_identity(CLI::App& app, Options& options) {
  app.add_option("--home", options.home, "home number in the identity code")
      ->capture_default_str()
      ->group("Identity");
  app.add_option("--camera", options.camera, "camera number in the identity code")
      ->capture_default_str()
      ->group("Identity");
  app.add_option("--tenure", options.tenure, "tenure in the identity code, 0 to 255")
      ->capture_default_str()
      ->check(CLI::Range(0, 255).description(""))
      ->type_name("")
      ->group("Identity");
  app.add_option("--name", options.name, "name, drawn into the picture")
      ->capture_default_str()
      ->group("Identity");
  app.add_option("--model", options.model, "model, as in the Server header and the SDP")
      ->capture_default_str()
      ->group("Identity");
  app.add_option("--firmware", options.firmware, "firmware version, likewise")
      ->capture_default_str()
      ->group("Identity");
  app.add_option("--time-zone", options.time_zone,
                 "local time of the clock, as Europe/Berlin (default: the system's)")
      ->group("Identity");
}

void declare_pictures(CLI::App& app, Options& options) {
  app.add_option("--gop", options.gop, "seconds from one key frame to the next, up to 30")
      ->capture_default_str()
      ->check(CLI::Range(0.04, 30.0).description(""))
      ->type_name("")
      ->group("Pictures");
  app.add_option("--fps", options.fps, "frames per second, 1 to 60")
      ->capture_default_str()
      ->check(CLI::Range(1, 60).description(""))
      ->type_name("")
      ->group("Pictures");
  app.add_option("--main-kbps", options.main_kilobits, "bit rate of /main (1280x720)")
      ->capture_default_str()
      ->check(CLI::Range(100, 20'000).description(""))
      ->type_name("")
      ->group("Pictures");
  app.add_option("--sub-kbps", options.sub_kilobits,
                 "bit rate of /sub (640x360), and of each camera of a fleet")
      ->capture_default_str()
      ->check(CLI::Range(50, 5'000).description(""))
      ->type_name("")
      ->group("Pictures");
  app.add_option("--scene", options.scene, "room, garden or door (default: what the name suggests)")
      ->group("Pictures");
  app.add_option("--file", options.file, "show this video, looped, in place of a drawn scene")
      ->group("Pictures");
  app.add_flag("--verbose", options.verbose, "log requests, too");
}

void declare_fleet(CLI::App& app, Options& options) {
  auto* cameras =
      app.add_option("--cameras", options.cameras,
                     "so many cameras in one process, at /1, /2 and so on, of plain pictures that hold the "
                     "code alone; up to 1000");
  cameras->capture_default_str()
      ->check(CLI::Range(1u, kFleetMost).description(""))
      ->type_name("")
      ->group("Fleet");
  for (const char* of_one : {"--path", "--file", "--scene", "--main-kbps"})
    cameras->excludes(app.get_option(of_one));
  app.add_option("--homes", options.homes,
                 "camera k, from 0 on, is of home HOME + k % this, with number CAMERA + k")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000).description(""))
      ->type_name("")
      ->needs(cameras)
      ->group("Fleet");
}

void declare_sound(CLI::App& app, Options& options) {
  auto* sound = app.add_option("--sound", options.sound, "none, pcmu, pcma, opus or aac, beside each stream")
                    ->capture_default_str()
                    ->check(CLI::IsMember({"none", "pcmu", "pcma", "opus", "aac"}).description(""))
                    ->type_name("KIND")
                    ->group("Sound")
                    ->excludes(app.get_option("--cameras"));
  app.add_option("--tone", options.tone_hz, "what is heard, in Hz, 50 to 3500")
      ->capture_default_str()
      ->check(CLI::Range(50, 3'500).description(""))
      ->type_name("")
      ->needs(sound)
      ->group("Sound");
}

Result<std::string> password_of(const Options& options) {
  auto password = options.password;
  if (!options.password_variable.empty()) {
    const auto* value = std::getenv(options.password_variable.c_str());
    if (value == nullptr)
      return fail(ErrorKind::InvalidArgument,
                  fmt::format("the environment has no {}", options.password_variable));
    password = value;
  }
  if (!options.password_file.empty()) {
    TRY(const auto content, io::read_file(options.password_file, 4096));
    password = as_text(content);
    while (password.ends_with('\n') || password.ends_with('\r')) password.pop_back();
  }
  if (password.empty() && options.authentication != "none") {
    return fail(ErrorKind::InvalidArgument,
                "no password: give --password-file, --password-env or --password, or --auth none");
  }
  return password;
}

std::vector<rtsp::DigestAlgorithm> algorithms_of(const std::string& authentication) {
  using enum rtsp::DigestAlgorithm;
  if (authentication == "digest") return {Sha256, Md5};
  if (authentication == "digest-sha256") return {Sha256};
  if (authentication == "digest-md5") return {Md5};
  return {};
}

Result<std::unique_ptr<Source>> source_of(const Options& options, const StreamFacts& stream) {
  if (!options.file.empty()) return Footage::open(options.file, stream.width, stream.height, stream.fps);
  auto kind = scene_for(options.name, options.camera);
  if (!options.scene.empty()) {
    TRY(kind, parse_scene(options.scene));
  }
  return std::make_unique<DrawnSource>(make_scene(kind, options.home, options.camera), stream.width,
                                       stream.height, stream.fps);
}

Result<CameraFacts> facts_of(const Options& options) {
  auto folder = options.path;
  while (folder.ends_with('/')) folder.pop_back();
  if (!folder.empty() && !folder.starts_with('/')) folder.insert(0, 1, '/');
  CameraFacts facts{options.name,
                    options.model,
                    options.firmware,
                    Seconds(options.session_timeout),
                    folder.empty() ? "/" : folder,
                    {}};
  facts.redirect_to = options.redirect_to;
  TRY(facts.quirks, Quirks::parse(options.quirks));
  if (options.cameras > 1) {
    facts.root = "/1";
    for (unsigned number = 1; number <= options.cameras; ++number) {
      facts.streams.push_back({fmt::format("/{}", number), kToneColumns * kTonePixels,
                               kToneRows * kTonePixels, options.fps, options.sub_kilobits,
                               ToneCoder::parameter_sets()});
    }
    return facts;
  }
  facts.streams = {{folder + "/main", 1280, 720, options.fps, options.main_kilobits, {}},
                   {folder + "/sub", 640, 360, options.fps, options.sub_kilobits, {}}};
  return facts;
}

unsigned gop_frames_of(const Options& options) {
  return static_cast<unsigned>(std::max(1L, std::lround(options.gop * options.fps)));
}

EncoderSettings settings_of(const Options& options, const StreamFacts& stream) {
  return {stream.width, stream.height, stream.fps, gop_frames_of(options), stream.kilobits_per_second};
}

/// Nothing where there is no sound.
Result<std::unique_ptr<Tone>> tone_of(const Options& options) {
  using enum codec::AudioCodec;
  if (options.sound == "none") return nullptr;
  const auto codec = options.sound == "pcmu"   ? Pcmu
                     : options.sound == "pcma" ? Pcma
                     : options.sound == "opus" ? Opus
                                               : Aac;
  return Tone::create(codec, options.tone_hz);
}

FleetSettings fleet_settings_of(const Options& options) {
  return {.cameras = options.cameras,
          .homes = options.homes,
          .home = options.home,
          .camera = options.camera,
          .tenure = static_cast<std::uint8_t>(options.tenure),
          .fps = options.fps,
          .gop_frames = gop_frames_of(options),
          .kilobits_per_second = options.sub_kilobits};
}

/// The context is loaded from files, so it goes through a folder of ours that is gone at once.
Result<std::shared_ptr<io::TlsServerContext>> made_up_tls(RandomSource& random, const Clock& clock) {
  namespace fs = std::filesystem;
  TRY(const auto made, crypto::Certificate::self_signed(random, clock.utc()));
  auto folder = (fs::temp_directory_path() / "jalousie-camera-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr)
    return fail(ErrorKind::Unavailable, "no temporary folder can be made");
  const auto load = [&]() -> Result<std::shared_ptr<io::TlsServerContext>> {
    TRY_VOID(io::write_file_atomic(folder + "/cert.pem", as_bytes(made.certificate_pem()), 0600));
    TRY_VOID(io::write_file_atomic(folder + "/key.pem", as_bytes(made.private_key_pem()), 0600));
    return io::TlsServerContext::load(folder + "/cert.pem", folder + "/key.pem");
  };
  auto context = load();
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return context;
}

io::Task<> end_on_signal(io::SignalWaiter& signals, Server& server, io::Loop& loop) {
  co_await signals.wait();
  co_await server.close();
  loop.post([&loop] { loop.stop(); });  // once this task has ended
}

/// Until a signal comes; objects go in the reverse order, the loop last.
Result<> run(const Options& options) {
  TRY_VOID(set_time_zone(options.time_zone));
  TRY(const auto password, password_of(options));
  TRY(auto facts, facts_of(options));
  auto at = Endpoint::parse(options.listen, options.port);
  if (!at) return std::unexpected(std::move(at).error().within("--listen " + options.listen));

  const SystemClock clock;
  crypto::SystemRandom random;
  io::Loop loop;
  std::optional<Fleet> fleet;
  std::vector<std::unique_ptr<Feed>> own_streams;
  if (options.cameras > 1) fleet.emplace(loop, clock, fleet_settings_of(options));
  const Schedule schedule{clock.steady(), options.fps};
  for (auto& stream : facts.streams) {
    if (fleet) break;
    const auto settings = settings_of(options, stream);
    TRY(const auto encoder,
        Encoder::create(settings));  // for its parameter sets; the stream makes its own when it plays
    stream.parameter_sets = encoder->parameter_sets();
    TRY(auto source, source_of(options, stream));
    auto painter = std::make_unique<Painter>(
        std::move(source),
        identity::Identity{options.home, options.camera, static_cast<std::uint8_t>(options.tenure)},
        options.name);
    own_streams.push_back(std::make_unique<LiveStream>(loop, clock, schedule, settings, std::move(painter)));
  }
  std::optional<SoundStream> sound;
  TRY(auto tone, tone_of(options));
  if (tone) {
    facts.sound = tone->format();
    sound.emplace(loop, clock, schedule.start, std::move(tone));
  }
  std::optional<rtsp::DigestVerifier> verifier;
  if (options.authentication != "none") {
    verifier.emplace(rtsp::DigestVerifier::Options{.realm = options.model,
                                                   .username = options.user,
                                                   .password = password,
                                                   .algorithms = algorithms_of(options.authentication),
                                                   .basic = options.authentication == "basic",
                                                   .qop = options.qop,
                                                   .nonce_lifetime = Seconds(options.nonce_lifetime)},
                     random);
  }
  Services services{
      loop, clock, random, facts, verifier ? &*verifier : nullptr, fleet ? fleet->feeds() : own_streams};
  services.http_tunnel = options.http_tunnel;
  services.sound = sound ? &*sound : nullptr;
  if (options.tls) {
    TRY(services.tls, made_up_tls(random, clock));
  }
  io::SignalWaiter signals(loop);
  TRY(const auto server, Server::start(services, *at));
  const auto* scheme = options.tls ? "rtsps" : "rtsp";
  if (fleet) {
    fmt::print("{} cameras: {}://{}/1 to /{}, homes {} to {}, cameras {} to {}, tenure {}\n", options.cameras,
               scheme, server->local().to_string(), options.cameras, options.home,
               options.home + options.homes - 1, options.camera, options.camera + options.cameras - 1,
               options.tenure);
  } else {
    fmt::print("{}: {}://{}{} and {}, home {}, camera {}, tenure {}\n", options.name, scheme,
               server->local().to_string(), facts.streams[0].path, facts.streams[1].path, options.home,
               options.camera, options.tenure);
  }
  std::fflush(stdout);
  io::TaskGroup group(loop);
  group.spawn(end_on_signal(signals, *server, loop));
  loop.run();
  if (fleet)
    fmt::print("{} frames, {} left out because this machine was too slow\n", fleet->frames(),
               fleet->left_out());
  return {};
}

}  // namespace

int main(int count, char** arguments) try {
  Options options;
  CLI::App app(
      "An RTSP 1.0 camera for demonstrations and tests: /main (1280x720) and /sub (640x360) in H.264, over "
      "TCP or UDP, behind a\n"
      "password, with a tone beside them where that is asked for. Every picture says in an error-corrected "
      "code whose it is: home, camera, tenure, frame "
      "number and local time;\n"
      "jalousie-read-identity reads it. Encodes only while somebody watches. Ctrl-C ends it.");
  app.get_formatter()->column_width(34);
  declare_network(app, options);
  declare_access(app, options);
  declare_identity(app, options);
  declare_pictures(app, options);
  declare_fleet(app, options);
  declare_sound(app, options);
  CLI11_PARSE(app, count, arguments);
  log::configure({.from = options.verbose ? log::Level::Debug : log::Level::Info}, log::Format::Text);
  if (const auto done = run(options); !done) {
    fmt::print(stderr, "jalousie-camera: {}\n", done.error().message());
    return 1;
  }
} catch (const std::exception& problem) {
  std::fputs(problem.what(), stderr);
  return 1;
}
