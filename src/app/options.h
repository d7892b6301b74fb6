// What the commands were asked for on the command line, as plain values; main.cpp fills them.
#pragma once

#include <string>

#include "config/options.h"

namespace jalousie::app {

using config::CommonOptions;
using config::ServeOptions;

struct HomeOptions {
  std::string name;
  std::string owner;
  bool quiet = false;
};

struct UserOptions {
  std::string name;
  std::string home;  // id or name
  std::string role = "member";
  std::string base_url;  // empty: as the server had it when it started last
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

struct ImportOptions {
  std::string from;  // "go2rtc", "frigate", "mediamtx"
  std::string file;
  std::string home;  // id or name; empty with first_home
  bool first_home = false;
  bool dry_run = false;
};

struct LedgerOptions {
  bool quiet = false;
};

}  // namespace jalousie::app
