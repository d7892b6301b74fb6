// systemd, where it started us: how we are (sd_notify(3)), and whether it keeps what we print. Elsewhere
// nothing.
#pragma once

#include <string>

namespace jalousie::app {

/// From here on people are served: at the start, and after what reloading() began.
void tell_ready(const std::string& status);
void tell_reloading();
void tell_stopping();

/// What we print goes into a journal that stays (systemd.exec(5), $JOURNAL_STREAM), so that no secret may be
/// in it.
bool is_output_kept();

}  // namespace jalousie::app
