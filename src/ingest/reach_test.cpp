#include <gtest/gtest.h>

#include "ingest/source.h"

namespace jalousie::ingest {
namespace {

TEST(Reach, LeadsIntoTheNetworkAndNotIntoThisMachine) {
  struct Case {
    const char* address;
    bool network, with_loopback;
  };
  const Case cases[] = {
      {"192.168.1.10", true, true},
      {"10.0.0.1", true, true},
      {"172.16.0.1", true, true},
      {"100.64.0.1", true, true},
      {"203.0.113.7", true, true},
      {"fd00::10", true, true},
      {"2001:db8::1", true, true},
      {"64:ff9b::203.0.113.7", true, true},
      {"127.0.0.1", false, true},
      {"127.255.255.254", false, true},
      {"::1", false, true},
      {"::ffff:127.0.0.1", false, true},
      {"::127.0.0.1", false, true},
      {"64:ff9b::127.0.0.1", false, true},
      {"2002:7f00:1::", false, true},
      {"0.0.0.0", false, false},
      {"0.1.2.3", false, false},
      {"::", false, false},
      {"::ffff:0.0.0.0", false, false},
      {"169.254.169.254", false, false},
      {"::ffff:169.254.169.254", false, false},
      {"64:ff9b::a9fe:a9fe", false, false},
      {"2002:a9fe:a9fe::", false, false},
      {"169.253.0.1", true, true},
      {"100.100.100.200", false, false},
      {"100.100.100.201", true, true},
      {"::ffff:100.100.100.200", false, false},
      {"192.0.0.192", false, false},
      {"192.0.0.191", true, true},
      {"fd00:ec2::254", false, false},
      {"fd00:ec2::253", true, true},
      {"64:ff9b:1::203.0.113.7", false, false},
      {"64:ff9b:1:ffff::1", false, false},
      {"64:ff9b:2::1", true, true},
      {"fe80::1", false, false},
      {"febf::1", false, false},
      {"224.0.0.1", false, false},
      {"239.255.255.250", false, false},
      {"255.255.255.255", false, false},
      {"ff02::1", false, false},
  };
  for (const auto& test : cases) {
    const auto address = Endpoint::parse(test.address, 554).value();
    EXPECT_EQ(may_reach(Reach::Network, address), test.network) << test.address;
    EXPECT_EQ(may_reach(Reach::NetworkAndLoopback, address), test.with_loopback) << test.address;
    EXPECT_TRUE(may_reach(Reach::Anywhere, address));
  }
}

TEST(Reach, StaysNotAtThisMachineByItsAddressInTheNetwork) {
  const auto at = [](const char* text, std::uint16_t port) { return Endpoint::parse(text, port).value(); };
  for (const auto* own : {"192.168.1.5", "fd00::5"}) {
    EXPECT_FALSE(may_stay(Reach::Network, at(own, 40000), at(own, 554)));
    EXPECT_TRUE(may_stay(Reach::NetworkAndLoopback, at(own, 40000), at(own, 554)));
    EXPECT_TRUE(may_stay(Reach::Anywhere, at(own, 40000), at(own, 554)));
  }
  EXPECT_TRUE(may_stay(Reach::Network, at("192.168.1.5", 554), at("192.168.1.6", 554)));
}

}  // namespace
}  // namespace jalousie::ingest
