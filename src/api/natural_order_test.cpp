#include "api/natural_order.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace jalousie::api {
namespace {

TEST(NaturalOrder, IsTheOneThatPeopleExpect) {
  const std::vector<std::string> ordered = {"",
                                            "2",
                                            "10",
                                            "99999999999999999999998",
                                            "99999999999999999999999",
                                            "Camera",
                                            "Camera 1",
                                            "camera 2",
                                            "Camera 2b",
                                            "Camera 02c",
                                            "Camera 10",
                                            "Camera 10a",
                                            "Camera 100",
                                            "Door",
                                            "garden",
                                            "Shed",
                                            "\xc3\x84pfel"};
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    for (std::size_t j = 0; j < ordered.size(); ++j)
      EXPECT_EQ(natural_order(ordered[i], ordered[j]), i <=> j) << ordered[i] << " | " << ordered[j];
  }
}

TEST(NaturalOrder, TellsApartWhatReadsAlike) {
  EXPECT_NE(natural_order("Camera 2", "camera 2"), std::strong_ordering::equal);
  EXPECT_NE(natural_order("Camera 2", "Camera 02"), std::strong_ordering::equal);
  EXPECT_EQ(natural_order("Camera 02", "Camera 02"), std::strong_ordering::equal);
}

}  // namespace
}  // namespace jalousie::api
