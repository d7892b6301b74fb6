// Reads boxes back, for tests.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace jalousie::mp4 {

struct Box {
  std::string type;
  ByteView content;  // behind size and type
};

/// The boxes that `bytes` is made of; a size that does not fit fails the test.
inline std::vector<Box> boxes_in(ByteView bytes) {
  std::vector<Box> boxes;
  ByteReader reader(bytes);
  while (reader.remaining() > 0) {
    const std::uint32_t size = reader.u32();
    const std::string type(as_text(reader.bytes(4)));
    if (size < 8) {
      ADD_FAILURE() << type << " of " << size << " bytes";
      return boxes;
    }
    boxes.push_back({type, reader.bytes(size - 8)});
    if (!reader.ok()) {
      ADD_FAILURE() << type << " reaches past its end";
      return boxes;
    }
  }
  return boxes;
}

/// "ftyp moov[mvhd trak[...]]": containers with what is in them.
inline std::string outline(ByteView bytes) {
  static const std::string kContainers = " moov trak mdia minf dinf stbl mvex moof traf ";
  std::string text;
  for (const Box& box : boxes_in(bytes)) {
    if (!text.empty()) text += " ";
    text += box.type;
    if (kContainers.find(" " + box.type + " ") != std::string::npos) text += "[" + outline(box.content) + "]";
  }
  return text;
}

/// The content of the first box at "moov/trak/tkhd"; empty where there is none.
inline ByteView find_box(ByteView bytes, std::string_view path) {
  const std::string_view first = path.substr(0, path.find('/'));
  for (const Box& box : boxes_in(bytes)) {
    if (box.type != first) continue;
    if (first.size() == path.size()) return box.content;
    return find_box(box.content, path.substr(first.size() + 1));
  }
  return {};
}

}  // namespace jalousie::mp4
