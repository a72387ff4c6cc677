#include "server/subjects.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/nearest.h"

namespace holdfast::server {
namespace {

using health::Subject;

constexpr std::size_t kMaxNamed = 10;  // names

const std::string& user(const LiveNameStatus& live) { return live.pool.empty() ? live.name : live.pool; }

/// "; did you mean "shop"?", else "; there are: shop, mail".
std::string hint(std::string_view wrong, const std::set<std::string>& names) {
  const std::vector<std::string_view> words(names.begin(), names.end());
  if (const std::string_view near = config::nearest(wrong, words); !near.empty())
    return fmt::format("; did you mean \"{}\"?", near);
  if (names.empty()) return "; there are none";
  std::string text;
  for (std::size_t i = 0; i < std::min(words.size(), kMaxNamed); ++i)
    text += (text.empty() ? "; there are: " : ", ") + std::string(words[i]);
  return words.size() > kMaxNamed ? fmt::format("{} and {} more", text, words.size() - kMaxNamed) : text;
}

std::string unknown_member(const Subject& subject, const std::vector<LiveNameStatus>& names) {
  std::set<std::string> known;
  const bool is_of_pool = subject.kind == Subject::Kind::member_of_pool;
  for (const LiveNameStatus& live : names) {
    for (const MemberStatus& member : live.members) {
      if (!is_of_pool || member.pool == subject.name)
        known.insert(member.name.empty() ? member.address.to_string() : member.name);
    }
  }
  const std::string wrong = subject.address ? subject.address->to_string() : subject.member;
  return is_of_pool ? fmt::format("{} is no member of {}{}", wrong, subject.name, hint(wrong, known))
                    : fmt::format("{} is no member of any pool{}", wrong, hint(wrong, known));
}

/// "shop/www.example.net" is read as the name of a pool, since some have a slash in theirs.
std::optional<Subject> as_member(const Subject& pool, const std::vector<LiveNameStatus>& names) {
  const std::string said = as_said(pool.name);
  for (const LiveNameStatus& live : names) {
    for (const MemberStatus& member : live.members) {
      if (!member.name.empty() && as_said(member.pool + "/" + member.name) == said)
        return Subject{Subject::Kind::member_of_pool, member.pool, std::nullopt, member.name};
    }
  }
  return std::nullopt;
}

std::string unknown_pool(const std::string& name, const std::vector<LiveNameStatus>& names) {
  std::set<std::string> users;
  for (const LiveNameStatus& live : names) {
    if (!live.pool.empty() && (live.name == name || live.name == name + "."))
      return fmt::format("{} answers from the pool {}; say that: \"{}\"", live.name, live.pool, live.pool);
    users.insert(user(live));
    for (const MemberStatus& member : live.members) users.insert(member.pool);
  }
  return fmt::format("there is no pool, and no live name of its own records, \"{}\"{}", name,
                     hint(name, users));
}

}  // namespace

std::string as_said(std::string_view subject) {
  for (const std::string_view mark : {"pool:", "member:"}) {
    if (subject.starts_with(mark)) subject.remove_prefix(mark.size());
  }
  std::string said;
  for (std::size_t i = 0; i < subject.size(); ++i) {
    const char next = i + 1 < subject.size() ? subject[i + 1] : '/';
    const bool is_final = subject[i] == '.' && (next == '/' || next == ':');
    const bool is_capital = 'A' <= subject[i] && subject[i] <= 'Z';
    if (!is_final) said += is_capital ? static_cast<char>(subject[i] - 'A' + 'a') : subject[i];
  }
  return said;
}

std::variant<Subject, std::string> find_subject(std::string_view text,
                                                const std::vector<LiveNameStatus>& names,
                                                const health::Locations& locations) {
  auto subject = health::read_subject(text);
  if (!subject) {
    return "say who: an address (192.0.2.10), that of one pool (shop/192.0.2.10), a name or pool in one "
           "(shop/www.example.net), a pool (shop), or location:NAME";
  }
  const auto is_member = [&](const LiveNameStatus& live) {
    return std::any_of(live.members.begin(), live.members.end(), [&](const MemberStatus& member) {
      return member.name.empty() && member.address == subject->address;
    });
  };
  switch (subject->kind) {
    case Subject::Kind::member:
      if (std::any_of(names.begin(), names.end(), is_member)) return *subject;
      return unknown_member(*subject, names);
    case Subject::Kind::location: {
      std::set<std::string> places;
      for (const health::LocationSettings& place : locations.all()) places.insert(place.name);
      for (const LiveNameStatus& live : names) {
        for (const MemberStatus& member : live.members) {
          if (!member.location.empty() && locations.is_in(member.location, subject->name)) return *subject;
        }
      }
      if (places.count(subject->name) != 0) return "no member is in the location " + subject->name;
      return fmt::format("there is no location \"{}\"{}", subject->name, hint(subject->name, places));
    }
    case Subject::Kind::pool:
    case Subject::Kind::member_of_pool: break;
  }
  const bool is_any = subject->kind == Subject::Kind::pool;
  for (const std::string& name : {subject->name, subject->name + "."}) {
    bool is_known = false;
    for (const LiveNameStatus& live : names) {
      is_known = is_known || user(live) == name;
      for (const MemberStatus& member : live.members) {
        if (member.pool != name) continue;
        is_known = true;
        const bool is_it = subject->address ? member.name.empty() && member.address == *subject->address
                                            : !member.name.empty() && member.name == subject->member;
        if (!is_any && !is_it) continue;
        subject->name = name;
        return *subject;
      }
    }
    if (!is_known) continue;
    subject->name = name;
    if (is_any) return *subject;
    return unknown_member(*subject, names);
  }
  if (const auto member = as_member(*subject, names)) return *member;
  return unknown_pool(subject->name, names);
}

}  // namespace holdfast::server
