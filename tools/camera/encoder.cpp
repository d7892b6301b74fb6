#include "camera/encoder.h"

#include <cstdint>

#include <fmt/format.h>
#include <x264.h>

#include "identity/draw.h"

namespace jalousie::camera {
namespace {

struct CloseEncoder {
  void operator()(x264_t* encoder) const { x264_encoder_close(encoder); }
};

constexpr std::size_t kLengthBytes = 4;
constexpr std::uint8_t kSps = 7;
constexpr std::uint8_t kPps = 8;
// Frames behind a key frame would else be starved until the identity code in them cannot be read.
constexpr int kCoarsest = 38;
// For the rows of the code that change in every frame, in steps of the quantiser.
constexpr float kFiner = -5;

Result<x264_param_t> parameters_for(const EncoderSettings& settings) {
  x264_param_t parameters;
  if (x264_param_default_preset(&parameters, "superfast", "zerolatency") < 0) {
    return fail(ErrorKind::Internal, "libx264 knows no preset superfast");
  }
  parameters.i_log_level = X264_LOG_ERROR;
  parameters.i_threads = 1;
  parameters.b_sliced_threads = 0;
  parameters.i_width = static_cast<int>(settings.width);
  parameters.i_height = static_cast<int>(settings.height);
  parameters.i_csp = X264_CSP_I420;
  parameters.i_fps_num = settings.fps;
  parameters.i_fps_den = 1;
  parameters.b_vfr_input = 0;
  parameters.i_keyint_max = parameters.i_keyint_min = static_cast<int>(settings.gop_frames);
  parameters.i_scenecut_threshold = 0;
  parameters.i_bframe = 0;
  parameters.i_frame_reference = 1;
  parameters.b_repeat_headers = 1;
  parameters.b_annexb = 0;
  parameters.vui.b_fullrange = 0;
  parameters.vui.i_colorprim = parameters.vui.i_transfer = parameters.vui.i_colmatrix = 1;  // BT.709
  parameters.rc.i_rc_method = X264_RC_ABR;
  parameters.rc.i_bitrate = static_cast<int>(settings.kilobits_per_second);
  parameters.rc.i_vbv_max_bitrate = static_cast<int>(settings.kilobits_per_second);
  parameters.rc.i_vbv_buffer_size = static_cast<int>(2 * settings.kilobits_per_second);  // two seconds
  parameters.rc.i_qp_max = kCoarsest;
  if (x264_param_apply_profile(&parameters, "main") < 0)
    return fail(ErrorKind::Internal, "libx264 knows no profile main");
  return parameters;
}

/// Per macroblock of 16 x 16, by how much finer than the rest it is to be quantised.
std::vector<float> offsets_for(const EncoderSettings& settings) {
  const auto columns = (settings.width + 15) / 16, rows = (settings.height + 15) / 16;
  std::vector<float> offsets(columns * rows, 0.0F);
  for (const auto& [top, bottom] : identity::changing_rows(settings.height)) {
    for (auto row = top / 16; row <= (bottom - 1) / 16; ++row) {
      std::fill_n(offsets.begin() + static_cast<std::ptrdiff_t>(row * columns), columns, kFiner);
    }
  }
  return offsets;
}

}  // namespace

struct Encoder::Impl {
  std::unique_ptr<x264_t, CloseEncoder> encoder;
  std::vector<Buffer> parameter_sets;
  std::vector<float> offsets;
  std::int64_t next = 0;
};

Encoder::Encoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Encoder::~Encoder() = default;
const std::vector<Buffer>& Encoder::parameter_sets() const { return impl_->parameter_sets; }

Result<std::unique_ptr<Encoder>> Encoder::create(const EncoderSettings& settings) {
  // What libx264 itself would refuse, it leaks.
  constexpr std::size_t kMost = 8192;
  if (settings.width == 0 || settings.height == 0 || settings.width % 2 != 0 || settings.height % 2 != 0 ||
      settings.width > kMost || settings.height > kMost || settings.fps == 0) {
    return fail(ErrorKind::InvalidArgument,
                fmt::format("{}x{} at {} fps cannot be encoded: expected even sizes up to {} and a rate",
                            settings.width, settings.height, settings.fps, kMost));
  }
  TRY(auto parameters, parameters_for(settings));
  auto impl = std::make_unique<Impl>();
  impl->encoder.reset(x264_encoder_open(&parameters));
  if (!impl->encoder) {
    return fail(ErrorKind::InvalidArgument,
                fmt::format("libx264 refuses {}x{} at {} fps and {} kb/s", settings.width, settings.height,
                            settings.fps, settings.kilobits_per_second));
  }
  impl->offsets = offsets_for(settings);
  x264_nal_t* nals = nullptr;
  int count = 0;
  if (x264_encoder_headers(impl->encoder.get(), &nals, &count) < 0)
    return fail(ErrorKind::Internal, "libx264 gives no headers");
  for (const auto& nal : std::span(nals, static_cast<std::size_t>(count))) {
    const ByteView bytes(nal.p_payload + kLengthBytes,
                         static_cast<std::size_t>(nal.i_payload) - kLengthBytes);
    const auto type = bytes.front() & 0x1f;
    if (type == kSps || type == kPps) impl->parameter_sets.emplace_back(bytes.begin(), bytes.end());
  }
  return std::make_unique<Encoder>(std::move(impl));
}

Result<Encoder::Unit> Encoder::encode(Frame& frame) {
  x264_picture_t in;
  x264_picture_init(&in);
  in.i_pts = impl_->next++;
  in.prop.quant_offsets = impl_->offsets.data();  // libx264 reads them only
  in.img.i_csp = X264_CSP_I420;
  in.img.i_plane = 3;
  for (std::size_t i = 0; i < 3; ++i) {
    in.img.plane[i] = frame.plane(i);
    in.img.i_stride[i] = static_cast<int>(frame.stride(i));
  }
  x264_nal_t* nals = nullptr;
  int count = 0;
  x264_picture_t out;
  const auto size = x264_encoder_encode(impl_->encoder.get(), &nals, &count, &in, &out);
  if (size <= 0) return fail(ErrorKind::Internal, "libx264 gave no picture");
  return Unit{{nals[0].p_payload, static_cast<std::size_t>(size)}, out.b_keyframe != 0};
}

}  // namespace jalousie::camera
