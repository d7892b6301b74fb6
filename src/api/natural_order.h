// Names in the order that people expect: numbers in them by their value, "Camera 2" before "Camera 10";
// letters of the Latin alphabet without regard to case.
#pragma once

#include <compare>
#include <string_view>

namespace jalousie::api {

/// A total order: names that differ never compare equal.
std::strong_ordering natural_order(std::string_view one, std::string_view other);

}  // namespace jalousie::api
