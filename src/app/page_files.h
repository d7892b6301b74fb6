// The page's embedded files over HTTP. They are the same for everybody, so they may be cached; what differs
// by person comes from the API.
#pragma once

#include "http/router.h"

namespace jalousie::app {

/// Everything that no route answers: a file of the page, or, for an address of the page's own, the page.
/// Unknown addresses under /api stay 404.
void add_page(http::Router& router);

}  // namespace jalousie::app
