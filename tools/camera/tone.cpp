#include "camera/tone.h"

#include <cmath>
#include <cstring>
#include <numbers>

#include <fmt/format.h>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/channel_layout.h>
}

namespace jalousie::camera {
namespace {

struct Free {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};

struct Kind {
  const char* encoder;
  std::uint32_t rate;
  AVSampleFormat samples;
};

Kind kind_of(codec::AudioCodec codec) {
  switch (codec) {
    case codec::AudioCodec::Pcmu:
      return {"pcm_mulaw", 8'000, AV_SAMPLE_FMT_S16};
    case codec::AudioCodec::Pcma:
      return {"pcm_alaw", 8'000, AV_SAMPLE_FMT_S16};
    case codec::AudioCodec::Opus:
      return {"libopus", 48'000, AV_SAMPLE_FMT_S16};
    case codec::AudioCodec::Aac:
      break;
  }
  return {"aac", 16'000, AV_SAMPLE_FMT_FLTP};
}

constexpr std::int64_t kBitsPerSecond = 32'000;  // of Opus and AAC
constexpr double kAmplitude = 0.5;

}  // namespace

struct Tone::Impl {
  codec::AudioFormat format;
  unsigned hertz = 440;
  std::unique_ptr<AVCodecContext, Free> context;
  std::unique_ptr<AVFrame, Free> frame{av_frame_alloc()};
  std::unique_ptr<AVPacket, Free> packet{av_packet_alloc()};

  void draw(std::uint64_t number) const {
    const auto count = static_cast<std::uint64_t>(frame->nb_samples);
    for (std::uint64_t i = 0; i < count; ++i) {
      // Of whole turns only the rest counts: exact for years.
      const auto turn = (number * count + i) * hertz % format.rate;
      const double value = kAmplitude * std::sin(2 * std::numbers::pi * static_cast<double>(turn) /
                                                 static_cast<double>(format.rate));
      if (frame->format == AV_SAMPLE_FMT_S16) {
        const auto sample = static_cast<std::int16_t>(value * 32767);
        std::memcpy(frame->data[0] + i * sizeof sample, &sample, sizeof sample);
      } else {
        const auto sample = static_cast<float>(value);
        std::memcpy(frame->data[0] + i * sizeof sample, &sample, sizeof sample);
      }
    }
  }
};

Tone::Tone(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tone::~Tone() = default;

Result<std::unique_ptr<Tone>> Tone::create(codec::AudioCodec codec, unsigned hertz) {
  const Kind kind = kind_of(codec);
  auto impl = std::make_unique<Impl>();
  impl->hertz = hertz;
  impl->format = {codec, kind.rate, 1, {}};
  const AVCodec* encoder = avcodec_find_encoder_by_name(kind.encoder);
  if (encoder == nullptr)
    return fail(ErrorKind::Unsupported, fmt::format("libavcodec has no {}", kind.encoder));
  impl->context.reset(avcodec_alloc_context3(encoder));
  auto& context = *impl->context;
  context.sample_rate = static_cast<int>(kind.rate);
  context.sample_fmt = kind.samples;
  context.flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  if (codec == codec::AudioCodec::Opus || codec == codec::AudioCodec::Aac) context.bit_rate = kBitsPerSecond;
  av_channel_layout_default(&context.ch_layout, 1);
  if (avcodec_open2(&context, encoder, nullptr) < 0)
    return fail(ErrorKind::Unsupported, fmt::format("libavcodec's {} does not take a tone", kind.encoder));
  auto& frame = *impl->frame;
  frame.nb_samples = context.frame_size > 0 ? context.frame_size : static_cast<int>(kind.rate / 50);
  frame.format = context.sample_fmt;
  frame.sample_rate = context.sample_rate;
  av_channel_layout_copy(&frame.ch_layout, &context.ch_layout);
  if (av_frame_get_buffer(&frame, 0) < 0) return fail(ErrorKind::ResourceExhausted, "no memory for sound");
  if (codec == codec::AudioCodec::Aac)
    impl->format.config.assign(context.extradata, context.extradata + context.extradata_size);
  return std::make_unique<Tone>(std::move(impl));
}

const codec::AudioFormat& Tone::format() const { return impl_->format; }

std::uint32_t Tone::frame_ticks() const { return static_cast<std::uint32_t>(impl_->frame->nb_samples); }

Result<ByteView> Tone::encode(std::uint64_t number) {
  av_packet_unref(impl_->packet.get());
  // An encoder may need a frame or two before the first comes out.
  for (int attempt = 0; attempt < 4; ++attempt) {
    if (av_frame_make_writable(impl_->frame.get()) < 0) break;
    impl_->draw(number);
    if (avcodec_send_frame(impl_->context.get(), impl_->frame.get()) < 0) break;
    const int got = avcodec_receive_packet(impl_->context.get(), impl_->packet.get());
    if (got == 0) return ByteView(impl_->packet->data, static_cast<std::size_t>(impl_->packet->size));
    if (got != AVERROR(EAGAIN)) break;
  }
  return fail(ErrorKind::Internal, "sound could not be encoded");
}

}  // namespace jalousie::camera
