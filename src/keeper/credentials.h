// A camera's user name and password. The password is wiped when it goes; it is never logged, compared or
// shown.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"

namespace jalousie::keeper {

class Credentials {
 public:
  Credentials() = default;
  Credentials(std::string username, std::string password)
      : username_(std::move(username)), password_(std::move(password)) {}
  Credentials(const Credentials&) = default;
  Credentials(Credentials&& other) noexcept : Credentials() { swap(other); }
  Credentials& operator=(Credentials other) noexcept {
    swap(other);
    return *this;
  }
  ~Credentials() { wipe({reinterpret_cast<std::uint8_t*>(password_.data()), password_.size()}); }

  const std::string& username() const { return username_; }
  const std::string& password() const { return password_; }
  bool empty() const { return username_.empty() && password_.empty(); }

 private:
  void swap(Credentials& other) noexcept {
    username_.swap(other.username_);
    password_.swap(other.password_);
  }
  std::string username_;
  std::string password_;
};

}  // namespace jalousie::keeper
