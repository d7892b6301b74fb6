// What the registry keeps of how a camera is reached, as ingest has it.
#pragma once

#include "ingest/source.h"
#include "registry/records.h"

namespace jalousie::app {

constexpr ingest::Transport transport_of(registry::Transport transport) {
  switch (transport) {
    case registry::Transport::Udp:
      return ingest::Transport::Udp;
    case registry::Transport::Http:
      return ingest::Transport::Http;
    case registry::Transport::Tcp:
      break;
  }
  return ingest::Transport::Tcp;
}

}  // namespace jalousie::app
