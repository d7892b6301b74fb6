#include "ingest/problems.h"

#include <fmt/format.h>

namespace jalousie::ingest::problems {

namespace {

constexpr std::string_view kCheckPower = "Check that the camera is on and in the network.";
constexpr std::string_view kCheckAddress = "Check the address and its port in the camera's settings here.";

Problem refused(std::string reason, std::string_view advice) {
  return {State::Refused, std::move(reason), std::string(advice)};
}

}  // namespace

Problem of(const rtsp::Failure& failure, Transport transport) {
  using Kind = rtsp::FailureKind;
  const bool tcp = transport == Transport::Tcp;
  switch (failure.kind) {
    case Kind::WrongPassword:
      return {State::WrongPassword, "The camera refused the password.",
              "Change the name and password in the camera's settings here."};
    case Kind::CredentialsNeeded:
      return {State::WrongPassword, "The camera asks for a name and password.",
              "Enter them in the camera's settings here."};
    case Kind::AuthUnsupported:
      return refused("The camera asks for a kind of sign-in that is not known here.",
                     "Set its RTSP authentication to Digest in the camera's own settings.");
    case Kind::Forbidden:
      return refused("The camera does not let this account watch.",
                     "Give the account the right to live view in the camera's own settings.");
    case Kind::NotFound:
      return {State::NoStream, "The camera has no stream at this address.",
              "Check the path of the address in the camera's manual."};
    case Kind::TransportRefused:
      return refused(
          fmt::format("The camera does not send over {}.", tcp ? "TCP" : "UDP"),
          fmt::format("Choose {} as the transport in the camera's settings here.", tcp ? "UDP" : "TCP"));
    case Kind::Busy:
      return refused("The camera is busy: it serves as many viewers as it can, or is starting.",
                     "Close other programs that watch this camera.");
    case Kind::Redirected:
      return refused(fmt::format("The camera sends its viewers to another address ({}).", failure.message),
                     "If you trust that address, enter it in the camera's settings here.");
    case Kind::SessionLost:
      return connection_cut();
    case Kind::Refused:
    case Kind::ServerError:
      return refused(fmt::format("The camera answered with an error ({}).", failure.message),
                     "Restart the camera; if that does not help, check the path of the address.");
    case Kind::BadDescription:
      return refused("The camera's description of its stream cannot be read.", kCheckAddress);
    case Kind::Protocol:
      return refused("What answers at this address does not speak RTSP as cameras do.", kCheckAddress);
    case Kind::NoAnswer:
      return {State::Unreachable, "The camera accepts the connection, and then does not answer.",
              "Restart the camera."};
  }
  return {};
}

Problem unreachable(const Error& error, const std::string& host, std::uint16_t port) {
  if (error.kind() == ErrorKind::NotFound)
    return {State::Unreachable, fmt::format("There is no host named {}.", host), std::string(kCheckAddress)};
  if (error.kind() == ErrorKind::DeadlineExceeded) {
    return {State::Unreachable, fmt::format("Nothing answers at {}.", host), std::string(kCheckPower)};
  }
  return {State::Unreachable, fmt::format("No connection to {} port {} can be made.", host, port),
          "Check that the camera is on, and the address and its port in the camera's settings here."};
}

Problem not_allowed() {
  return refused(
      "Cameras at this address can be added by whoever runs this server alone: it is the server's own, or "
      "one "
      "that no camera in a network has.",
      "Enter the address that the camera, or the machine with its bridge, has in your network.");
}

Problem nothing_there() {
  return {State::Unreachable, "No camera answers at this address.",
          "Check that the camera is on and in the network, and its address, port and path."};
}

Problem bad_url(const Error& error) {
  return refused(fmt::format("The camera's address cannot be used: {}.", error.message()), kCheckAddress);
}

Problem encrypted_rtsp() {
  return refused("Cameras are read over rtsp://; this address begins with rtsps://.",
                 "Enter the camera's rtsp:// address.");
}

Problem connection_cut() { return {State::Connecting, "The camera ended the connection.", ""}; }

Problem no_packets(Transport transport) {
  const bool tcp = transport == Transport::Tcp;
  return {State::NoStream, "The camera accepts the connection and sends no picture.",
          tcp ? "Restart the camera."
              : "A firewall may be in the way: choose TCP as the transport in the camera's settings here."};
}

Problem stalled() { return {State::Stalled, "The camera stopped sending.", std::string(kCheckPower)}; }

Problem damaged(Transport transport) {
  return {
      State::Stalled, "Pictures arrive damaged: packets are lost between the camera and this server.",
      transport == Transport::Udp
          ? "Choose TCP as the transport in the camera's settings here; check the camera's Wi-Fi or cable."
          : "Check the camera's Wi-Fi or cable; a lower bit rate in the camera's own settings may help."};
}

Problem no_key_frame(Microseconds waited) {
  return {State::NoKeyFrame,
          fmt::format("The camera has sent no complete key frame for {} seconds.",
                      std::chrono::duration_cast<Seconds>(waited).count()),
          "Set a shorter key frame interval (I-frame interval, GOP) in the camera's own settings; over a "
          "poor network choose TCP."};
}

Problem no_parameter_sets() {
  return {State::NoKeyFrame, "The camera does not say how its pictures are coded (no SPS and PPS).",
          "Restart the camera, or update its firmware."};
}

Problem over_limit(const Error& error) {
  return refused(fmt::format("The camera sends more than a picture can hold ({}).", error.message()),
                 "Lower the resolution or bit rate in the camera's own settings.");
}

Problem no_udp_ports() {
  return {State::NoStream, "This server has no free UDP ports for the camera.",
          "Choose TCP as the transport in the camera's settings here."};
}

Problem cannot_seal() {
  return {State::NoStream, "This server cannot seal the camera's pictures at the moment.",
          "Its log says why."};
}

}  // namespace jalousie::ingest::problems
