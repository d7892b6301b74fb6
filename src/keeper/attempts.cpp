#include "keeper/attempts.h"

#include <algorithm>
#include <string>

#include "crypto/hash.h"

namespace jalousie::keeper {

std::size_t Attempts::KeyHash::operator()(const Key& key) const noexcept {
  std::size_t value;
  std::memcpy(&value, key.data(), sizeof value);
  return value;
}

Attempts::Key Attempts::key_of(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return crypto::sha256(as_bytes(lower));
}

// An IPv6 host has a whole /64 to itself.
Attempts::Key Attempts::key_of(const Endpoint& address) {
  const ByteView bytes = address.address();
  return crypto::sha256(address.is_v4() ? bytes : bytes.first(8));
}

Microseconds Attempts::Table::wait(const Key& key, SteadyTime now) const {
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second->last + kForgetAfter <= now) return Microseconds(0);
  return std::max(Microseconds(0), found->second->not_before - now);
}

void Attempts::Table::fail(const Key& key, SteadyTime now) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) {
    if (entries_.size() >= kEntries) {
      entries_.erase(by_age_.back().key);
      by_age_.pop_back();
    }
    by_age_.push_front({key, 0, now, now});
    entries_.emplace(key, by_age_.begin());
  } else {
    by_age_.splice(by_age_.begin(), by_age_, found->second);
  }
  Entry& entry = by_age_.front();
  if (entry.last + kForgetAfter <= now) entry.failures = 0;
  ++entry.failures;
  entry.last = now;
  if (entry.failures > rule_.free) {
    const unsigned doublings = std::min(entry.failures - rule_.free - 1, 20U);
    entry.not_before =
        now + std::min<Microseconds>(rule_.longest_wait, Seconds(1) * (std::int64_t{1} << doublings));
  }
}

void Attempts::Table::take_back(const Key& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second->failures == 0) return;
  --found->second->failures;
  found->second->not_before = SteadyTime();
}

void Attempts::Table::forget(const Key& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  by_age_.erase(found->second);
  entries_.erase(found);
}

std::optional<Seconds> Attempts::begin(std::string_view name, const Endpoint& address) {
  const SteadyTime now = clock_.steady();
  const Key by_name = key_of(name);
  const Key by_address = key_of(address);
  const std::lock_guard lock(mutex_);
  const Microseconds wait = std::max(names_.wait(by_name, now), addresses_.wait(by_address, now));
  if (wait > Microseconds(0)) return std::chrono::ceil<Seconds>(wait);
  names_.fail(by_name, now);
  addresses_.fail(by_address, now);
  return std::nullopt;
}

void Attempts::succeeded(std::string_view name, const Endpoint& address) {
  const std::lock_guard lock(mutex_);
  names_.forget(key_of(name));
  addresses_.take_back(key_of(address));
}

void Attempts::undecided(std::string_view name, const Endpoint& address) {
  const std::lock_guard lock(mutex_);
  names_.take_back(key_of(name));
  addresses_.take_back(key_of(address));
}

}  // namespace jalousie::keeper
