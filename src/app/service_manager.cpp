#include "app/service_manager.h"

#include <cstdlib>
#include <ctime>
#include <systemd/sd-daemon.h>

#include <fmt/format.h>

namespace jalousie::app {

void tell_ready(const std::string& status) {
  sd_notify(0, fmt::format("READY=1\nSTATUS={}", status).c_str());
}

void tell_reloading() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  sd_notify(
      0, fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now.tv_sec * 1'000'000 + now.tv_nsec / 1000).c_str());
}

void tell_stopping() { sd_notify(0, "STOPPING=1"); }

bool is_output_kept() { return std::getenv("JOURNAL_STREAM") != nullptr; }

}  // namespace jalousie::app
