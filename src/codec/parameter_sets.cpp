#include "codec/parameter_sets.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "codec/annex_b.h"
#include "codec/h264_nal.h"
#include "codec/h265_nal.h"

namespace jalousie::codec {
namespace {

template <class Parsed, class Parse>
Result<> store_in(SetsById<Parsed>& sets, ByteView nal, Parse parse) {
  if (sets.holds(nal)) return {};
  TRY(Parsed parsed, parse(nal));
  sets.store(std::move(parsed), nal);
  return {};
}

template <class Pps>
std::vector<ByteView> that_name(const SetsById<Pps>& all, std::uint32_t sps_id) {
  std::vector<ByteView> nals;
  for (const auto& stored : all.all()) {
    if (stored.parsed.sps_id == sps_id) nals.push_back(stored.nal);
  }
  return nals;
}

}  // namespace

Result<std::vector<Buffer>> parse_sprop_parameter_sets(std::string_view text) {
  std::vector<Buffer> sets;
  if (text.size() > limits::kSdpBytes)
    return fail(ErrorKind::ResourceExhausted, "SDP parameter sets: too long");
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const auto bytes = decode_base64(part);
    if (!bytes) return fail(ErrorKind::InvalidArgument, "SDP parameter sets: not Base64");
    AnnexBNals nals(*bytes);
    for (auto nal = nals.next(); nal; nal = nals.next()) {
      if (nal->size() > limits::kParameterSetBytes ||
          sets.size() == limits::kVpsPerStream + limits::kSpsPerStream + limits::kPpsPerStream) {
        return fail(ErrorKind::ResourceExhausted, "SDP parameter sets: too many, or one too long");
      }
      sets.emplace_back(nal->begin(), nal->end());
    }
  }
  return sets;
}

namespace h264 {

Result<> ParameterSets::store(ByteView nal) {
  if (nal_type(nal) == NalType::Sps) return store_in(sps_, nal, parse_sps);
  return store_in(pps_, nal, parse_pps);
}

std::optional<ParameterSets::Active> ParameterSets::for_slice(std::uint32_t pps_id) const {
  const auto* const pps = pps_.find(pps_id);
  if (pps == nullptr) return std::nullopt;
  const auto* const sps = sps_.find(pps->parsed.sps_id);
  if (sps == nullptr) return std::nullopt;
  return Active{&sps->parsed, sps->nal, that_name(pps_, sps->parsed.id)};
}

bool ParameterSets::complete() const {
  return std::ranges::any_of(pps_.all(),
                             [this](const auto& pps) { return sps_.find(pps.parsed.sps_id) != nullptr; });
}

void ParameterSets::clear() {
  sps_.clear();
  pps_.clear();
}

}  // namespace h264

namespace h265 {

Result<> ParameterSets::store(ByteView nal) {
  switch (NalHeader(nal).type) {
    case NalType::Vps:
      return store_in(vps_, nal, parse_vps);
    case NalType::Sps:
      return store_in(sps_, nal, parse_sps);
    default:
      return store_in(pps_, nal, parse_pps);
  }
}

std::optional<ParameterSets::Active> ParameterSets::for_slice(std::uint32_t pps_id) const {
  const auto* const pps = pps_.find(pps_id);
  if (pps == nullptr) return std::nullopt;
  const auto* const sps = sps_.find(pps->parsed.sps_id);
  if (sps == nullptr) return std::nullopt;
  const auto* const vps = vps_.find(sps->parsed.vps_id);
  if (vps == nullptr) return std::nullopt;
  return Active{&sps->parsed, vps->nal, sps->nal, that_name(pps_, sps->parsed.id)};
}

unsigned ParameterSets::sub_layers() const {
  if (sps_.all().empty()) return 7;
  unsigned most = 1;
  for (const auto& sps : sps_.all()) most = std::max(most, sps.parsed.sub_layers);
  return most;
}

void ParameterSets::clear() {
  vps_.clear();
  sps_.clear();
  pps_.clear();
}

}  // namespace h265
}  // namespace jalousie::codec
