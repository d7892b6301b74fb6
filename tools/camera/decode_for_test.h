// For tests: H.264 units of the encoder back to brightness, by libavcodec.
#pragma once

#include <memory>
#include <optional>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "camera/canvas.h"
#include "identity/luma.h"

extern "C" {
#include <libavcodec/avcodec.h>
}

namespace jalousie::camera {

class TestDecoder {
 public:
  TestDecoder() : context_(avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_H264))) {
    context_->thread_count = 1;
    context_->flags |= AV_CODEC_FLAG_LOW_DELAY;
    EXPECT_EQ(avcodec_open2(context_, nullptr, nullptr), 0);
  }
  ~TestDecoder() {
    avcodec_free_context(&context_);
    av_frame_free(&frame_);
    av_packet_free(&packet_);
  }
  TestDecoder(const TestDecoder&) = delete;
  TestDecoder& operator=(const TestDecoder&) = delete;

  /// `unit` with 4-byte lengths. The picture is good until the next call.
  std::optional<identity::LumaView> decode(ByteView unit) {
    Buffer stream;
    ByteReader reader(unit);
    while (reader.ok() && reader.remaining() > 0) {
      const auto nal = reader.bytes(reader.u32());
      stream.insert(stream.end(), {0, 0, 0, 1});
      stream.insert(stream.end(), nal.begin(), nal.end());
    }
    av_new_packet(packet_, static_cast<int>(stream.size()));
    std::copy(stream.begin(), stream.end(), packet_->data);
    const auto sent = avcodec_send_packet(context_, packet_);
    av_packet_unref(packet_);
    if (sent != 0 || avcodec_receive_frame(context_, frame_) != 0) return std::nullopt;
    const auto width = static_cast<std::size_t>(frame_->width),
               height = static_cast<std::size_t>(frame_->height);
    const auto stride = static_cast<std::size_t>(frame_->linesize[0]);
    return identity::LumaView{width, height, stride, {frame_->data[0], stride * height}};
  }

 private:
  AVCodecContext* context_;
  AVFrame* frame_ = av_frame_alloc();
  AVPacket* packet_ = av_packet_alloc();
};

}  // namespace jalousie::camera
