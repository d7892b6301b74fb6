// What every Store must do, whatever its engine. An engine's test includes this and instantiates the suite:
//
//   INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance, testing::Values(&make_sqlite_store));
#pragma once

#include <functional>
#include <memory>

#include <gtest/gtest.h>

#include "registry/store.h"

namespace jalousie::registry {

/// Makes a new, empty store.
using StoreMaker = std::unique_ptr<Store> (*)();

class StoreConformance : public testing::TestWithParam<StoreMaker> {
 protected:
  void SetUp() override { store_ = GetParam()(); }

  template <class T>
  static T numbered(std::uint8_t number) {
    T id;
    id.bytes.fill(number);
    return id;
  }
  static Buffer key(std::uint8_t number) { return Buffer(60, number); }
  static UtcTime at(std::int64_t second) { return utc_from_us(second * 1'000'000); }

  Home add_home(std::uint8_t number);
  Account add_account(std::uint8_t number);
  Camera camera_in(const Home& home, std::uint8_t number);
  Camera add_camera(const Home& home, std::uint8_t number);
  Session add_session(const Account& account, std::uint8_t number);

  std::unique_ptr<Store> store_;
};

}  // namespace jalousie::registry
