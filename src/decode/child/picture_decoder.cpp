#include "decode/child/picture_decoder.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>

#include "base/limits.h"
#include "decode/child/jpeg.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/log.h>
}

namespace jalousie::decode {

namespace {

using SteadyClock = std::chrono::steady_clock;

struct Release {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
using Context = std::unique_ptr<AVCodecContext, Release>;
using Frame = std::unique_ptr<AVFrame, Release>;
using Packet = std::unique_ptr<AVPacket, Release>;

AVCodecID id_of(Codec codec) {
  switch (codec) {
    case Codec::H264:
      return AV_CODEC_ID_H264;
    case Codec::H265:
      return AV_CODEC_ID_HEVC;
    case Codec::Mjpeg:
      return AV_CODEC_ID_MJPEG;
  }
  return AV_CODEC_ID_NONE;
}

Context open(Codec codec) {
  const AVCodec* const found = avcodec_find_decoder(id_of(codec));
  if (found == nullptr) return nullptr;
  Context context(avcodec_alloc_context3(found));
  if (!context) return nullptr;
  context->thread_count = 1;
  context->max_pixels = static_cast<std::int64_t>(limits::kDecodedSamples);
  context->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER;
  return avcodec_open2(context.get(), found, nullptr) == 0 ? std::move(context) : nullptr;
}

/// Length-prefixed NAL units become a byte stream with start codes, which are as long. False where the
/// lengths do not fit.
bool to_annex_b(MutableBytes unit) {
  static constexpr std::array<std::uint8_t, 4> kStartCode{0, 0, 0, 1};
  while (!unit.empty()) {
    if (unit.size() < kStartCode.size()) return false;
    const std::size_t length = ByteReader(unit).u32();
    std::ranges::copy(kStartCode, unit.begin());
    unit = unit.subspan(kStartCode.size());
    if (length > unit.size()) return false;
    unit = unit.subspan(length);
  }
  return true;
}

/// A decoder with the newest picture that came out of it.
class Decoding {
 public:
  explicit Decoding(Codec codec)
      : codec_(codec), context_(open(codec)), packet_(av_packet_alloc()), next_(av_frame_alloc()) {}

  bool is_open() const { return context_ && packet_ && next_; }
  const AVFrame* newest() const { return newest_.get(); }

  /// False at the first damage: pictures behind it are made of it.
  bool feed(ByteView unit, std::uint16_t index, bool is_last) {
    if (av_new_packet(packet_.get(), static_cast<int>(unit.size())) != 0) return false;
    std::memcpy(packet_->data, unit.data(), unit.size());
    if (codec_ != Codec::Mjpeg && !to_annex_b({packet_->data, unit.size()})) return false;
    packet_->pts = packet_->dts = index;
    // What nobody refers to is worth its time only as the picture to be shown.
    context_->skip_frame = is_last ? AVDISCARD_DEFAULT : AVDISCARD_NONREF;
    const int sent = avcodec_send_packet(context_.get(), packet_.get());
    std::memset(packet_->data, 0, unit.size());
    av_packet_unref(packet_.get());
    return sent == 0 && receive();
  }
  /// What the decoder has held back for the order of pictures.
  void finish() {
    if (avcodec_send_packet(context_.get(), nullptr) == 0) static_cast<void>(receive());
  }

 private:
  bool receive() {
    for (;;) {
      const int got = avcodec_receive_frame(context_.get(), next_.get());
      if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) return true;
      if (got != 0) return false;
      if (next_->decode_error_flags != 0 || (next_->flags & AV_FRAME_FLAG_CORRUPT) != 0) return false;
      std::swap(newest_, next_);
      next_.reset(av_frame_alloc());
      if (!next_) return false;
    }
  }

  Codec codec_;
  Context context_;
  Packet packet_;
  Frame next_;
  Frame newest_;
};

}  // namespace

Drawn draw(const RequestHeader& request, std::span<const ByteView> units) {
  const auto until = SteadyClock::now() + std::chrono::milliseconds(request.work_limit_ms);
  Decoding decoding(request.codec);
  if (!decoding.is_open()) return {.outcome = Outcome::Unsupported, .jpeg = {}};
  bool whole = true;
  for (std::size_t i = 0; whole && i < units.size(); ++i) {
    const bool in_time = SteadyClock::now() < until;
    if (!in_time && decoding.newest() != nullptr) break;
    whole = decoding.feed(units[i], static_cast<std::uint16_t>(i), i + 1 == units.size());
  }
  if (whole) decoding.finish();
  const AVFrame* const frame = decoding.newest();
  if (frame == nullptr || frame->pts < 0 || frame->pts >= static_cast<std::int64_t>(units.size())) return {};
  Drawn drawn = encode_jpeg(*frame, request.width);
  drawn.unit = static_cast<std::uint16_t>(drawn.outcome == Outcome::Picture ? frame->pts : 0);
  return drawn;
}

bool warm_up() {
  av_log_set_callback([](void*, int, const char*, va_list) {});
  const bool has_h264 = open(Codec::H264) != nullptr;
  static_cast<void>(open(Codec::H265));
  static_cast<void>(open(Codec::Mjpeg));
  Frame frame(av_frame_alloc());
  if (!frame) return false;
  frame->width = 64;
  frame->height = 64;
  frame->format = AV_PIX_FMT_YUV420P;
  if (av_frame_get_buffer(frame.get(), 0) != 0) return false;
  for (int plane = 0; plane < 3; ++plane)
    std::memset(frame->data[plane], 128, static_cast<std::size_t>(frame->linesize[plane]) * 32);
  const Drawn drawn = encode_jpeg(*frame, 32);
  if (!has_h264 || drawn.outcome != Outcome::Picture) return false;
  // A JPEG is at hand: one decoder goes all the way.
  const ByteView unit(drawn.jpeg);
  RequestHeader request{.number = 1, .codec = Codec::Mjpeg, .units = 1, .work_limit_ms = 1000};
  static_cast<void>(draw(request, {&unit, 1}));
  return true;
}

}  // namespace jalousie::decode
