#include "migrate/plan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace jalousie::migrate {

namespace {

std::optional<std::string> no_variables(const std::string&) { return std::nullopt; }

/// A line per camera, without what is empty.
std::string told(From from, std::string_view yaml) {
  const auto planned = plan(from, yaml, no_variables);
  if (!planned) return "error: " + planned.error().message();
  std::string text;
  for (const PlannedCamera& camera : *planned) {
    text += camera.name;
    for (const auto& [what, value] : {std::pair("", camera.url), std::pair("sub ", camera.sub_url),
                                      std::pair("note ", camera.note), std::pair("NOT: ", camera.left_out)})
      if (!value.empty()) text += fmt::format(" | {}{}", what, value);
    text += camera.udp ? " | udp\n" : "\n";
  }
  return text;
}

}  // namespace

TEST(Plan, Go2rtc) {
  EXPECT_EQ(told(From::Go2rtc, R"(
api: {listen: ":1984"}
streams:
  front_door: rtsp://admin:a%20b@192.0.2.10:554/h264Preview_01_main#backchannel=0
  front_door_sub: rtsp://admin:a%20b@192.0.2.10/h264Preview_01_sub
  yard_main:
    - ffmpeg:yard_main#audio=opus
    - rtspx://192.0.2.11:7441/abc
  yard_sub: [rtsps://192.0.2.11:7441/def]
  gate_sub: rtsp://192.0.2.12/sub
  gate: rtsp://192.0.2.13/main
  doorbell: homekit://192.0.2.14?x=y
  secret: rtsp://u:${PASS}@192.0.2.15/
  nothing:
  odd: {url: x}
)"),
            "Front door | rtsp://admin:a%20b@192.0.2.10:554/h264Preview_01_main | sub "
            "rtsp://admin:a%20b@192.0.2.10/h264Preview_01_sub\n"
            "Yard | rtsps://192.0.2.11:7441/abc | sub rtsps://192.0.2.11:7441/def\n"
            "Gate sub | rtsp://192.0.2.12/sub\n"
            "Gate | rtsp://192.0.2.13/main\n"
            "Doorbell | NOT: it is reached by homekit, which is not taken in: add it by its RTSP address if "
            "it has one\n"
            "Secret | NOT: its address holds the variable PASS: run this again with PASS set\n"
            "Nothing | NOT: it has no source\n"
            "Odd | NOT: it has no source\n");
}

TEST(Plan, Frigate) {
  EXPECT_EQ(told(From::Frigate, R"(
mqtt: {enabled: false}
go2rtc:
  streams:
    back: ["rtsp://u:p@192.0.2.20/main", "ffmpeg:back#audio=aac"]
    back_sub: ["rtsp://u:p@192.0.2.20/sub"]
cameras:
  back:
    friendly_name: Behind the house
    ffmpeg:
      inputs:
        - path: rtsp://127.0.0.1:8554/back_sub
          input_args: preset-rtsp-restream
          roles: [detect]
        - path: rtsp://127.0.0.1:8554/back?video=copy
          roles: [record, audio]
  hall:
    ffmpeg:
      input_args: preset-rtsp-udp
      inputs:
        - path: rtsp://192.0.2.21/only
          roles: [detect, record]
  two_places:
    ffmpeg:
      input_args: [-rtsp_transport, udp]
      inputs:
        - {path: "rtsp://192.0.2.22/main", roles: [record], input_args: "-rtsp_transport tcp"}
        - {path: "rtsp://192.0.2.23/sub", roles: [detect]}
  off: {enabled: false, ffmpeg: {inputs: [{path: "rtsp://192.0.2.24/", roles: [detect]}]}}
  gone: {ffmpeg: {inputs: [{path: "rtsp://127.0.0.1:8554/gone", roles: [detect]}]}}
  locked: {ffmpeg: {inputs: [{path: "rtsp://u:{FRIGATE_RTSP_PASSWORD}@192.0.2.25/", roles: [detect]}]}}
  empty: {ffmpeg: {}}
)"),
            "Behind the house | rtsp://u:p@192.0.2.20/main | sub rtsp://u:p@192.0.2.20/sub\n"
            "Hall | rtsp://192.0.2.21/only | udp\n"
            "Two places | rtsp://192.0.2.22/main | note without its small stream, which is at another place\n"
            "Off | NOT: it is switched off there\n"
            "Gone | NOT: its go2rtc stream gone is not in this file\n"
            "Locked | NOT: its address holds the variable FRIGATE_RTSP_PASSWORD: run this again with "
            "FRIGATE_RTSP_PASSWORD set\n"
            "Empty | NOT: it has no inputs\n");
}

TEST(Plan, MediaMtx) {
  EXPECT_EQ(
      told(From::MediaMtx, R"(
rtsp: yes
pathDefaults:
  rtspTransport: udp
paths:
  door: {source: "rtsp://u:p@192.0.2.30/stream1"}
  door_sub: {source: "rtsp://u:p@192.0.2.30/stream2", sourceProtocol: tcp}
  pi: {source: rpiCamera}
  drone: {source: publisher}
  phone:
  all_others:
  "~^room(.+)$": {source: "rtsp://192.0.2.31/$G1"}
  tcp: {source: "rtsp://192.0.2.32/", rtspTransport: tcp}
  rtmp: {source: "rtmp://192.0.2.33/live"}
)"),
      "Door | rtsp://u:p@192.0.2.30/stream1 | sub rtsp://u:p@192.0.2.30/stream2 | udp\n"
      "Pi | NOT: it has no address of a camera\n"
      "Drone | NOT: its camera dials in there by itself, which is not taken in: add it by its RTSP address "
      "if it has "
      "one\n"
      "Phone | NOT: its camera dials in there by itself, which is not taken in: add it by its RTSP address "
      "if it has "
      "one\n"
      "All others | NOT: it stands for any path\n"
      "~^room(.+)$ | NOT: it stands for any path\n"
      "Tcp | rtsp://192.0.2.32/\n"
      "Rtmp | NOT: it is reached by rtmp, which is not taken in: add it by its RTSP address if it has one\n");
}

TEST(Plan, WhatIsNoConfigurationIsRefusedWithItsPlace) {
  EXPECT_EQ(told(From::Go2rtc, "streams:\n  a: b: c"), "error: not YAML at line 2, column 7");
  EXPECT_EQ(told(From::Go2rtc, "cameras: {}"),
            "error: there are no cameras under 'streams': is this the right file?");
  EXPECT_EQ(told(From::Frigate, ""), "error: there are no cameras under 'cameras': is this the right file?");
  EXPECT_EQ(told(From::MediaMtx, "just words"),
            "error: there are no cameras under 'paths': is this the right file?");
  EXPECT_EQ(told(From::Go2rtc, std::string(kFileBytes + 1, ' ')),
            "error: larger than 1 MiB; no configuration is");
  std::string many = "streams:\n";
  for (std::size_t i = 0; i <= kMostCameras; ++i) many += fmt::format("  c{}: rtsp://192.0.2.1/{}\n", i, i);
  EXPECT_EQ(told(From::Go2rtc, many), "error: more than 1000 cameras");
}

TEST(Plan, DeepNestingAndAliasesEnd) {
  EXPECT_TRUE(told(From::Go2rtc, std::string(100'000, '[')).starts_with("error: "));
  EXPECT_TRUE(told(From::Go2rtc, "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nstreams: {d: *c}")
                  .starts_with("D | NOT"));
}

}  // namespace jalousie::migrate
