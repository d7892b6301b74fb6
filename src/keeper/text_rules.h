// What names and addresses may hold. Errors begin with the field's name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace jalousie::keeper {

/// Code points of UTF-8; nothing when it is not UTF-8 (RFC 3629).
std::optional<std::size_t> count_characters(std::string_view text);
std::string lower_ascii(std::string_view text);

/// 1 to limits::kNameBytes bytes of UTF-8, no control characters, not only spaces.
Result<> check_name(std::string_view field, std::string_view name);
/// "#rrggbb".
Result<> check_colour(std::string_view field, std::string_view colour);
/// rtsp://, no credentials, no control characters, no spaces, at most limits::kUrlBytes. Never repeats the
/// URL.
Result<> check_camera_url(std::string_view field, std::string_view url);
/// "host:port" of a URL that check_camera_url has passed.
std::string_view host_of(std::string_view url);
/// Whether a password and a certificate that belong to `from` stay with `to`: the same host and port, and no
/// way out of encryption.
bool is_same_place(std::string_view from, std::string_view to);
/// Whether its host is written as an address: a name may lead elsewhere tomorrow.
bool has_literal_host(std::string_view url);
/// What a camera says of itself: cut to limits::kNameBytes, whatever cannot be shown taken out.
std::string tidy(std::string_view text);

}  // namespace jalousie::keeper
