#include "decode/child/jpeg.h"

#include <algorithm>
#include <memory>
#include <turbojpeg.h>

#include "base/limits.h"

extern "C" {
#include <libavutil/frame.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

namespace jalousie::decode {

namespace {

constexpr std::size_t kRgbBytes = 3;
// Good to look at, a tenth of a picture's bytes; the second where the first is too large.
constexpr std::array<int, 2> kQualities{82, 50};

struct Release {
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
  void operator()(void* jpeg) const { tjDestroy(jpeg); }
};

/// Bytes of one decoded picture, wiped when they go.
struct Pixels {
  explicit Pixels(std::size_t size)
      : bytes(std::make_unique_for_overwrite<std::uint8_t[]>(size)), count(size) {}
  Pixels(const Pixels&) = delete;
  Pixels& operator=(const Pixels&) = delete;
  ~Pixels() { wipe({bytes.get(), count}); }
  std::unique_ptr<std::uint8_t[]> bytes;
  std::size_t count;
};

/// The matrix that the stream names; else what encoders mean who name none, by the picture's height.
int matrix_of(const AVFrame& frame) {
  switch (frame.colorspace) {
    case AVCOL_SPC_BT709:
      return SWS_CS_ITU709;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
      return SWS_CS_BT2020;
    case AVCOL_SPC_UNSPECIFIED:
      return frame.height >= 720 ? SWS_CS_ITU709 : SWS_CS_ITU601;
    default:
      return SWS_CS_ITU601;
  }
}

bool is_full_range(const AVFrame& frame) {
  switch (frame.format) {
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ444P:
      return true;
    default:
      return frame.color_range == AVCOL_RANGE_JPEG;
  }
}

bool scale(const AVFrame& frame, int width, int height, std::uint8_t* rgb) {
  const std::unique_ptr<SwsContext, Release> scaler(
      sws_getContext(frame.width, frame.height, static_cast<AVPixelFormat>(frame.format), width, height,
                     AV_PIX_FMT_RGB24, SWS_AREA | SWS_ACCURATE_RND, nullptr, nullptr, nullptr));
  if (!scaler) return false;
  const int* const matrix = sws_getCoefficients(matrix_of(frame));
  // Formats that are RGB already have no matrix: then this says no, and there is nothing to set.
  static_cast<void>(sws_setColorspaceDetails(scaler.get(), matrix, is_full_range(frame) ? 1 : 0,
                                             sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16));
  std::uint8_t* const planes[] = {rgb};
  const int strides[] = {width * static_cast<int>(kRgbBytes)};
  return sws_scale(scaler.get(), frame.data, frame.linesize, 0, frame.height, planes, strides) == height;
}

}  // namespace

Drawn encode_jpeg(const AVFrame& frame, std::uint16_t width) {
  const auto samples = static_cast<std::uint64_t>(std::max(frame.width, 0)) *
                       static_cast<std::uint64_t>(std::max(frame.height, 0));
  if (samples == 0) return {};
  if (samples > limits::kDecodedSamples || frame.width > UINT16_MAX || frame.height > UINT16_MAX)
    return {.outcome = Outcome::TooLarge, .jpeg = {}};
  const int to_width = width == 0 ? frame.width : std::min<int>(width, frame.width);
  const auto to_height = static_cast<int>(
      std::max<std::int64_t>(1, (std::int64_t{frame.height} * to_width + frame.width / 2) / frame.width));

  const Pixels rgb(static_cast<std::size_t>(to_width) * static_cast<std::size_t>(to_height) * kRgbBytes);
  if (!scale(frame, to_width, to_height, rgb.bytes.get())) return {};
  const std::unique_ptr<void, Release> encoder(tjInitCompress());
  if (!encoder) return {};
  const Pixels jpeg(tjBufSize(to_width, to_height, TJSAMP_420));
  for (const int quality : kQualities) {
    unsigned char* target = jpeg.bytes.get();
    unsigned long size = jpeg.count;
    if (tjCompress2(encoder.get(), rgb.bytes.get(), to_width, 0, to_height, TJPF_RGB, &target, &size,
                    TJSAMP_420, quality, TJFLAG_NOREALLOC) != 0) {
      return {};
    }
    if (size > limits::kStillJpegBytes) continue;
    return {.outcome = Outcome::Picture,
            .width = static_cast<std::uint16_t>(to_width),
            .height = static_cast<std::uint16_t>(to_height),
            .jpeg = Buffer(target, target + size)};
  }
  return {.outcome = Outcome::TooLarge, .jpeg = {}};
}

}  // namespace jalousie::decode
