#include "deliver/mse_door.h"

#include "deliver/video_fit.h"
#include "http/web_socket.h"

namespace jalousie::deliver {

namespace {

/// Capture times alone do not say in which order pictures with B-frames are shown. A camera that has sent
/// nothing yet is taken for H.264, as by WHEP.
bool is_carried(const std::optional<codec::VideoFormat>& video) {
  return !video || (video->codec != codec::VideoCodec::Jpeg && !video->has_b_frames);
}

}  // namespace

io::Task<http::Response> MseDoor::open(keeper::Principal principal, CameraId camera, StreamId stream,
                                       http::Request request) {
  const auto media = co_await parts_.desk.media(principal, camera, stream);
  if (!media) co_return http::Response::from(media.error());
  if (!is_carried(media->video))
    co_return http::Response::problem(406, "Not acceptable", cannot_show(*media->video, Carrier::Mse));
  if (auto refused = http::refuse_web_socket(request, kMseProtocol)) co_return *std::move(refused);
  auto admission = co_await parts_.desk.admit(principal, camera, "mse");
  if (!admission) co_return http::Response::from(admission.error());
  const auto codec = media->video ? media->video->codec : codec::VideoCodec::H264;
  const auto session = std::make_shared<MseSession>(MseSession::Parts{parts_.desk, metrics_, parts_.events},
                                                    principal.session, stream, codec, *std::move(admission));
  co_return http::accept_web_socket(request, kMseProtocol,
                                    [session](http::WebSocket& socket) { return session->serve(socket); });
}

}  // namespace jalousie::deliver
