// What went wrong, in the owner's words. Private to ingest.
#pragma once

#include <string>

#include "base/result.h"
#include "ingest/source.h"
#include "ingest/status.h"
#include "rtsp/failure.h"

namespace jalousie::ingest::problems {

Problem of(const rtsp::Failure& failure, Transport transport);
/// connect_tcp() failed.
Problem unreachable(const Error& error, const std::string& host, std::uint16_t port);
/// The address is one that its owner may not lead to.
Problem not_allowed();
/// One answer for whatever is there that is no camera: what listens at an address is not for owners to find
/// out.
Problem nothing_there(Transport transport);
Problem bad_url(const Error& error);
/// connect_tls() failed.
Problem no_tls(const Error& error);
Problem certificate_changed(const std::string& fingerprint);
Problem certificate_of_redirect(const std::string& host);
/// One half of the tunnel was answered with `status`, or not with HTTP (0).
Problem no_tunnel(int status);
Problem redirected_too_often();
/// A redirect leads to where not_allowed() is the answer.
Problem redirected_out_of_reach(const std::string& host);
Problem redirected_to_clear(const std::string& host);
Problem stranger_asks_password(const std::string& host);
Problem neither_transport();
/// Pictures come, by another transport than the owner chose.
std::string other_transport(Transport wanted);
/// Pictures come, and sound is not asked for.
std::string without_sound();
Problem connection_cut();
Problem no_packets(Transport transport);
Problem stalled();
/// Packets are lost on the way, in every GOP.
Problem damaged(Transport transport);
Problem no_key_frame(Microseconds waited);
Problem no_parameter_sets();
Problem over_limit(const Error& error);
/// The depacketizer does not take what the camera sends, for the reason that it gives.
Problem not_read(const Error& error);
Problem no_udp_ports();
Problem cannot_seal();

}  // namespace jalousie::ingest::problems
