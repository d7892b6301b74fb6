// Finished pictures: a source's, with the camera's name, a clock and the identity code drawn in. One thread.
#pragma once

#include <memory>
#include <string>

#include "camera/source.h"
#include "identity/code.h"

namespace jalousie::camera {

class Painter {
 public:
  Painter(std::unique_ptr<Source> source, identity::Identity identity, std::string name)
      : source_(std::move(source)), identity_(identity), name_(std::move(name)) {}

  /// Frame `number`, taken at `time`; good, and the caller's to overwrite, until the next call.
  Frame& paint(std::uint64_t number, const identity::LocalTime& time);

 private:
  std::unique_ptr<Source> source_;
  identity::Identity identity_;
  std::string name_;
  Frame frame_;
};

}  // namespace jalousie::camera
