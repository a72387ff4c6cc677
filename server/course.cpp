#include <fmt/format.h>

#include "server/live_names.h"
#include "server/narrow_past.h"

namespace holdfast::server {

std::variant<std::vector<Course>, std::string> LiveNames::course(std::string_view name,
                                                                 std::optional<zones::RrType> type,
                                                                 const Past& past, const GoOn& go_on) const {
  const Look look = this->look(name);
  std::vector<Course> courses;
  for (const Live& live : look.names) {
    const auto mine = narrow(past, live.declaration, look.locations);
    if (const auto* wrong = std::get_if<std::string>(&mine)) return *wrong;
    for (const zones::Family one : live.declaration.families()) {
      if (!type || text(*type) == type_text(live.declaration, one))
        courses.push_back(course(live, one, std::get<Past>(mine), look.locations, go_on));
    }
  }
  return courses;
}

Course LiveNames::course(const Live& live, zones::Family family, const Past& past,
                         const health::Locations& locations, const GoOn& go_on) {
  const LiveDeclaration& declaration = live.declaration;
  Course course{.zone = declaration.zone.text(),
                .name = declaration.name.text(),
                .type = type_text(declaration, family)};
  PastWalk walk(past, go_on);
  std::vector<zones::MemberIndex> good;
  std::optional<zones::Selection> before;
  const auto look = [&](Past::Time now) {
    zones::Selection selection =
        select(declaration.pool, states(live, {walk.verdicts(), walk.overrides(), locations}), family, good);
    if (is_good(selection.rule)) good = selection.members;
    if (before == selection) return;
    course.answers.push_back(
        {now, fmt::format("{} ({})", list(declaration.pool, selection), zones::text(selection))});
    before = std::move(selection);
  };
  look({});
  for (auto next = walk.next(); next; next = walk.next()) {
    walk.step();
    look(*next);
  }
  return course;
}

}  // namespace holdfast::server
