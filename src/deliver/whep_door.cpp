#include "deliver/whep_door.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/encoding.h"
#include "base/log.h"
#include "deliver/video_fit.h"
#include "io/call_on.h"
#include "webrtc/fragment.h"
#include "webrtc/ice.h"
#include "webrtc/offer.h"

namespace jalousie::deliver {

namespace {

// A flood to one session's port is dropped here, before it fills its loop's queue.
constexpr int kDatagramsUnderWay = 256;

bool has_content_type(const http::Request& request, std::string_view wanted) {
  const auto value = request.headers.find("content-type");
  if (!value) return false;
  std::string_view type = value->substr(0, value->find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  return std::equal(type.begin(), type.end(), wanted.begin(), wanted.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

struct Refusal {
  int status = 0;
  std::string words;
};

/// The offer against what the camera sends; one that has sent nothing yet is taken for H.264.
std::expected<webrtc::Negotiated, Refusal> judge(const std::string& offer, const Media& media) {
  const auto& video = media.video;
  webrtc::Outgoing outgoing;
  if (video) outgoing = {.video = video->codec, .profile = video->profile};
  if (media.sound) outgoing.sound = media.sound->codec;
  const auto codec = outgoing.video;
  auto negotiated = webrtc::accept_offer(offer, outgoing);
  if (!negotiated && negotiated.error().kind() != ErrorKind::Unsupported)
    return std::unexpected(Refusal{400, negotiated.error().message()});
  const bool is_carried = codec != codec::VideoCodec::Jpeg && (!video || !video->has_b_frames);
  if (!is_carried || (!negotiated && codec == codec::VideoCodec::H265))
    return std::unexpected(Refusal{406, cannot_show(*video, Carrier::WebRtc)});
  if (!negotiated) return std::unexpected(Refusal{406, negotiated.error().message()});
  return *std::move(negotiated);
}

http::Response not_found() { return http::Response::problem(404, "Not found", "There is nothing here."); }

}  // namespace

/// The sessions of one loop.
struct WhepDoor::Corner {
  explicit Corner(stream::Shard& of) : shard(of) {}

  /// What a PATCH is held against.
  struct Known {
    std::string etag;
    std::string remote_ufrag;
  };
  struct Entry {
    SessionId owner;
    Known known;
    std::unique_ptr<WhepSession> session;
    RevocationLine line;
  };
  stream::Shard& shard;
  std::unordered_map<ViewingId, Entry> entries;

  Entry* find(SessionId owner, ViewingId viewing) {
    const auto found = entries.find(viewing);
    return found != entries.end() && found->second.owner == owner ? &found->second : nullptr;
  }
  /// After the session's own call has returned.
  void forget_soon(ViewingId viewing) {
    shard.loop().post([this, viewing] { entries.erase(viewing); });
  }
};

WhepDoor::WhepDoor(Parts parts) : parts_(parts), metrics_(parts.metrics) {
  for (const auto& shard : parts_.desk.hub().shards()) corners_.push_back(std::make_unique<Corner>(*shard));
}

WhepDoor::~WhepDoor() = default;

WhepDoor::Corner& WhepDoor::here() {
  stream::Shard& shard = parts_.desk.here();
  const auto found =
      std::ranges::find_if(corners_, [&shard](const auto& corner) { return &corner->shard == &shard; });
  JAL_ASSERT(found != corners_.end());
  return **found;
}

Endpoint WhepDoor::candidate_for(const http::Request& request) const {
  const Endpoint& reached = parts_.advertised ? *parts_.advertised : request.local;
  const auto made = Endpoint::parse(reached.address_text(), parts_.mux.local().port());
  JAL_ASSERT(made.has_value());
  return *made;
}

io::Task<http::Response> WhepDoor::offer(keeper::Principal principal, CameraId camera, StreamId stream,
                                         http::Request request) {
  if (!has_content_type(request, "application/sdp")) {
    co_return http::Response::problem(415, "Unsupported media type",
                                      "Send the SDP offer as application/sdp.");
  }
  const auto media = co_await parts_.desk.media(principal, camera, stream);
  if (!media) co_return http::Response::from(media.error());
  auto negotiated = judge(request.body, *media);
  if (!negotiated) {
    const auto& [status, words] = negotiated.error();
    log::info("deliver", "offer refused", {{"peer", request.peer.address_text()}, {"why", words}});
    co_return http::Response::problem(status, status == 406 ? "Not acceptable" : "Bad offer", words);
  }

  auto admission = co_await parts_.desk.admit(principal, camera, "whep");
  if (!admission) co_return http::Response::from(admission.error());
  co_return open(here(), principal.session, stream, *std::move(admission), *negotiated,
                 candidate_for(request));
}

http::Response WhepDoor::open(Corner& corner, SessionId owner, StreamId stream,
                              ViewingDesk::Admission admission, const webrtc::Negotiated& negotiated,
                              const Endpoint& candidate) {
  const ViewingId id = admission.grant.viewing;
  const std::string remote_ufrag = negotiated.remote_ufrag;
  const webrtc::IceCredentials credentials = webrtc::IceCredentials::make(parts_.random);
  std::array<std::uint8_t, 16> etag_bytes{};
  parts_.random.fill(etag_bytes);

  auto session = std::make_unique<WhepSession>(
      WhepSession::Parts{corner.shard, parts_.mux, parts_.random, metrics_, parts_.events}, owner, negotiated,
      parts_.identity, credentials, [&corner, id] { corner.forget_soon(id); });
  const std::string sdp = session->answer(candidate);

  Corner::Entry& entry = corner.entries[id];
  entry.owner = owner;
  entry.known.remote_ufrag = remote_ufrag;
  entry.known.etag = fmt::format("\"{}\"", encode_hex(etag_bytes));
  entry.session = std::move(session);
  route(corner, id, credentials.ufrag);
  entry.session->attach(parts_.desk.watch(stream, std::move(admission.grant), *entry.session));
  entry.line = std::move(admission.line);
  entry.line.connect(entry.session->viewing());

  http::Response response;
  response.status = 201;
  response.body = sdp;
  response.headers.set("Content-Type", "application/sdp");
  response.headers.set("Location", fmt::format("/api/v1/viewings/{}", id.to_string()));
  response.headers.set("ETag", entry.known.etag);
  return response;
}

void WhepDoor::route(Corner& corner, ViewingId id, const std::string& fragment) {
  auto under_way = std::make_shared<std::atomic<int>>(0);
  parts_.mux.add(fragment, [&corner, id, under_way](MutableBytes datagram, const Endpoint& from) {
    auto deliver = [&corner, id](MutableBytes bytes, const Endpoint& sender) {
      const auto found = corner.entries.find(id);
      if (found != corner.entries.end()) found->second.session->on_datagram(bytes, sender);
    };
    if (corner.shard.loop().on_this_thread()) {
      deliver(datagram, from);
      return;
    }
    if (under_way->fetch_add(1, std::memory_order_relaxed) >= kDatagramsUnderWay) {
      under_way->fetch_sub(1, std::memory_order_relaxed);
      return;
    }
    corner.shard.loop().post(
        [deliver, under_way, from, bytes = Buffer(datagram.begin(), datagram.end())]() mutable {
          under_way->fetch_sub(1, std::memory_order_relaxed);
          deliver(bytes, from);
        });
  });
}

io::Task<http::Response> WhepDoor::patch(keeper::Principal principal, ViewingId viewing,
                                         http::Request request) {
  std::optional<Corner::Known> known;
  for (const auto& corner : corners_) {
    known = co_await io::call_on(corner->shard.loop(),
                                 [&corner, &principal, viewing]() -> std::optional<Corner::Known> {
                                   const auto* entry = corner->find(principal.session, viewing);
                                   return entry != nullptr ? std::optional(entry->known) : std::nullopt;
                                 });
    if (known) break;
  }
  if (!known) co_return not_found();
  if (!has_content_type(request, "application/trickle-ice-sdpfrag")) {
    co_return http::Response::problem(415, "Unsupported media type",
                                      "Send candidates as application/trickle-ice-sdpfrag.");
  }
  const auto match = request.headers.find("if-match");
  if (!match)
    co_return http::Response::problem(428, "Precondition required",
                                      "Say with If-Match which session this is for.");
  // RFC 9725 4.3.1: a server that cannot restart ICE says 422, and the client makes a new session. A fragment
  // names the session that it is for by its ufrag (RFC 8840 section 4.4); another one asks for a restart.
  const auto fragment = webrtc::parse_fragment(request.body);
  if (!fragment) co_return http::Response::from(fragment.error());
  if (*match == "*" || !fragment->is_for(known->remote_ufrag)) {
    co_return http::Response::problem(
        422, "Not supported", "ICE restarts are not supported: delete the viewing and make a new offer.");
  }
  if (*match != known->etag)
    co_return http::Response::problem(412, "Precondition failed", "The session is another one now.");
  // The peer's candidates are of no use to an ICE-lite side: checks tell where it is (RFC 8445 section 2.5).
  co_return http::Response::no_content();
}

io::Task<http::Response> WhepDoor::remove(keeper::Principal principal, ViewingId viewing) {
  for (const auto& corner : corners_) {
    const bool ended = co_await io::call_on(corner->shard.loop(), [&corner, &principal, viewing] {
      auto* entry = corner->find(principal.session, viewing);
      if (entry == nullptr) return false;
      entry->session->leave();
      return true;
    });
    if (ended) co_return http::Response::no_content();
  }
  co_return not_found();
}

io::Task<> WhepDoor::close() {
  for (const auto& corner : corners_) {
    co_await io::call_on(corner->shard.loop(), [&corner] {
      for (auto& [id, entry] : corner->entries) entry.session->leave();
      corner->entries.clear();
      return true;
    });
  }
}

}  // namespace jalousie::deliver
