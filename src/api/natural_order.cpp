#include "api/natural_order.h"

#include <algorithm>
#include <string>

namespace jalousie::api {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Bytes, not characters: those of UTF-8 keep the order of the code points.
unsigned char folded(char c) { return static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); }

/// Takes the digits at the front; gives them without leading zeros.
std::string_view take_number(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, is_digit);
  std::string_view number = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(number.size());
  while (number.starts_with('0')) number.remove_prefix(1);
  return number;
}

std::strong_ordering compare_numbers(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return one.size() <=> other.size();
  return one <=> other;
}

}  // namespace

std::strong_ordering natural_order(std::string_view one, std::string_view other) {
  std::string_view left = one;
  std::string_view right = other;
  while (!left.empty() && !right.empty()) {
    const bool numbers = is_digit(left.front()) && is_digit(right.front());
    std::strong_ordering order = std::strong_ordering::equal;
    if (numbers) {
      const std::string_view first = take_number(left);
      order = compare_numbers(first, take_number(right));
    } else {
      order = folded(left.front()) <=> folded(right.front());
      left.remove_prefix(1);
      right.remove_prefix(1);
    }
    if (order != std::strong_ordering::equal) return order;
  }
  if (left.empty() != right.empty())
    return left.empty() ? std::strong_ordering::less : std::strong_ordering::greater;
  return one <=> other;
}

}  // namespace jalousie::api
