#include "ledger/stretch.h"

#include <algorithm>

#include <fmt/format.h>

namespace jalousie::ledger {

namespace {

constexpr std::size_t kReadBytes = std::size_t{32} << 10;
constexpr std::size_t kHashBytes = std::tuple_size_v<ChainHash>;
constexpr std::size_t kHomeAt = 4 + 17;  // in a record: record.h

// The hash of the record before lies just in front of each (or the file's header, which has the same size),
// so that one can be judged without those before it. Returns the length of the records that it went over.
std::size_t take_from(ByteView bytes, const Stretch& wanted, std::vector<Recorded>& found) {
  std::size_t at = 0;
  while (bytes.size() - at > kHashBytes && found.size() < wanted.most) {
    const ByteView record = bytes.subspan(at + kHashBytes);
    const std::size_t length = record_length(record);
    if (length == 0 || length > record.size()) break;
    if (std::ranges::equal(record.subspan(kHomeAt, wanted.home.bytes.size()), wanted.home.bytes)) {
      ChainHash before;
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), before.size(), before.begin());
      ParsedRecord parsed = parse_record(record.first(length), before);
      if (parsed.state == RecordState::Good && parsed.recorded.sequence == wanted.from + found.size())
        found.push_back(std::move(parsed.recorded));
    }
    at += length;
  }
  return at;
}

}  // namespace

Result<std::vector<Recorded>> read_stretch(const DiskFile& file, const Stretch& wanted) {
  std::vector<Recorded> found;
  Buffer buffer(std::min<std::uint64_t>(kReadBytes, kHashBytes + wanted.end - wanted.begin));
  for (std::uint64_t at = wanted.begin; at < wanted.end && found.size() < wanted.most;) {
    if (!found.empty() && at - wanted.begin >= wanted.enough) break;
    TRY(const std::size_t count, file.read(at - kHashBytes, buffer));
    const ByteView bytes =
        ByteView(buffer).first(std::min<std::uint64_t>(count, kHashBytes + wanted.end - at));
    const std::size_t taken = take_from(bytes, wanted, found);
    if (taken == 0) break;
    at += taken;
  }
  if (!found.empty()) return found;
  return fail(ErrorKind::DataLoss,
              fmt::format("the ledger {}: entry {} of a home was altered or removed; jalousie ledger verify "
                          "shows where",
                          file.path(), wanted.from));
}

}  // namespace jalousie::ledger
