#include "keeper/password_rules.h"

#include <algorithm>

#include <fmt/format.h>

#include "keeper/sign_in.h"
#include "keeper/text_rules.h"

namespace jalousie::keeper {

namespace {

// Those of ten characters and more that stand at the top of published lists, in lower case, sorted.
constexpr std::array<std::string_view, 118> kWellKnown = {
    "0000000000",       "0123456789",    "0987654321",       "1111111111",
    "11111111111",      "111111111111",  "1112223333",       "1122334455",
    "11223344556677",   "1123581321",    "1212121212",       "1213141516",
    "123123123123",     "1231231234",    "1234512345",       "1234554321",
    "12345678900",      "12345678901",   "123456789012",     "123456789123",
    "1234567890",       "12345678910",   "1234567891011",    "1234567899",
    "123456789a",       "123456789abc",  "123456789q",       "123456789z",
    "1234qwerasdf",     "12qwaszx12",    "147258369a",       "1472583690",
    "147852369",        "1a2b3c4d5e",    "1q2w3e4r5t",       "1q2w3e4r5t6y",
    "1qaz2wsx3edc",     "1qazxsw23edc",  "2222222222",       "3333333333",
    "4444444444",       "5555555555",    "6666666666",       "7777777777",
    "8888888888",       "987654321a",    "9876543210",       "9999999999",
    "a123456789",       "aaaaaaaaaa",    "abc1234567",       "abc123456789",
    "abcd123456",       "abcdefghij",    "abcdefghijk",      "admin12345",
    "admin123456",      "administrator", "alexander1",       "asdfasdfasdf",
    "asdfghjkl1",       "asdfghjkl123",  "asdfghjkl;",       "basketball",
    "basketball1",      "camera1234",    "camera12345",      "changeme123",
    "changemenow",      "chocolate1",    "christopher",      "correcthorsebatterystaple",
    "dragon12345",      "elizabeth1",    "football123",      "gobbledygook",
    "hello12345",       "helloworld",    "helloworld1",      "iloveyou12",
    "iloveyou123",      "iloveyou1234",  "internet123",      "jalousie123",
    "letmein123",       "letmein1234",   "liverpool1",       "manchester",
    "manchesterunited", "mypassword",    "mypassword1",      "password00",
    "password01",       "password10",    "password11",       "password12",
    "password123",      "password1234",  "password12345",    "password123456",
    "password2024",     "password2025",  "passwordpassword", "princess12",
    "q1w2e3r4t5",       "q1w2e3r4t5y6",  "qazwsxedcrfv",     "qwerty1234",
    "qwerty12345",      "qwerty123456",  "qwertyuiop",       "qwertyuiop1",
    "sunshine123",      "superman123",   "welcome123",       "welcome1234",
    "zxcvbnm123",
};

}  // namespace

Result<> check_password(std::string_view password, std::string_view account_name) {
  const auto characters = count_characters(password);
  if (!characters || password.size() > kPasswordBytes) {
    return fail(ErrorKind::InvalidArgument,
                fmt::format("password: must be text of at most {} bytes.", kPasswordBytes));
  }
  if (*characters < kPasswordCharacters) {
    return fail(ErrorKind::InvalidArgument,
                fmt::format("password: use at least {} characters.", kPasswordCharacters));
  }
  const std::string lower = lower_ascii(password);
  if (std::ranges::find(kWellKnown, lower) != kWellKnown.end()) {
    return fail(ErrorKind::InvalidArgument,
                "This password is well known and among the first to be guessed. Use another.");
  }
  if (lower == lower_ascii(account_name))
    return fail(ErrorKind::InvalidArgument, "password: your name is no password.");
  return {};
}

}  // namespace jalousie::keeper
