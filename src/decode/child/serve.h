// The life of a decoder child: warm up, close the compartment, say Ready, then answer one request after the
// other until the server closes the socket. Between requests nothing of them is left.
#pragma once

#include <span>

#include "decode/child/picture_decoder.h"

namespace jalousie::decode {

using Draw = Drawn (*)(const RequestHeader& request, std::span<const ByteView> units);

/// Exit statuses.
inline constexpr int kEndedInOrder = 0;
inline constexpr int kNoCompartment = 70;    // a wall could not be closed, or the libraries do not work
inline constexpr int kServerMalformed = 71;  // the server sent what is no request

/// Serves descriptor 0; returns the exit status.
int serve(Draw draw);

/// All of `bytes` to descriptor 0; false when the server is gone.
bool send_all(ByteView bytes);

}  // namespace jalousie::decode
