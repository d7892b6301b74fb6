#include "identity/reed_solomon.h"

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace jalousie::identity {
namespace {

struct Field {
  std::array<std::uint8_t, 512> power{};
  std::array<std::uint8_t, 256> logarithm{};
};

constexpr Field make_field() {
  Field field;
  unsigned value = 1;
  for (unsigned i = 0; i < 255; ++i) {
    field.power[i] = field.power[i + 255] = static_cast<std::uint8_t>(value);
    field.logarithm[value] = static_cast<std::uint8_t>(i);
    value <<= 1;
    if (value & 0x100) value ^= 0x11d;
  }
  return field;
}

constexpr Field kField = make_field();

std::uint8_t times(std::uint8_t a, std::uint8_t b) {
  if (a == 0 || b == 0) return 0;
  return kField.power[static_cast<std::size_t>(kField.logarithm[a]) + kField.logarithm[b]];
}

std::uint8_t inverse(std::uint8_t a) { return kField.power[255u - kField.logarithm[a]]; }

/// 2 to the power `exponent`, of either sign.
std::uint8_t power_of_two(int exponent) {
  return kField.power[static_cast<std::size_t>((exponent % 255 + 255) % 255)];
}

using Polynomial = std::array<std::uint8_t, kWordBytes + 2>;  // lowest power first

std::uint8_t evaluate(const Polynomial& polynomial, std::uint8_t at) {
  std::uint8_t value = 0;
  for (auto i = polynomial.size(); i-- > 0;) value = times(value, at) ^ polynomial[i];
  return value;
}

Polynomial times_x(const Polynomial& polynomial) {
  Polynomial shifted{};
  std::copy(polynomial.begin(), polynomial.end() - 1, shifted.begin() + 1);
  return shifted;
}

Polynomial scaled(Polynomial polynomial, std::uint8_t factor) {
  for (auto& coefficient : polynomial) coefficient = times(coefficient, factor);
  return polynomial;
}

Polynomial sum(Polynomial a, const Polynomial& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] ^= b[i];
  return a;
}

std::size_t degree(const Polynomial& polynomial) {
  for (auto i = polynomial.size(); i-- > 1;) {
    if (polynomial[i] != 0) return i;
  }
  return 0;
}

Polynomial syndromes_of(ByteView word, std::size_t parity) {
  Polynomial syndromes{};
  for (std::size_t j = 0; j < parity; ++j) {
    std::uint8_t value = 0;
    for (const auto symbol : word) value = times(value, power_of_two(static_cast<int>(j))) ^ symbol;
    syndromes[j] = value;
  }
  return syndromes;
}

bool is_zero(const Polynomial& polynomial) {
  return std::all_of(polynomial.begin(), polynomial.end(), [](auto c) { return c == 0; });
}

int exponent_of(std::size_t length, std::size_t position) { return static_cast<int>(length - 1 - position); }

/// Berlekamp-Massey, begun with the locator of the erasures (Blahut, "Algebraic Codes for Data
/// Transmission", 7.4).
Polynomial locator_of(const Polynomial& syndromes, std::size_t parity, const Polynomial& erasures,
                      std::size_t erased) {
  auto locator = erasures;
  auto previous = erasures;
  auto length = erased;
  for (auto r = erased + 1; r <= parity; ++r) {
    std::uint8_t discrepancy = 0;
    for (std::size_t i = 0; i < r; ++i) discrepancy ^= times(locator[i], syndromes[r - 1 - i]);
    if (discrepancy == 0) {
      previous = times_x(previous);
      continue;
    }
    const auto next = sum(locator, scaled(times_x(previous), discrepancy));
    if (2 * length <= r + erased - 1) {
      previous = scaled(locator, inverse(discrepancy));
      length = r + erased - length;
    } else {
      previous = times_x(previous);
    }
    locator = next;
  }
  return locator;
}

/// Forney's formula for a locator whose roots all lie in the word; how many roots there were.
std::size_t correct(MutableBytes word, std::size_t parity, const Polynomial& syndromes,
                    const Polynomial& locator) {
  Polynomial evaluator{};
  for (std::size_t i = 0; i < parity; ++i) {
    for (std::size_t j = 0; j <= i; ++j) evaluator[i] ^= times(syndromes[j], locator[i - j]);
  }
  Polynomial derivative{};
  for (std::size_t i = 1; i < locator.size(); i += 2) derivative[i - 1] = locator[i];
  std::size_t roots = 0;
  for (std::size_t position = 0; position < word.size(); ++position) {
    const auto exponent = exponent_of(word.size(), position);
    const auto at = power_of_two(-exponent);
    if (evaluate(locator, at) != 0) continue;
    ++roots;
    const auto slope = evaluate(derivative, at);
    if (slope == 0) return 0;
    word[position] ^= times(power_of_two(exponent), times(evaluate(evaluator, at), inverse(slope)));
  }
  return roots;
}

}  // namespace

void add_parity(MutableBytes word, std::size_t parity) {
  JAL_ASSERT(word.size() <= kWordBytes && parity < word.size());
  Polynomial generator{1};
  for (std::size_t i = 0; i < parity; ++i) {
    generator = sum(times_x(generator), scaled(generator, power_of_two(static_cast<int>(i))));
  }
  std::array<std::uint8_t, kWordBytes> rest{};  // of the division by the generator, highest power first
  const auto data = word.size() - parity;
  for (std::size_t i = 0; i < data; ++i) {
    const auto factor = static_cast<std::uint8_t>(word[i] ^ rest[0]);
    std::copy(rest.begin() + 1, rest.begin() + static_cast<std::ptrdiff_t>(parity), rest.begin());
    rest[parity - 1] = 0;
    for (std::size_t j = 0; j < parity; ++j) rest[j] ^= times(factor, generator[parity - 1 - j]);
  }
  std::copy_n(rest.begin(), parity, word.begin() + static_cast<std::ptrdiff_t>(data));
}

std::optional<std::size_t> repair(MutableBytes word, std::size_t parity,
                                  std::span<const std::size_t> erased) {
  JAL_ASSERT(word.size() <= kWordBytes && parity < word.size());
  if (erased.size() > parity) return std::nullopt;
  const auto syndromes = syndromes_of(word, parity);
  if (is_zero(syndromes)) return 0;
  Polynomial erasures{1};
  for (const auto position : erased) {
    JAL_ASSERT(position < word.size());
    erasures = sum(erasures, scaled(times_x(erasures), power_of_two(exponent_of(word.size(), position))));
  }
  const auto locator = locator_of(syndromes, parity, erasures, erased.size());
  const auto found = degree(locator);
  if (found < erased.size() || 2 * (found - erased.size()) + erased.size() > parity) return std::nullopt;
  std::array<std::uint8_t, kWordBytes> copy{};
  std::copy(word.begin(), word.end(), copy.begin());
  const auto repaired = MutableBytes(copy).first(word.size());
  if (correct(repaired, parity, syndromes, locator) != found || !is_zero(syndromes_of(repaired, parity))) {
    return std::nullopt;
  }
  std::copy(repaired.begin(), repaired.end(), word.begin());
  return found - erased.size();
}

}  // namespace jalousie::identity
