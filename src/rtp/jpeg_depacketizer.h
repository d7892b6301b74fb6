// RTP packets of one MJPEG stream to whole JFIF images: RFC 2435, types 0 and 1 (4:2:2 and 4:2:0), 64 and 65
// (the same with restart markers), tables by Q and in-band. Progressive, other samplings and types of a
// camera's own are Unsupported, and so are images above 2040 pixels whose size is not in the SDP.
//
//     0                   1                   2                   3
//    | type-specific |              fragment offset                  |
//    |      type     |       Q       |     width/8   |   height/8    |
//    | restart interval              |F|L|  restart count            |  types 64 to 127
//    |      MBZ      |   precision   |             length            |  Q of 128 and more, offset 0
//    |                    quantization tables ...                    |
//
//   push(packet); while (auto unit = pull()) ...
//
// Every image stands alone; one that lost a packet is not passed on. Packets must come in order (over UDP:
// from a ReorderBuffer). One loop; memory is kept for the next image and wiped at the end.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "base/result.h"
#include "codec/jpeg.h"
#include "codec/wiped_buffer.h"
#include "rtp/packet.h"
#include "rtp/packet_order.h"
#include "rtp/video_depacketizer.h"

namespace jalousie::rtp {

class JpegDepacketizer final : public VideoDepacketizer {
 public:
  /// What the SDP says of images that are too large for the packets' own fields.
  void set_size(codec::JpegSize size) { described_size_ = size; }

  /// Unsupported for what is named above.
  Result<> push(const PacketView& packet) override;
  std::optional<VideoUnit> pull() override;

  bool waiting_for_key_frame() const override { return !format_; }
  const std::optional<codec::VideoFormat>& format() const override { return format_; }
  const Stats& stats() const override { return stats_; }

 private:
  /// What is the same in all fragments of an image.
  struct Parameters {
    std::uint8_t type = 0;
    std::uint8_t q = 0;
    codec::JpegSize size;
    std::uint16_t restart_interval = 0;
    friend bool operator==(const Parameters&, const Parameters&) = default;
  };
  struct Tables {
    std::uint8_t precision = 0;  // a bit a table: 16 bits each
    Buffer bytes;
  };
  Result<> handle(ByteView payload, bool is_last);
  Result<Parameters> read_parameters(ByteReader& reader, std::uint8_t type, std::uint8_t q) const;
  Result<const Tables*> read_tables(ByteReader& reader, std::uint8_t q);
  void begin(const Parameters& parameters, const Tables& tables);
  void write_tables(const Tables& tables);
  void finish();
  void drop();

  std::optional<codec::JpegSize> described_size_;
  std::optional<codec::VideoFormat> format_;
  std::map<std::uint8_t, Tables> tables_;  // of Q 1 to 254
  PacketOrder order_;
  TimestampUnwrapper timestamps_;
  codec::WipedBuffer image_;
  std::size_t scan_at_ = 0;  // in image_
  std::optional<Parameters> open_;
  std::int64_t timestamp_ = 0;
  bool ready_ = false;
  bool gap_pending_ = false;
  bool gap_before_ = false;  // of the image that is ready
  Stats stats_;
};

}  // namespace jalousie::rtp
