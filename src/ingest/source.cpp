#include "ingest/source.h"

#include "base/bytes.h"

namespace jalousie::ingest {

void wipe_text(std::string& text) { wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}); }

Source::~Source() {
  wipe_text(url);
  wipe_text(password);
}

}  // namespace jalousie::ingest
