// Header fields that every answer carries unless its handler set them. Private to http.
#pragma once

#include "http/message.h"

namespace jalousie::http {

/// Cache-Control: no-store and the security fields; Strict-Transport-Security when `secure`.
void add_defaults(Response& response, bool secure);

}  // namespace jalousie::http
