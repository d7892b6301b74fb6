// What the server and its commands are told, as plain values; settings.h says who may say each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/log.h"

namespace jalousie::config {

struct CommonOptions {
  std::string data;      // folder
  std::string root_key;  // file
};

struct ServeOptions {
  std::string listen = "127.0.0.1:8480";
  std::uint16_t media_port = 8480;
  std::string media_address;  // told to viewers in place of the address that they reached; for NAT
  std::string tls_certificate;
  std::string tls_key;
  std::vector<std::string> host_names;
  std::string public_url;  // how people reach the page, for links; empty: worked out from what it listens on
  bool allow_loopback_cameras = false;
  std::size_t loops = 0;  // 0: one per core
  log::Levels log_levels;
  log::Format log_format = log::Format::Text;
  std::string log_file;
};

struct Options {
  CommonOptions common;
  ServeOptions serve;
};

}  // namespace jalousie::config
