// Prints docs/ref/seal-vectors.json: keys, wrapped keys, blocks, and openings with their outcomes, all from
// fixed bytes. A test compares the file with this output; open_vectors.mjs opens the file without any of our
// code.
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/encoding.h"
#include "seal/fixture.h"

namespace jalousie::seal {
namespace {

using fixture::kCapture;
using fixture::kEpoch;
using fixture::label;

std::string join(const std::vector<std::string>& items, std::string_view indent) {
  std::string text;
  for (const std::string& item : items)
    text += fmt::format("{}{}{}", text.empty() ? "" : ",\n", indent, item);
  return text;
}

std::string identity(const Label& of) {
  return fmt::format(R"("home": "{}", "camera": "{}", "tenure": {})", of.home.to_string(),
                     of.camera.to_string(), to_number(of.tenure));
}

std::string identity(const StreamLabel& of) {
  return fmt::format(R"({}, "stream": {})", identity(of.label), to_number(of.stream));
}

Buffer copy_with(ByteView bytes, const std::function<void(Buffer&)>& change) {
  Buffer made = fixture::copy_of(bytes);
  change(made);
  return made;
}

std::string key_vectors() {
  fixture::CountingRandom random;
  const Label of = label().label;
  const RootKey root = RootKey::random(random);
  const HomeKey home = HomeKey::random(of.home, random);
  const TenureKey tenure = TenureKey::random(of, random);
  const DayKey day = DayKey::random(of, day_of(kEpoch), random);
  std::vector<std::string> epochs;
  for (const auto& [stream, epoch] : {std::pair(StreamId::Main, kEpoch), std::pair(StreamId::Sub, kEpoch),
                                      std::pair(StreamId::Main, kEpoch + 1)}) {
    epochs.push_back(fmt::format(R"({{"stream": {}, "epoch": {}, "key": "{}"}})", to_number(stream), epoch,
                                 encode_hex(day.epoch_key(stream, epoch)->view())));
  }
  return fmt::format(
      "    \"root\": {{\"key\": \"{}\", \"check\": \"{}\"}},\n"
      "    \"home\": {{\"home\": \"{}\", \"key\": \"{}\",\n      \"wrapped\": \"{}\",\n"
      "      \"derived\": {{\"purpose\": \"credentials\", \"key\": \"{}\"}}}},\n"
      "    \"tenure\": {{{}, \"key\": \"{}\",\n      \"wrapped\": \"{}\"}},\n"
      "    \"day\": {{{}, \"day\": {}, \"key\": \"{}\",\n      \"wrapped\": \"{}\"}},\n"
      "    \"epochs\": [\n{}\n    ]",
      encode_hex(root.view()), encode_hex(root.check_value()), of.home.to_string(), encode_hex(home.view()),
      encode_hex(root.wrap(home, random)), encode_hex(home.derive("credentials").view()), identity(of),
      encode_hex(tenure.view()), encode_hex(home.wrap(tenure, random).value()), identity(of), day.day(),
      encode_hex(day.view()), encode_hex(tenure.wrap(day, random).value()), join(epochs, "      "));
}

std::string block_vector(std::string_view name, const Block& block, ByteView plaintext) {
  const BlockHeader& header = block.header();
  const EpochKey key = fixture::epoch_key(header.label, header.epoch);
  return fmt::format(
      "{{\"name\": \"{}\", \"epoch_key\": \"{}\",\n"
      "      \"kind\": {}, \"flags\": {}, {}, \"epoch\": {}, \"sequence\": {}, \"capture_us\": {},\n"
      "      \"salt\": \"{}\", \"previous\": \"{}\", \"chunk\": {},\n"
      "      \"plaintext\": \"{}\",\n      \"bytes\": \"{}\"}}",
      name, encode_hex(key.view()), std::to_underlying(header.kind), header.flags, identity(header.label),
      header.epoch, header.sequence, to_us(header.capture), encode_hex(header.salt),
      encode_hex(header.previous), header.chunk, encode_hex(plaintext), encode_hex(block.bytes()));
}

std::string block_vectors() {
  fixture::Bench bench(label(), 1000);
  fixture::Bench sub(label(0xa1, 0xc1, 7, StreamId::Sub), 1);
  const auto video = as_bytes("an access unit");
  const Buffer blocks_of_aes(48, 0x42);
  const auto block = [](fixture::Bench& from, BlockKind kind, std::uint16_t flags, UtcTime capture,
                        ByteView plaintext) {
    return from.sealer.seal(kind, flags, capture, plaintext).value();
  };
  return join({block_vector("a key frame, the first of its sealer",
                            *block(bench, BlockKind::Video, kFlagKeyFrame, kCapture, video), video),
               block_vector("nothing in it, chained to the first",
                            *block(bench, BlockKind::Audio, kFlagDisposable | kFlagGap,
                                   kCapture + Microseconds(40'000), {}),
                            {}),
               block_vector("whole blocks of AES, in the next epoch",
                            *block(bench, BlockKind::Still, 0, kCapture + Seconds(600), blocks_of_aes),
                            blocks_of_aes),
               block_vector("another stream", *block(sub, BlockKind::Recording, 0, kCapture, video), video)},
              "    ");
}

struct Step {
  Buffer bytes;
  std::string_view plaintext;
};

// What an opener of `of` makes of the steps, in this order: the outcomes are those of the code, not written
// by hand.
std::string opening(std::string_view name, const StreamLabel& of, const std::vector<std::uint32_t>& epochs,
                    const std::vector<Step>& steps) {
  Opener opener = fixture::opener(of, epochs);
  std::vector<std::string> keys;
  for (const std::uint32_t epoch : epochs) {
    keys.push_back(fmt::format(R"({{"epoch": {}, "key": "{}"}})", epoch,
                               encode_hex(fixture::epoch_key(of, epoch).view())));
  }
  std::vector<std::string> lines;
  for (const Step& step : steps) {
    std::string_view outcome = "malformed";
    if (const auto block = Block::from_bytes(step.bytes)) {
      const auto clear = opener.open(**block);
      outcome = clear ? "opened" : to_string(clear.error());
    }
    const std::string text = outcome == "opened"
                                 ? fmt::format(R"("plaintext": "{}", )", encode_hex(as_bytes(step.plaintext)))
                                 : "";
    lines.push_back(
        fmt::format(R"({{"outcome": "{}", {}"bytes": "{}"}})", outcome, text, encode_hex(step.bytes)));
  }
  return fmt::format("{{\"name\": \"{}\", {},\n      \"keys\": [\n{}],\n      \"steps\": [\n{}]}}", name,
                     identity(of), join(keys, "        "), join(lines, "        "));
}

struct Field {
  std::string_view name;
  std::size_t offset;
};
constexpr Field kFields[] = {
    {"magic", 0},        {"suite", 4},        {"kind", 5},       {"flags", 7},   {"home", 8},
    {"camera", 39},      {"tenure", 47},      {"stream", 51},    {"epoch", 55},  {"sequence", 63},
    {"capture", 71},     {"salt", 72},        {"previous", 103}, {"chunk", 107}, {"plaintext length", 111},
    {"commitment", 112}, {"ciphertext", 144}, {"tag", 173}};

std::string altered_openings() {
  const BlockPtr block = fixture::Bench().seal("an access unit");
  std::vector<std::string> made;
  for (const Field& field : kFields) {
    const Buffer bytes = copy_with(block->bytes(), [&](Buffer& all) { all[field.offset] ^= 1; });
    made.push_back(opening(fmt::format("altered: {}", field.name), label(), {kEpoch}, {{bytes, ""}}));
  }
  const Buffer painted = copy_with(block->bytes(), [](Buffer& all) { all[5] = 2; });
  made.push_back(opening("altered: kind, to another that exists", label(), {kEpoch}, {{painted, ""}}));
  const Buffer cut = copy_with(block->bytes(), [](Buffer& all) { all.pop_back(); });
  made.push_back(opening("truncated", label(), {kEpoch}, {{cut, ""}}));
  const Buffer cut_and_told = copy_with(block->bytes(), [](Buffer& all) {
    all.pop_back();
    --all[111];
  });
  made.push_back(opening("truncated, and its length with it", label(), {kEpoch}, {{cut_and_told, ""}}));
  return join(made, "    ");
}

std::string stranger_openings() {
  std::vector<std::string> made;
  for (const auto& [name, strange] :
       {std::pair("another home", label(0xa2)), std::pair("another camera", label(0xa1, 0xc2)),
        std::pair("another tenure", label(0xa1, 0xc1, 8)),
        std::pair("another stream", label(0xa1, 0xc1, 7, StreamId::Sub))}) {
    const BlockPtr block = fixture::Bench(strange).seal("somebody else's");
    made.push_back(
        opening(fmt::format("of {}", name), label(), {kEpoch}, {{fixture::copy_of(block->bytes()), ""}}));
  }
  const BlockPtr later = fixture::Bench().seal("later", kCapture + Seconds(600));
  made.push_back(
      opening("of an epoch without a key", label(), {kEpoch}, {{fixture::copy_of(later->bytes()), ""}}));
  return join(made, "    ");
}

std::string sequence_openings() {
  fixture::Bench bench;
  const auto sealed = [&](std::string_view text, std::int64_t seconds = 0) {
    return Step{fixture::copy_of(bench.seal(text, kCapture + Seconds(seconds))->bytes()), text};
  };
  const auto from = [](std::uint64_t sequence, std::string_view text) {
    return Step{fixture::copy_of(fixture::Bench(label(), sequence).seal(text)->bytes()), text};
  };
  const Step first = sealed("first");
  const Step second = sealed("second, in the next epoch", 600);
  const Step third = sealed("third");
  const Step fourth = sealed("fourth");
  return join({opening("in order, over two epochs, then again", label(), {kEpoch, kEpoch + 1},
                       {first, second, third, second}),
               opening("one is late", label(), {kEpoch, kEpoch + 1}, {first, third, second, second, fourth}),
               opening("the edge of the window of 4096", label(), {kEpoch},
                       {from(5000, "a"), from(905, "b"), from(904, "c")}),
               opening("right after the newest, and not chained to it", label(), {kEpoch},
                       {from(10, "a"), from(11, "b"), from(12, "c")})},
              "    ");
}

}  // namespace

void print_vectors() {
  fmt::print(
      "{{\n  \"format\": \"JSB1\",\n  \"keys\": {{\n{}\n  }},\n  \"blocks\": [\n{}\n  ],\n  \"openings\": "
      "[\n{},\n{},\n{}\n  ]\n}}\n",
      key_vectors(), block_vectors(), stranger_openings(), altered_openings(), sequence_openings());
}

}  // namespace jalousie::seal

int main() { jalousie::seal::print_vectors(); }
