// Small things that the commands and the server say alike.
#pragma once

#include <string>
#include <string_view>

namespace jalousie::app {

/// The token is in the fragment: browsers keep that to themselves, so it reaches no log and no proxy.
inline std::string welcome_link(std::string_view base_url, std::string_view token) {
  return std::string(base_url) + "/welcome#" + std::string(token);
}

/// A home's colour, by how many there are already.
std::string next_colour(std::size_t homes);

}  // namespace jalousie::app
