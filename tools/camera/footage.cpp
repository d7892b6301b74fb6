#include "camera/footage.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>
}

namespace jalousie::camera {
namespace {

struct FreeFormat {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
struct FreeCodec {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct FreeFrame {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct FreePacket {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};

/// Eight bits per sample in three planes, or one: what cameras and their files have.
bool is_planar_yuv(AVPixelFormat format) {
  const auto* description = av_pix_fmt_desc_get(format);
  if (description == nullptr || (description->flags & AV_PIX_FMT_FLAG_RGB) != 0) return false;
  for (int i = 0; i < description->nb_components; ++i) {
    const auto& component = description->comp[i];
    if (component.depth != 8 || component.step != 1 || component.plane != i) return false;
  }
  return description->nb_components == 1 || description->nb_components == 3;
}

struct Plane {
  const std::uint8_t* bytes;
  std::size_t width, height;
  std::ptrdiff_t stride;
};

struct Tap {
  std::size_t at;   // of the first of two neighbours
  unsigned weight;  // of the second, of 256
};

/// For each target sample where it lies in `length` source samples, of which `used` in the middle are shown.
std::vector<Tap> taps(std::size_t length, double used, std::size_t target) {
  std::vector<Tap> result(target);
  const auto start = (static_cast<double>(length) - used) / 2;
  const auto step = used / static_cast<double>(target);
  for (std::size_t i = 0; i < target; ++i) {
    const auto at =
        std::clamp(start + (static_cast<double>(i) + 0.5) * step - 0.5, 0.0, static_cast<double>(length - 1));
    const auto whole = std::min(static_cast<std::size_t>(at), length < 2 ? 0 : length - 2);
    result[i] = {whole, static_cast<unsigned>((at - static_cast<double>(whole)) * 256)};
  }
  return result;
}

/// Bilinear, cropped to the target's proportions.
void scale(const Plane& from, std::uint8_t* to, std::size_t width, std::size_t height, double used_x,
           double used_y) {
  const auto columns = taps(from.width, used_x * static_cast<double>(from.width), width);
  const auto rows = taps(from.height, used_y * static_cast<double>(from.height), height);
  for (std::size_t y = 0; y < height; ++y) {
    const auto* upper = from.bytes + static_cast<std::ptrdiff_t>(rows[y].at) * from.stride;
    const auto* lower = from.height < 2 ? upper : upper + from.stride;
    for (std::size_t x = 0; x < width; ++x) {
      const auto [at, weight] = columns[x];
      const auto next = from.width < 2 ? at : at + 1;
      const auto above = upper[at] * (256 - weight) + upper[next] * weight;
      const auto below = lower[at] * (256 - weight) + lower[next] * weight;
      to[y * width + x] =
          static_cast<std::uint8_t>((above * (256 - rows[y].weight) + below * rows[y].weight + 32768) >> 16);
    }
  }
}

}  // namespace

struct Footage::Impl {
  std::unique_ptr<AVFormatContext, FreeFormat> format;
  std::unique_ptr<AVCodecContext, FreeCodec> codec;
  std::unique_ptr<AVFrame, FreeFrame> decoded{av_frame_alloc()};
  std::unique_ptr<AVPacket, FreePacket> packet{av_packet_alloc()};
  int stream = 0;
  double seconds_per_tick = 0;
  double first_second = 0;  // of the first picture: files need not begin at 0
  double length = 0;        // seconds
  unsigned fps = 25;
  Frame shown;
  double shown_until = -1;  // the position whose picture `shown` is, or later; negative: nothing yet
  bool ended = false;

  Result<> open(const std::string& path);
  Result<> open_codec(const AVCodec& decoder);
  bool decode();
  void show();
  void seek(double position);
  double position_of_decoded() const {
    return static_cast<double>(decoded->best_effort_timestamp) * seconds_per_tick - first_second;
  }
};

Result<> Footage::Impl::open(const std::string& path) {
  AVFormatContext* opened = nullptr;
  if (avformat_open_input(&opened, path.c_str(), nullptr, nullptr) < 0) {
    return fail(ErrorKind::NotFound, fmt::format("{}: not found, or no video file", path));
  }
  format.reset(opened);
  const AVCodec* decoder = nullptr;
  if (avformat_find_stream_info(opened, nullptr) < 0 ||
      (stream = av_find_best_stream(opened, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0)) < 0 ||
      decoder == nullptr) {
    return fail(ErrorKind::Unsupported, fmt::format("{}: holds no video that can be decoded", path));
  }
  if (auto done = open_codec(*decoder); !done) return std::unexpected(std::move(done).error().within(path));
  length = opened->duration > 0 ? static_cast<double>(opened->duration) / AV_TIME_BASE : 0;
  if (length <= 0)
    return fail(ErrorKind::Unsupported,
                fmt::format("{}: does not say how long it is; put it into MP4", path));
  seconds_per_tick = av_q2d(opened->streams[stream]->time_base);
  if (!decode()) return fail(ErrorKind::Unsupported, fmt::format("{}: not one picture can be decoded", path));
  first_second = static_cast<double>(decoded->best_effort_timestamp) * seconds_per_tick;
  if (!is_planar_yuv(static_cast<AVPixelFormat>(decoded->format))) {
    return fail(ErrorKind::Unsupported, fmt::format("{}: its pixels are not planar 8-bit YUV", path));
  }
  show();
  return {};
}

Result<> Footage::Impl::open_codec(const AVCodec& decoder) {
  codec.reset(avcodec_alloc_context3(&decoder));
  const auto* parameters = format->streams[stream]->codecpar;
  if (codec == nullptr || avcodec_parameters_to_context(codec.get(), parameters) < 0) {
    return fail(ErrorKind::Unsupported, "its video cannot be decoded");
  }
  codec->thread_count = 1;
  if (avcodec_open2(codec.get(), &decoder, nullptr) < 0)
    return fail(ErrorKind::Unsupported, "its video cannot be decoded");
  return {};
}

/// The next picture; false at the end of the file. Damaged packets are stepped over.
bool Footage::Impl::decode() {
  while (true) {
    const auto got = avcodec_receive_frame(codec.get(), decoded.get());
    if (got == 0) {
      if (decoded->best_effort_timestamp != AV_NOPTS_VALUE) return true;
      continue;
    }
    if (got == AVERROR_EOF) return false;
    if (av_read_frame(format.get(), packet.get()) < 0) {
      if (avcodec_send_packet(codec.get(), nullptr) < 0) return false;
      continue;
    }
    if (packet->stream_index == stream) avcodec_send_packet(codec.get(), packet.get());
    av_packet_unref(packet.get());
  }
}

void Footage::Impl::show() {
  const auto source_format = static_cast<AVPixelFormat>(decoded->format);
  if (!is_planar_yuv(source_format)) return;  // changed in mid-file
  const auto* description = av_pix_fmt_desc_get(source_format);
  const auto source_width = static_cast<double>(decoded->width),
             source_height = static_cast<double>(decoded->height);
  const auto wanted = static_cast<double>(shown.width) / static_cast<double>(shown.height);
  const auto used_x = std::min(1.0, source_height * wanted / source_width);
  const auto used_y = std::min(1.0, source_width / wanted / source_height);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto width = shown.stride(i), height = shown.rows(i);
    if (static_cast<int>(i) >= description->nb_components) {
      std::fill_n(shown.plane(i), width * height, std::uint8_t{128});
      continue;
    }
    const auto shrink_x = i == 0 ? 0 : description->log2_chroma_w,
               shrink_y = i == 0 ? 0 : description->log2_chroma_h;
    const Plane plane{
        decoded->data[i], static_cast<std::size_t>((decoded->width + (1 << shrink_x) - 1) >> shrink_x),
        static_cast<std::size_t>((decoded->height + (1 << shrink_y) - 1) >> shrink_y), decoded->linesize[i]};
    scale(plane, shown.plane(i), width, height, used_x, used_y);
  }
}

void Footage::Impl::seek(double position) {
  const auto ticks = static_cast<std::int64_t>((position + first_second) / seconds_per_tick);
  if (av_seek_frame(format.get(), stream, ticks, AVSEEK_FLAG_BACKWARD) < 0) {
    av_seek_frame(format.get(), stream, 0, AVSEEK_FLAG_BACKWARD | AVSEEK_FLAG_ANY);
  }
  avcodec_flush_buffers(codec.get());
  ended = false;
}

Footage::Footage(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Footage::~Footage() = default;

Result<std::unique_ptr<Footage>> Footage::open(const std::string& path, std::size_t width, std::size_t height,
                                               unsigned fps) {
  av_log_set_level(AV_LOG_QUIET);
  auto impl = std::make_unique<Impl>();
  impl->fps = fps;
  impl->shown = Frame(width, height);
  TRY_VOID(impl->open(path));
  return std::make_unique<Footage>(std::move(impl));
}

const Frame& Footage::picture(std::uint64_t number) {
  auto& self = *impl_;
  const auto position = std::fmod(static_cast<double>(number) / self.fps, self.length);
  constexpr double kFarAhead = 5;  // rather seek than decode that much
  if (self.shown_until < 0 || position < self.shown_until - 1 || position > self.shown_until + kFarAhead) {
    self.seek(position);
    self.shown_until = -1;
  }
  bool fresh = false;
  while (!self.ended && self.shown_until < position) {
    if (!self.decode()) {
      self.ended = true;
      break;
    }
    self.shown_until = self.position_of_decoded();
    fresh = true;
  }
  if (fresh) self.show();
  if (self.ended || self.shown_until < 0) self.shown_until = position;
  return self.shown;
}

}  // namespace jalousie::camera
