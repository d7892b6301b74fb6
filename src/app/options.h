// What was asked for on the command line, as plain values; main.cpp fills it, everything else reads it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"

namespace jalousie::app {

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
  log::Level log_level = log::Level::Info;
  log::Format log_format = log::Format::Text;
  std::string log_file;
};

struct HomeOptions {
  std::string name;
  std::string owner;
  bool quiet = false;
};

struct UserOptions {
  std::string name;
  std::string home;  // id or name
  std::string role = "member";
  std::string base_url = "http://127.0.0.1:8480";
};

struct CameraOptions {
  std::string home;  // id or name; empty with first_home
  bool first_home = false;
  std::string name;
  std::string url;
  std::string sub_url;
  bool url_from_stdin = false;
  std::string user;
  std::string password_file;
  std::string transport = "tcp";
  bool skip_known = false;
  bool probe = false;
  std::string id;
  bool quiet = false;
};

struct LedgerOptions {
  bool quiet = false;
};

}  // namespace jalousie::app
