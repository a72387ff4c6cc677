#include "server/last_good.h"

#include <sstream>
#include <string_view>

namespace holdfast::server {
namespace {

constexpr std::string_view kLastGood = "last-good ";

}  // namespace

std::string subject_of_last_good(const std::string& name) { return std::string(kLastGood) + name; }

health::KeptNote note_of(const LastGood& good) {
  std::string text = good.pool;
  for (const std::string& member : good.members) text += ' ' + member;
  return {subject_of_last_good(good.name), std::move(text)};
}

std::vector<LastGood> read_last_good(const std::vector<health::KeptNote>& notes) {
  std::vector<LastGood> all;
  for (const health::KeptNote& note : notes) {
    if (!note.subject.starts_with(kLastGood)) continue;
    LastGood good{.name = note.subject.substr(kLastGood.size()), .pool = {}, .members = {}};
    std::istringstream words(note.text);
    words >> good.pool;
    for (std::string word; words >> word;) good.members.push_back(std::move(word));
    all.push_back(std::move(good));
  }
  return all;
}

}  // namespace holdfast::server
