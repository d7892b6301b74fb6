#include "codec/parameter_sets.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/limits.h"
#include "codec/annex_b.h"
#include "codec/h264_nal.h"

namespace jalousie::codec::h264 {
namespace {

template <class Stored>
void replace(std::vector<Stored>& all, Stored fresh, std::size_t at_most) {
  const auto same_id = [&fresh](const Stored& stored) { return stored.parsed.id == fresh.parsed.id; };
  std::erase_if(all, same_id);
  if (all.size() == at_most) all.erase(all.begin());
  all.push_back(std::move(fresh));
}

/// Repeated sets are the common case: each key frame brings them again.
template <class Stored>
bool is_stored(const std::vector<Stored>& all, ByteView nal) {
  return std::ranges::any_of(all,
                             [nal](const Stored& stored) { return std::ranges::equal(stored.nal, nal); });
}

}  // namespace

Result<> ParameterSets::store(ByteView nal) {
  if (nal_type(nal) == NalType::Sps) {
    if (is_stored(sps_, nal)) return {};
    TRY(const Sps parsed, parse_sps(nal));
    replace(sps_, StoredSps{parsed, Buffer(nal.begin(), nal.end())}, limits::kSpsPerStream);
    return {};
  }
  if (is_stored(pps_, nal)) return {};
  TRY(const Pps parsed, parse_pps(nal));
  replace(pps_, StoredPps{parsed, Buffer(nal.begin(), nal.end())}, limits::kPpsPerStream);
  return {};
}

const ParameterSets::StoredSps* ParameterSets::find_sps(std::uint32_t id) const {
  const auto found =
      std::ranges::find_if(sps_, [id](const StoredSps& stored) { return stored.parsed.id == id; });
  return found == sps_.end() ? nullptr : &*found;
}

std::optional<ParameterSets::Active> ParameterSets::for_slice(std::uint32_t pps_id) const {
  const auto pps =
      std::ranges::find_if(pps_, [pps_id](const StoredPps& stored) { return stored.parsed.id == pps_id; });
  if (pps == pps_.end()) return std::nullopt;
  const StoredSps* const sps = find_sps(pps->parsed.sps_id);
  if (sps == nullptr) return std::nullopt;
  Active active{&sps->parsed, sps->nal, {}};
  for (const StoredPps& stored : pps_) {
    if (stored.parsed.sps_id == sps->parsed.id) active.pps_nals.push_back(stored.nal);
  }
  return active;
}

bool ParameterSets::complete() const {
  return std::ranges::any_of(pps_,
                             [this](const StoredPps& pps) { return find_sps(pps.parsed.sps_id) != nullptr; });
}

void ParameterSets::clear() {
  sps_.clear();
  pps_.clear();
}

Result<std::vector<Buffer>> parse_sprop_parameter_sets(std::string_view text) {
  std::vector<Buffer> sets;
  if (text.size() > limits::kSdpBytes)
    return fail(ErrorKind::ResourceExhausted, "sprop-parameter-sets: too long");
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const auto bytes = decode_base64(part);
    if (!bytes) return fail(ErrorKind::InvalidArgument, "sprop-parameter-sets: not Base64");
    AnnexBNals nals(*bytes);
    for (auto nal = nals.next(); nal; nal = nals.next()) {
      if (nal->size() > limits::kParameterSetBytes ||
          sets.size() == limits::kSpsPerStream + limits::kPpsPerStream) {
        return fail(ErrorKind::ResourceExhausted, "sprop-parameter-sets: too many, or one too long");
      }
      sets.emplace_back(nal->begin(), nal->end());
    }
  }
  return sets;
}

}  // namespace jalousie::codec::h264
