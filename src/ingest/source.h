// Where a camera's pictures and sound come from, as its owner entered it.
#pragma once

#include <string>

#include "base/endpoint.h"
#include "base/time.h"

namespace jalousie::ingest {

enum class Transport : std::uint8_t {
  Tcp,   // RTP between the messages of the connection
  Udp,   // RTP to ports of ours; over rtsps like Tcp, since it would travel in the clear
  Http,  // like Tcp, and the connection through HTTP (rtsp/tunnel.h)
};

/// Which addresses a camera may be at (docs/guide/operation.md, "Which addresses cameras may have").
enum class Reach : std::uint8_t {
  Network,             // neither this machine's own, nor such as no camera in a network has
  NetworkAndLoopback,  // this machine's own too
  Anywhere,
};
/// Of an address that a name was resolved to, or that was written down.
bool may_reach(Reach reach, const Endpoint& address);
/// Of a connection that was made: by any address of its own, in the network too, this machine is itself.
bool may_stay(Reach reach, const Endpoint& local, const Endpoint& peer);

/// Every copy is wiped when it goes: there may be passwords in the URL too.
struct Source {
  ~Source();
  // rtsp[s]://host[:port]/path; credentials in it count where the two fields below are empty.
  std::string url{};
  std::string username{};
  std::string password{};
  Transport transport = Transport::Tcp;
  // SHA-256 of the certificate that was met first over TLS, hex; empty: none yet, and the next is trusted.
  std::string certificate{};
  bool sound = true;              // false: it is not even asked for
  Reach reach = Reach::Anywhere;  // its caller's to say, who knows who entered it
  // Of where a camera that may be anywhere sends its viewers: as that of any camera that an owner enters.
  Reach reach_elsewhere = Reach::Network;
};

void wipe_text(std::string& text);

/// How long to wait for what. Production takes the defaults; tests shorten them.
struct Timing {
  Microseconds connect = Seconds(8);
  // A stall is noticed after two GOPs, at most `stall`, at least `stall_least` (Wi-Fi pauses that long), and
  // never before three of the camera's own frame intervals have passed.
  Microseconds stall = Seconds(4);
  Microseconds stall_least = Seconds(1);
  // Silence that ends the connection: one that died without a word does not come back by waiting.
  Microseconds silence = Seconds(10);
  // GOPs of 30 s exist.
  Microseconds no_key_frame = Seconds(35);
  Microseconds backoff_first = Milliseconds(500);
  Microseconds backoff_most = Seconds(30);
  // So long must pictures have come for the next back-off to begin anew.
  Microseconds backoff_reset = Seconds(30);
  // A session that has lived so long and was forgotten by its camera is begun anew at once.
  Microseconds session_lost_least = Seconds(10);
  // A camera that hung up over its sound is asked for it again by the first connection after this long: it
  // may have been the network.
  Microseconds sound_again = Seconds(600);
  // Cameras lock an account after 5 to 7 wrong passwords; what was refused will be refused again.
  Microseconds wrong_password = Seconds(300);
};

}  // namespace jalousie::ingest
