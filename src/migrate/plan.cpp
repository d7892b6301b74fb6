#include "migrate/plan.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>
#include <yaml-cpp/yaml.h>

#include <fmt/format.h>

#include "migrate/source.h"

namespace jalousie::migrate {

namespace {

using Cameras = std::vector<PlannedCamera>;

std::string text_of(const YAML::Node& node) {
  return node.IsDefined() && node.IsScalar() ? node.Scalar() : std::string();
}

/// A child of a map; undefined where there is none. What the library gives for those throws when it is asked.
YAML::Node child(const YAML::Node& of, const std::string& name) {
  if (!of.IsDefined() || !of.IsMap()) return YAML::Node(YAML::NodeType::Undefined);
  const YAML::Node found = of[name];
  return found.IsDefined() ? found : YAML::Node(YAML::NodeType::Undefined);
}

Result<YAML::Node> map_at(const YAML::Node& root, const std::string& name) {
  const YAML::Node found = child(root, name);
  if (found.IsDefined() && found.IsMap() && found.size() <= kMostCameras) return found;
  if (found.IsDefined() && found.IsMap())
    return fail(ErrorKind::ResourceExhausted, fmt::format("more than {} cameras", kMostCameras));
  return fail(ErrorKind::InvalidArgument,
              fmt::format("there are no cameras under '{}': is this the right file?", name));
}

PlannedCamera named(const std::string& there) {
  PlannedCamera camera;
  camera.there = there;
  camera.name = name_for_people(there);
  return camera;
}

Result<std::string> resolve(const std::string& source, const Variables& variables) {
  TRY(const std::string filled, fill_in(source, variables));
  return rtsp_address(filled);
}

/// go2rtc: the first source of a stream that is an RTSP address; else why the first is none.
Result<std::string> first_address(const YAML::Node& sources, const Variables& variables) {
  std::vector<std::string> texts;
  if (sources.IsScalar()) texts.push_back(sources.Scalar());
  for (std::size_t i = 0; sources.IsSequence() && i < sources.size() && i < kMostCameras; ++i)
    texts.push_back(text_of(sources[i]));
  std::optional<Error> why;
  for (const std::string& text : texts) {
    auto address = resolve(text, variables);
    if (address) return address;
    if (!why) why = std::move(address).error();
  }
  if (why) return std::unexpected(*std::move(why));
  return fail(ErrorKind::NotFound, "it has no source");
}

/// "door" of "door_sub"; empty where the name is of no small stream.
std::string large_of(const std::string& name) {
  for (const std::string_view end : {"_sub", "-sub", "_lq", "-lq", "_low", "-low"})
    if (name.size() > end.size() && name.ends_with(end)) return name.substr(0, name.size() - end.size());
  return {};
}

/// Streams that are a camera's small one by their name and place become that.
Cameras pair_up(Cameras cameras) {
  std::set<std::string> used;
  for (PlannedCamera& small : cameras) {
    const std::string large = large_of(small.there);
    if (large.empty() || !small.left_out.empty()) continue;
    for (const std::string& name : {large, large + "_main", large + "-main", large + "_hq", large + "-hq"}) {
      const auto found = std::ranges::find(cameras, name, &PlannedCamera::there);
      if (found == cameras.end() || !found->left_out.empty() || !found->sub_url.empty()) continue;
      if (!is_same_place(found->url, small.url)) continue;
      found->sub_url = small.url;
      if (found->there != large) found->name = name_for_people(large);
      used.insert(small.there);
      break;
    }
  }
  std::erase_if(cameras, [&](const PlannedCamera& camera) { return used.contains(camera.there); });
  return cameras;
}

Result<Cameras> plan_go2rtc(const YAML::Node& root, const Variables& variables) {
  TRY(const YAML::Node streams, map_at(root, "streams"));
  Cameras cameras;
  for (const auto& stream : streams) {
    PlannedCamera camera = named(text_of(stream.first));
    auto address = first_address(stream.second, variables);
    if (address)
      camera.url = *std::move(address);
    else
      camera.left_out = address.error().message();
    cameras.push_back(std::move(camera));
  }
  return pair_up(std::move(cameras));
}

class Frigate {
 public:
  Frigate(const YAML::Node& root, const Variables& variables) : root_(root), variables_(variables) {}

  Result<Cameras> plan() const {
    TRY(const YAML::Node found, map_at(root_, "cameras"));
    Cameras cameras;
    for (const auto& camera : found) cameras.push_back(camera_of(text_of(camera.first), camera.second));
    return cameras;
  }

 private:
  struct Input {
    std::string path;
    bool records = false;
    bool detects = false;
    bool udp = false;
  };

  PlannedCamera camera_of(const std::string& there, const YAML::Node& node) const {
    PlannedCamera camera = named(there);
    if (const std::string friendly = text_of(child(node, "friendly_name")); !friendly.empty())
      camera.name = friendly;
    if (text_of(child(node, "enabled")) == "false" || text_of(child(node, "enabled")) == "False") {
      camera.left_out = "it is switched off there";
      return camera;
    }
    const std::vector<Input> inputs = inputs_of(node);
    if (inputs.empty()) {
      camera.left_out = "it has no inputs";
      return camera;
    }
    const auto recorded = std::ranges::find(inputs, true, &Input::records);
    const Input& main = recorded == inputs.end() ? inputs.front() : *recorded;
    camera.udp = main.udp;
    auto address = address_of(main.path);
    if (!address) {
      camera.left_out = address.error().message();
      return camera;
    }
    camera.url = *std::move(address);
    for (const Input& input : inputs)
      if (&input != &main && input.detects) take_small(camera, input);
    return camera;
  }

  void take_small(PlannedCamera& camera, const Input& input) const {
    auto address = address_of(input.path);
    if (!address)
      camera.note = "without its small stream: " + address.error().message();
    else if (!is_same_place(camera.url, *address))
      camera.note = "without its small stream, which is at another place";
    else if (*address != camera.url)
      camera.sub_url = *std::move(address);
  }

  static std::vector<Input> inputs_of(const YAML::Node& node) {
    std::vector<Input> inputs;
    const YAML::Node ffmpeg = child(node, "ffmpeg");
    const YAML::Node found = child(ffmpeg, "inputs");
    const bool all_udp = asks_for_udp(child(ffmpeg, "input_args"));
    for (std::size_t i = 0; found.IsDefined() && found.IsSequence() && i < found.size() && i < 16; ++i) {
      Input input;
      input.path = text_of(child(found[i], "path"));
      const YAML::Node roles = child(found[i], "roles");
      for (std::size_t k = 0; roles.IsDefined() && roles.IsSequence() && k < roles.size() && k < 16; ++k) {
        input.records = input.records || text_of(roles[k]) == "record";
        input.detects = input.detects || text_of(roles[k]) == "detect";
      }
      const YAML::Node arguments = child(found[i], "input_args");
      input.udp = arguments.IsDefined() ? asks_for_udp(arguments) : all_udp;
      inputs.push_back(std::move(input));
    }
    return inputs;
  }

  static bool asks_for_udp(const YAML::Node& arguments) {
    if (!arguments.IsDefined()) return false;
    if (arguments.IsScalar()) {
      const std::string& text = arguments.Scalar();
      return text == "preset-rtsp-udp" || text.find("-rtsp_transport udp") != text.npos;
    }
    for (std::size_t i = 1; arguments.IsSequence() && i < arguments.size() && i < 100; ++i)
      if (text_of(arguments[i - 1]) == "-rtsp_transport" && text_of(arguments[i]) == "udp") return true;
    return false;
  }

  /// Through the bridge that Frigate brings, where the input is one of its streams.
  Result<std::string> address_of(const std::string& path) const {
    TRY(std::string address, resolve(path, variables_));
    const std::string stream = stream_of_bridge(address);
    if (stream.empty()) return address;
    const YAML::Node sources = child(child(child(root_, "go2rtc"), "streams"), stream);
    if (!sources.IsDefined())
      return fail(ErrorKind::NotFound, fmt::format("its go2rtc stream {} is not in this file", stream));
    return first_address(sources, variables_);
  }

  const YAML::Node& root_;
  const Variables& variables_;
};

Result<Cameras> plan_mediamtx(const YAML::Node& root, const Variables& variables) {
  TRY(const YAML::Node paths, map_at(root, "paths"));
  const YAML::Node defaults = child(root, "pathDefaults");
  Cameras cameras;
  for (const auto& path : paths) {
    PlannedCamera camera = named(text_of(path.first));
    std::string source = text_of(child(path.second, "source"));
    if (source.empty()) source = text_of(child(defaults, "source"));
    std::string transport = text_of(child(path.second, "rtspTransport"));
    for (const auto& [of, name] :
         {std::pair(path.second, "sourceProtocol"), std::pair(defaults, "rtspTransport")})
      if (transport.empty()) transport = text_of(child(of, name));
    const bool is_pattern =
        camera.there == "all" || camera.there == "all_others" || camera.there.starts_with("~");
    if (is_pattern) {
      camera.left_out = "it stands for any path";
    } else if (source.empty() || source == "publisher") {
      camera.left_out =
          "its camera dials in there by itself, which is not taken in: add it by its RTSP address if it has "
          "one";
    } else if (auto address = resolve(source, variables)) {
      camera.url = *std::move(address);
      camera.udp = transport == "udp";
    } else {
      camera.left_out = address.error().message();
    }
    cameras.push_back(std::move(camera));
  }
  return pair_up(std::move(cameras));
}

}  // namespace

std::optional<From> parse_from(std::string_view name) {
  if (name == "go2rtc") return From::Go2rtc;
  if (name == "frigate") return From::Frigate;
  if (name == "mediamtx") return From::MediaMtx;
  return std::nullopt;
}

Result<std::vector<PlannedCamera>> plan(From from, std::string_view yaml, const Variables& variables) {
  if (yaml.size() > kFileBytes)
    return fail(ErrorKind::ResourceExhausted, "larger than 1 MiB; no configuration is");
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    switch (from) {
      case From::Go2rtc:
        return plan_go2rtc(root, variables);
      case From::Frigate:
        return Frigate(root, variables).plan();
      case From::MediaMtx:
        return plan_mediamtx(root, variables);
    }
    return fail(ErrorKind::Internal, "no such server");
  } catch (const YAML::Exception& refused) {
    return fail(ErrorKind::InvalidArgument,
                refused.mark.is_null() ? "not YAML"
                                       : fmt::format("not YAML at line {}, column {}", refused.mark.line + 1,
                                                     refused.mark.column + 1));
  }
}

}  // namespace jalousie::migrate
