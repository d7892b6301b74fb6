// Small things that the commands and the server say alike.
#pragma once

#include <string>
#include <string_view>

#include "app/options.h"
#include "base/result.h"

namespace jalousie::app {

/// The token is in the fragment: browsers keep that to themselves, so it reaches no log and no proxy.
inline std::string welcome_link(std::string_view base_url, std::string_view token) {
  return std::string(base_url) + "/welcome#" + std::string(token);
}

/// Where the page was reached the last time that the server started, for links that commands print: kept in
/// the data folder.
Result<> keep_address(const CommonOptions& common, const std::string& base_url);
/// That, or where a server of no settings is reached.
std::string kept_address(const CommonOptions& common);

/// A home's colour, by how many there are already.
std::string next_colour(std::size_t homes);

}  // namespace jalousie::app
