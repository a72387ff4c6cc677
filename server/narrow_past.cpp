#include "server/narrow_past.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/live_names.h"

namespace holdfast::server {

std::variant<Past, std::string> narrow(const Past& past, const LiveDeclaration& declaration,
                                       const health::Locations& locations) {
  std::vector<health::Member> members;
  for (const zones::MemberIndex i : declaration.pool.all()) members.push_back(member_of(declaration, i));
  std::map<health::Subject, bool> known;  // whether it is about one of them
  const auto concerns = [&](const Past::Decision& one) {
    const health::Subject& subject = one.override_.subject;
    const auto [found, is_new] = known.try_emplace(subject, false);
    if (is_new) {
      found->second = std::any_of(members.begin(), members.end(), [&](const health::Member& member) {
        return is_about(subject, member, locations);
      });
    }
    return found->second;
  };
  Past mine{
      .known = past.known, .reloads = past.reloads, .last_reload = past.last_reload, .silence = past.silence};
  std::copy_if(past.decisions.begin(), past.decisions.end(), std::back_inserter(mine.decisions), concerns);
  if (past.changes.size() + 2 * mine.decisions.size() > kMostSteps) {
    return fmt::format("more than {} transitions and overrides of {} are to be gone through", kMostSteps,
                       declaration.name.text());
  }
  mine.first = past.first;
  mine.changes = past.changes;
  return mine;
}

}  // namespace holdfast::server
