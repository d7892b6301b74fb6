#include "ingest/problems.h"

#include <fmt/format.h>

namespace jalousie::ingest::problems {

namespace {

constexpr std::string_view kCheckPower = "Check that the camera is on and in the network.";
constexpr std::string_view kCheckAddress = "Check the address and its port here.";

Problem refused(std::string reason, std::string_view advice) {
  return {State::Refused, std::move(reason), std::string(advice)};
}

}  // namespace

Problem of(const rtsp::Failure& failure, Transport transport) {
  using Kind = rtsp::FailureKind;
  const bool tcp = transport != Transport::Udp;
  switch (failure.kind) {
    case Kind::WrongPassword:
      return {State::WrongPassword, "The camera refused the password.", "Change the name and password here."};
    case Kind::CredentialsNeeded:
      return {State::WrongPassword, "The camera asks for a name and password.", "Enter them here."};
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
      return refused(fmt::format("The camera does not send over {}.", tcp ? "TCP" : "UDP"),
                     fmt::format("Choose {} as the transport here.", tcp ? "UDP" : "TCP"));
    case Kind::Busy:
      return refused("The camera is busy: it serves as many viewers as it can, or is starting.",
                     "Close other programs that watch this camera.");
    case Kind::Redirected:
      return refused(fmt::format("The camera sends its viewers to another address ({}).", failure.message),
                     "If you trust that address, enter it here.");
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
          "Check that the camera is on, and the address and its port here."};
}

Problem not_allowed() {
  return refused(
      "Cameras at this address can be added by whoever runs this server alone: it is the server's own, or "
      "one "
      "that no camera in a network has.",
      "Enter the address that the camera, or the machine with its bridge, has in your network.");
}

Problem nothing_there(Transport transport) {
  return {State::Unreachable, "No camera answers at this address.",
          transport == Transport::Http
              ? "Check that the camera is on and in the network, and its address, port, path, name and "
                "password; or choose TCP as the transport."
              : "Check that the camera is on and in the network, and its address, port and path."};
}

Problem bad_url(const Error& error) {
  return refused(fmt::format("The camera's address cannot be used: {}.", error.message()), kCheckAddress);
}

Problem no_tls(const Error& error) {
  if (error.kind() == ErrorKind::DeadlineExceeded)
    return {State::Unreachable, "The camera accepts the connection, and does not encrypt it in time.",
            std::string(kCheckAddress)};
  if (error.kind() == ErrorKind::InvalidArgument) {
    // "ADDRESS: TLS handshake: why"
    const auto& message = error.message();
    const auto at = message.rfind("handshake: ");
    return refused(
        fmt::format("No encrypted connection: {}.",
                    at == std::string::npos ? message : message.substr(at + 11)),
        "Update the camera's firmware and renew its certificate; or, in a network that is your own, "
        "use its rtsp:// address.");
  }
  return refused("The camera ended the connection instead of encrypting it.",
                 "Turn RTSPS on in the camera's own settings, and check the port of the address.");
}

Problem certificate_changed(const std::string& fingerprint) {
  return {State::CertificateChanged,
          fmt::format("The camera shows another certificate than before (SHA-256 {}).", fingerprint),
          "If the camera was reset or renewed, accept the new certificate here. If not, "
          "something else answers at its address: no password was sent."};
}

Problem certificate_of_redirect(const std::string& host) {
  return refused(
      fmt::format("The camera sends its viewers to {}, whose certificate nobody vouches for.", host),
      "If you trust that address, enter it here.");
}

Problem no_tunnel(int status) {
  if (status == 0)
    return refused("What answers at this address does not speak HTTP.",
                   "Check the port of the address, or choose TCP as the transport here.");
  return refused(fmt::format("The camera does not offer RTSP over HTTP at this address ({}).", status),
                 "Choose TCP as the transport here.");
}

Problem redirected_too_often() {
  return refused("The camera sends its viewers from one address to the next without end.",
                 "Restart the camera, and check the address here.");
}

Problem redirected_out_of_reach(const std::string& host) {
  return refused(fmt::format("The camera sends its viewers to {}, where no camera of a home may be.", host),
                 "Enter the address that the camera, or the machine with its bridge, has in your network.");
}

Problem redirected_to_clear(const std::string& host) {
  return refused(fmt::format("The camera sends its viewers to {} without encryption.", host),
                 "If you trust that address, enter it here.");
}

Problem stranger_asks_password(const std::string& host) {
  return {
      State::WrongPassword,
      fmt::format("The camera sends its viewers to {}, which asks for a name and password.", host),
      "The camera's own were not sent there. If you trust that address, enter it in the camera's settings "
      "here."};
}

Problem neither_transport() {
  return refused("The camera sends neither over TCP nor over UDP.",
                 "Choose HTTP as the transport here, or restart the camera.");
}

std::string other_transport(Transport wanted) {
  return wanted == Transport::Udp ? "The camera does not send over UDP: its pictures come over TCP."
                                  : "The camera does not send over TCP: its pictures come over UDP.";
}

std::string without_sound() {
  return "The camera ends the connection when it is asked for its sound: its pictures come without.";
}

Problem connection_cut() { return {State::Connecting, "The camera ended the connection.", ""}; }

Problem no_packets(Transport transport) {
  const bool tcp = transport != Transport::Udp;
  return {State::NoStream, "The camera accepts the connection and sends no picture.",
          tcp ? "Restart the camera." : "A firewall may be in the way: choose TCP as the transport here."};
}

Problem stalled() { return {State::Stalled, "The camera stopped sending.", std::string(kCheckPower)}; }

Problem damaged(Transport transport) {
  return {State::Stalled, "Pictures arrive damaged: packets are lost between the camera and this server.",
          transport == Transport::Udp
              ? "Choose TCP as the transport here; check the camera's Wi-Fi or cable."
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

Problem not_read(const Error& error) {
  return {State::CodecNotSupported,
          fmt::format("The camera sends its pictures in a way that is not read here ({}).", error.message()),
          "Set the video encoding of this stream to H.264, or its resolution lower, in the camera's own "
          "settings."};
}

Problem no_udp_ports() {
  return {State::NoStream, "This server has no free UDP ports for the camera.",
          "Choose TCP as the transport here."};
}

Problem cannot_seal() {
  return {State::NoStream, "This server cannot seal the camera's pictures at the moment.",
          "Its log says why."};
}

}  // namespace jalousie::ingest::problems
