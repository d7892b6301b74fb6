#include "config/file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <toml++/toml.h>
#include <tuple>

#include <fmt/format.h>

namespace jalousie::config {

namespace {

std::string place(std::string_view name, const toml::source_region& source) {
  return source.begin ? fmt::format("{}:{}", name, source.begin.line) : std::string(name);
}

Result<Value> value_of(const toml::node& node) {
  if (const auto* flag = node.as_boolean()) return Value(flag->get());
  if (const auto* number = node.as_integer()) return Value(number->get());
  if (const auto* text = node.as_string()) return Value(text->get());
  const toml::array* array = node.as_array();
  if (array == nullptr) return fail(ErrorKind::InvalidArgument, "no setting is a date, a time or a fraction");
  std::vector<std::string> items;
  for (const toml::node& item : *array) {
    const auto* text = item.as_string();
    if (text == nullptr)
      return fail(ErrorKind::InvalidArgument, "expected a list of texts, like [\"a\", \"b\"]");
    items.push_back(text->get());
  }
  return Value(std::move(items));
}

// As deep as check_lines() lets a file nest its tables.
void flatten(const toml::table& table, const std::string& prefix, std::string_view file,
             std::vector<FileEntry>& into) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const toml::table* inner = node.as_table()) {
      if (inner->empty()) continue;
      flatten(*inner, name + ".", file, into);
    } else {
      into.push_back({name, place(file, node.source()), node.source().begin.line, value_of(node)});
    }
  }
}

Result<> check_lines(std::string_view text, std::string_view name) {
  unsigned line = 1;
  for (std::size_t begin = 0; begin < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end - begin > kConfigLineBytes)
      return fail(ErrorKind::ResourceExhausted,
                  fmt::format("{}:{}: a line of more than {} bytes", name, line, kConfigLineBytes));
    begin = end + 1;
  }
  return {};
}

}  // namespace

Result<std::vector<FileEntry>> parse_config(std::string_view text, std::string_view name) {
  if (text.size() > kConfigFileBytes)
    return fail(ErrorKind::ResourceExhausted,
                fmt::format("{}: larger than 1 MiB; no configuration is", name));
  TRY_VOID(check_lines(text, name));
  try {
    const toml::table root = toml::parse(text);
    std::vector<FileEntry> entries;
    flatten(root, "", name, entries);
    // The library has them by name.
    std::ranges::sort(entries, [](const FileEntry& one, const FileEntry& other) {
      return std::tie(one.line, one.name) < std::tie(other.line, other.name);
    });
    return entries;
  } catch (const toml::parse_error& refused) {
    return fail(ErrorKind::InvalidArgument,
                fmt::format("{}: {}", place(name, refused.source()), refused.description()));
  }
}

Result<std::vector<FileEntry>> read_config(const std::string& path) {
  std::error_code problem;
  if (!std::filesystem::exists(path, problem))
    return fail(ErrorKind::NotFound, fmt::format("{}: there is no such file", path));
  std::ifstream file(path, std::ios::binary);
  std::string text(kConfigFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (!file.is_open() || file.bad() || std::filesystem::is_directory(path, problem))
    return fail(ErrorKind::Unavailable, fmt::format("{}: cannot be read", path));
  return parse_config(text, path);
}

}  // namespace jalousie::config
