#include "server/transfer/keys.h"

#include <iterator>

#include "server/transfer/key_file.h"

namespace holdfast::server {
namespace {

std::vector<SharedKey> values(const std::map<std::string, SharedKey, std::less<>>& keys) {
  std::vector<SharedKey> all;
  for (const auto& [section, key] : keys) all.push_back(key);
  return all;
}

}  // namespace

Keys::Keys(std::map<std::string, SharedKey, std::less<>> keys)
    : by_section_(std::move(keys)), ring_(values(by_section_)) {}

SharedKey Keys::find(std::string_view name) const noexcept {
  const auto found = by_section_.find(name);
  return found == by_section_.end() ? nullptr : found->second;
}

LoadedKeys load_keys(std::span<const zones::KeySettings> settings) {
  LoadedKeys loaded;
  std::map<std::string, SharedKey, std::less<>> keys;
  std::map<zones::Name, std::string> files;
  for (const zones::KeySettings& one : settings) {
    LoadedKey key = load_key(one.file);
    loaded.problems.insert(loaded.problems.end(), std::make_move_iterator(key.problems.begin()),
                           std::make_move_iterator(key.problems.end()));
    if (!key.key) continue;
    const auto [first, is_new] = files.emplace(key.key->name(), one.file);
    if (is_new) {
      keys.emplace(one.name, std::move(key.key));
    } else {
      loaded.problems.push_back({one.file, 0, zones::Problem::Severity::error,
                                 "has the key " + first->first.text() + ", as " + first->second +
                                     " has; messages only tell the name, so give one of them another"});
    }
  }
  loaded.keys = Keys(std::move(keys));
  return loaded;
}

}  // namespace holdfast::server
