#include "io/udp.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/limits.h"
#include "io/address.h"
#include "io/descriptor.h"
#include "io/errors.h"

namespace jalousie::io {

namespace {

constexpr std::size_t kReceiveBatch = 32;
// Batches taken per wake-up, so that a flood leaves room for the loop's other work.
constexpr int kBatchesPerTurn = 4;
constexpr std::size_t kSegments = 16;
// Of one segmented send: IPv6's largest UDP payload is 65,527 bytes; the kernel needs room for headers.
constexpr std::size_t kRunBytes = 65'000;
constexpr std::size_t kSendBatch = 64;  // packets per system call
constexpr int kBufferBytes = 4 << 20;   // a second of 32 Mb/s

void enlarge(int fd, int forced, int plain) {
  // The forced form passes the system's limit and needs a privilege; the plain one gets what is allowed.
  if (::setsockopt(fd, SOL_SOCKET, forced, &kBufferBytes, sizeof kBufferBytes) == 0) return;
  static_cast<void>(::setsockopt(fd, SOL_SOCKET, plain, &kBufferBytes, sizeof kBufferBytes));
}

// One recvmmsg's worth of room.
struct Intake {
  Intake() : bytes(kReceiveBatch * kRoom) {
    for (std::size_t i = 0; i < kReceiveBatch; ++i) vectors[i] = {bytes.data() + i * kRoom, kRoom};
  }
  static constexpr std::size_t kRoom = limits::kDatagramBytes;

  int take(int fd) {
    for (std::size_t i = 0; i < kReceiveBatch; ++i) {
      messages[i].msg_hdr = {};
      messages[i].msg_hdr.msg_name = &from[i];
      messages[i].msg_hdr.msg_namelen = sizeof from[i];
      messages[i].msg_hdr.msg_iov = &vectors[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    return ::recvmmsg(fd, messages.data(), kReceiveBatch, MSG_DONTWAIT, nullptr);
  }

  Buffer bytes;
  std::array<sockaddr_storage, kReceiveBatch> from{};
  std::array<iovec, kReceiveBatch> vectors{};
  std::array<mmsghdr, kReceiveBatch> messages{};
};

// The control message that asks for segmentation: udp(7), UDP_SEGMENT.
union SegmentControl {
  cmsghdr aligned;
  std::array<std::uint8_t, CMSG_SPACE(sizeof(std::uint16_t))> bytes;
};

// How many of `packets`, from the first, can go as one segmented send.
std::size_t run_length(std::span<const ByteView> packets) {
  const std::size_t size = packets.front().size();
  std::size_t total = size;
  std::size_t count = 1;
  if (size == 0) return 1;
  while (count < packets.size() && count < kSegments) {
    const std::size_t next = packets[count].size();
    if (next > size || next == 0 || total + next > kRunBytes) break;
    total += next;
    ++count;
    if (next < size) break;
  }
  return count;
}

// Messages for one sendmmsg: of one packet each, or of a run each.
struct Outgoing {
  std::size_t fill(const SocketAddress& to, std::span<const ByteView> packets, bool segmented) {
    messages_used = 0;
    std::size_t used = 0;
    while (used < packets.size() && used < kSendBatch) {
      const auto rest = packets.subspan(used, std::min(packets.size() - used, kSendBatch - used));
      const std::size_t count = segmented ? run_length(rest) : 1;
      msghdr& header = messages[messages_used].msg_hdr;
      header = {};
      header.msg_name = const_cast<sockaddr*>(to.get());
      header.msg_namelen = to.size;
      header.msg_iov = &vectors[used];
      header.msg_iovlen = count;
      for (std::size_t i = 0; i < count; ++i)
        vectors[used + i] = {const_cast<std::uint8_t*>(rest[i].data()), rest[i].size()};
      if (count > 1) ask_for_segments(header, static_cast<std::uint16_t>(rest[0].size()));
      counts[messages_used] = count;
      used += count;
      ++messages_used;
    }
    return used;
  }

  void ask_for_segments(msghdr& header, std::uint16_t size) {
    SegmentControl& control = controls[messages_used];
    control = {};
    header.msg_control = control.bytes.data();
    header.msg_controllen = sizeof control.bytes;
    cmsghdr* message = CMSG_FIRSTHDR(&header);
    message->cmsg_level = SOL_UDP;
    message->cmsg_type = UDP_SEGMENT;
    message->cmsg_len = CMSG_LEN(sizeof size);
    std::memcpy(CMSG_DATA(message), &size, sizeof size);
  }

  std::array<iovec, kSendBatch> vectors;
  std::array<SegmentControl, kSendBatch> controls;
  std::array<mmsghdr, kSendBatch> messages;
  std::array<std::size_t, kSendBatch> counts;  // packets in each message
  std::size_t messages_used = 0;
};

}  // namespace

struct UdpSocket::Impl : std::enable_shared_from_this<Impl> {
  std::unique_ptr<Descriptor> descriptor;
  Endpoint local;
  int family = AF_INET;
  Receiver receiver;
  Intake intake;
  std::atomic<bool> open = true;
  std::atomic<bool> segmentation = true;

  void drain();
  std::size_t send_batch(const SocketAddress& to, std::span<const ByteView> packets, bool segmented,
                         int& error);
};

void UdpSocket::Impl::drain() {
  const auto self = shared_from_this();  // the receiver may let go of the socket
  for (int batch = 0; batch < kBatchesPerTurn; ++batch) {
    const int got = intake.take(descriptor->fd());
    for (int i = 0; i < got; ++i) {
      const mmsghdr& message = intake.messages[static_cast<std::size_t>(i)];
      if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0) continue;
      const MutableBytes bytes(static_cast<std::uint8_t*>(message.msg_hdr.msg_iov->iov_base),
                               message.msg_len);
      receiver(bytes, to_endpoint(intake.from[static_cast<std::size_t>(i)]));
      if (!open) return;
    }
    if (got < static_cast<int>(kReceiveBatch)) return;
  }
}

// Sends the first packets of `packets` by one system call and returns how many went; `error` is why it was
// not more.
std::size_t UdpSocket::Impl::send_batch(const SocketAddress& to, std::span<const ByteView> packets,
                                        bool segmented, int& error) {
  Outgoing outgoing;
  outgoing.fill(to, packets, segmented);
  int sent = 0;
  do {
    sent = ::sendmmsg(descriptor->fd(), outgoing.messages.data(),
                      static_cast<unsigned>(outgoing.messages_used), MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  error = sent < 0 ? errno : 0;
  std::size_t packets_sent = 0;
  for (int i = 0; i < sent; ++i) packets_sent += outgoing.counts[static_cast<std::size_t>(i)];
  return packets_sent;
}

Result<std::unique_ptr<UdpSocket>> UdpSocket::bind(Loop& loop, const Endpoint& at) {
  const SocketAddress address = SocketAddress::of(at);
  const std::string context = fmt::format("UDP on {}", at.to_string());
  const int fd = ::socket(address.storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail_errno(errno, context);
  if (!at.is_v4()) {
    const int only = at.is_unspecified() ? 0 : 1;
    static_cast<void>(::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only));
  }
  enlarge(fd, SO_RCVBUFFORCE, SO_RCVBUF);
  enlarge(fd, SO_SNDBUFFORCE, SO_SNDBUF);
  if (::bind(fd, address.get(), address.size) != 0) {
    const int error = errno;
    ::close(fd);
    return fail_errno(error, context);
  }
  auto impl = std::make_shared<Impl>();
  TRY(impl->descriptor, Descriptor::open(loop, fd));
  impl->local = local_endpoint(fd);
  impl->family = address.storage.ss_family;
  return std::make_unique<UdpSocket>(std::move(impl));
}

UdpSocket::UdpSocket(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
UdpSocket::~UdpSocket() { close(); }
Endpoint UdpSocket::local() const { return impl_->local; }

void UdpSocket::receive(Receiver receiver) {
  JAL_ASSERT(!impl_->receiver);
  impl_->receiver = std::move(receiver);
  impl_->descriptor->watch([weak = std::weak_ptr(impl_)] {
    if (const auto impl = weak.lock()) impl->drain();
  });
}

std::size_t UdpSocket::send(const Endpoint& to, std::span<const ByteView> packets) {
  if (!impl_->open || (impl_->family == AF_INET && !to.is_v4())) return 0;
  const SocketAddress address = SocketAddress::of(to, impl_->family);
  std::size_t sent = 0;
  bool segmented = impl_->segmentation.load(std::memory_order_relaxed);
  while (sent < packets.size()) {
    int error = 0;
    sent += impl_->send_batch(address, packets.subspan(sent), segmented, error);
    if (error == 0) {
      continue;
    }
    if (!segmented) break;
    // EIO, EOPNOTSUPP: the device or kernel cannot. EINVAL, EMSGSIZE: not with this length on this path.
    if (error == EIO || error == EOPNOTSUPP || error == ENOPROTOOPT)
      impl_->segmentation = false;
    else if (error != EINVAL && error != EMSGSIZE)
      break;
    segmented = false;
  }
  return sent;
}

void UdpSocket::close() {
  impl_->open = false;
  impl_->descriptor->close(true);  // a sender on another thread may still use the descriptor
}

}  // namespace jalousie::io
