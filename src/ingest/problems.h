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
Problem nothing_there();
Problem bad_url(const Error& error);
Problem encrypted_rtsp();
Problem connection_cut();
Problem no_packets(Transport transport);
Problem stalled();
/// Packets are lost on the way, in every GOP.
Problem damaged(Transport transport);
Problem no_key_frame(Microseconds waited);
Problem no_parameter_sets();
Problem over_limit(const Error& error);
Problem no_udp_ports();
Problem cannot_seal();

}  // namespace jalousie::ingest::problems
